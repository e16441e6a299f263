"""The markup of a page's text, mended where other extensions leave more, or less, than is needed.

- A span around code that looks like plain code says nothing: most of a page's elements are such.
- A wide table scrolls in a box of its own.
- The first cell of a row is the row's heading: moving down a column of verdicts, one hears whose.
- A heading of a table that is a formula has its text as a name; an empty one is a plain cell.
- The entries of a bibliography are items of the list that they stand in.
- A section says how tall it will be, since a browser does not draw it until the reader comes near.
"""

import re
from html import escape, unescape

from docutils import nodes

from .style import token_styles

_TOKEN = re.compile(r'<span class="([a-z0-9]{1,3})">([^<]*)</span>')
_CODE = re.compile(r'<div class="highlight">.*?</div>', re.DOTALL)
_HEADING = re.compile(r"<th\b([^>]*)>(.*?)</th>", re.DOTALL)
_FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
_ANNOTATION = re.compile(r"<annotation.*?</annotation>", re.DOTALL)
_BLOCK = re.compile(r"</?p>")
_TAG = re.compile(r"<[^>]+>")
# One that an author has put into a box with a stop of its own scrolls there.
_TABLE = re.compile(r'(?<!tabindex="0">)(<table\b.*?</table>)', re.DOTALL)
_ROW = re.compile(r'(<tr class="row-(?:even|odd)">)<td>(.*?)</td>', re.DOTALL)


def plain_code(code: re.Match) -> str:
    styled = token_styles()
    text = code[0].replace("<pre><span></span>", "<pre>")
    return _TOKEN.sub(lambda token: token[0] if token[1] in styled else token[2], text)


def name_heading(cell: re.Match) -> str:
    text = _TAG.sub("", _FORMULA.sub("", cell[2])).strip()
    formula = unescape(_TAG.sub("", _ANNOTATION.sub("", cell[2]))).strip()
    if text:
        return cell[0]
    if not formula:
        return f"<td{cell[1]}>{cell[2]}</td>"
    said = f'<span class="visually-hidden">{escape(formula)}</span>'
    return f'<th{cell[1]}>{said}<span aria-hidden="true">{_BLOCK.sub("", cell[2])}</span></th>'


def mend(html: str) -> str:
    html = _CODE.sub(plain_code, html)
    html = _ROW.sub(r'\1<th scope="row">\2</th>', html)
    html = _HEADING.sub(name_heading, html)
    html = _TABLE.sub(r'<div class="table-scroll">\1</div>', html)
    html = html.replace('role="doc-biblioentry"', 'role="listitem"')
    return html.replace(' role="doc-backlink"', "")


def lines(text: str) -> float:
    """Lines of a column of 46rem that a text fills, where a syllable is as wide as two letters."""
    syllables = sum("가" <= letter <= "힣" for letter in text)
    return (len(text) + syllables) / 85 + 1


def height(section: nodes.section) -> int:
    """The height of a section in pixels, estimated from what it holds, on a wide screen."""
    total = 60
    for part in section.findall():
        if isinstance(part, (nodes.paragraph, nodes.title)):
            total += 27 * lines(part.astext()) + 16
        elif isinstance(part, nodes.literal_block):
            total += 19 * part.astext().count("\n") + 60
        elif isinstance(part, nodes.math_block):
            total += 70
        elif part.tagname == "figure_svg" or isinstance(part, nodes.raw):
            total += 400
    return round(total / 50) * 50


def say_heights(html: str, doctree) -> str:
    for page in doctree.children if doctree else []:
        for section in page.children:
            if isinstance(section, nodes.section):
                begin = f'<section id="{escape(section["ids"][0])}"'
                size = f'style="contain-intrinsic-height:auto {height(section)}px"'
                html = html.replace(f"{begin}>", f"{begin} {size}>", 1)
    return html


def mend_page(app, pagename, templatename, context, doctree):
    if context.get("body"):
        context["body"] = say_heights(mend(context["body"]), doctree)


def connect(app):
    app.connect("html-page-context", mend_page, priority=940)
