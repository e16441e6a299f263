"""The markup of a page's text, mended where other extensions leave more, or less, than is needed.

- A span around code that looks like plain code says nothing: most of a page's elements are such.
- A wide table scrolls in a box of its own.
- The entries of a bibliography are items of the list that they stand in.
"""

import re

from .style import token_styles

_TOKEN = re.compile(r'<span class="([a-z0-9]{1,3})">([^<]*)</span>')
_CODE = re.compile(r'<div class="highlight">.*?</div>', re.DOTALL)
_TABLE = re.compile(r"(<table\b.*?</table>)", re.DOTALL)


def plain_code(code: re.Match) -> str:
    styled = token_styles()
    text = code[0].replace("<pre><span></span>", "<pre>")
    return _TOKEN.sub(lambda token: token[0] if token[1] in styled else token[2], text)


def mend(html: str) -> str:
    html = _CODE.sub(plain_code, html)
    html = _TABLE.sub(r'<div class="table-scroll">\1</div>', html)
    html = html.replace('role="doc-biblioentry"', 'role="listitem"')
    return html.replace(' role="doc-backlink"', "")


def mend_page(app, pagename, templatename, context, doctree):
    if context.get("body"):
        context["body"] = mend(context["body"])


def connect(app):
    app.connect("html-page-context", mend_page, priority=940)
