"""The style of a page: the book's own sheet, the colours of code and, where there is an interactive
figure, those of `lib`, without comments and spaces, for the head of the page.

Every colour is written once, as `light-dark(by day, by night)`. For browsers older than that word
the first of the two is written beside it.
"""

import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES, Operator, Text
from sphinx.util import logging

logger = logging.getLogger(__name__)

STATIC = Path(__file__).parents[2] / "_static"
CODE_BY_DAY, CODE_BY_NIGHT = "a11y-high-contrast-light", "a11y-high-contrast-dark"

_FILE = re.compile(r'url\("([^":]+)"\)')
_PAIR = re.compile(r"(--[\w-]+):\s*light-dark\(([^,()]+),[^()]+\)")


def minify(css: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return (
        re.sub(r" ?([{};,>]) ?", r"\1", css)
        .replace(": ", ":")
        .replace(";}", "}")
        .strip()
    )


def colours_by_day(css: str) -> dict[str, str]:
    """By the names that a sheet gives them."""
    return {name: colour.strip() for name, colour in _PAIR.findall(css)}


def for_older_browsers(css: str) -> str:
    """The colours by day, where a browser does not know light-dark()."""
    by_day = ";".join(f"{name}:{day}" for name, day in colours_by_day(css).items())
    return f"@supports not (color:light-dark(red,red)){{:root{{{by_day}}}}}"


@cache
def token_styles() -> dict[str, str]:
    """The style of each short class of Pygments that looks different from plain code.

    Operators are left plain: they are every tenth word of a program and need no colour.
    """
    day, night = (
        {token: style for token, style in get_style_by_name(name)}
        for name in (CODE_BY_DAY, CODE_BY_NIGHT)
    )
    plain = day[Text]["color"], night[Text]["color"]
    found = {}
    for token, short in STANDARD_TYPES.items():
        colours = day[token]["color"], night[token]["color"]
        rules = []
        if None not in colours and colours != plain and token is not Operator:
            rules.append(f"color:light-dark(#{colours[0]},#{colours[1]})")
        if day[token]["bold"]:
            rules.append("font-weight:600")
        if day[token]["italic"]:
            rules.append("font-style:italic")
        if short and rules:
            found[short] = ";".join(rules)
    return found


@cache
def code_style() -> str:
    shared: dict[str, list[str]] = {}
    for short, rules in token_styles().items():
        shared.setdefault(rules, []).append(f".highlight .{short}")
    return "".join(f"{','.join(names)}{{{rules}}}" for rules, names in shared.items())


def page_style(sheets: list[Path], content_root: str, with_code: bool) -> str:
    css = minify("\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets))
    css = css.replace('url("fonts/', f'url("{content_root}_static/fonts/')
    return css + for_older_browsers(css) + (code_style() if with_code else "")


def sheets_by_name(app) -> dict[str, Path]:
    """The style sheets in the folders that the configuration names."""
    folders = [Path(app.confdir, folder) for folder in app.config.html_static_path]
    paths = [path for folder in folders for path in [folder, *folder.glob("*.css")]]
    return {path.name: path for path in paths if path.is_file()}


def pages_of_another_style(app, env) -> list[str]:
    """All pages, to be written again, if a sheet has changed since they were written."""
    sheets = sorted(sheets_by_name(app).items())
    for name, path in sheets:
        for file in _FILE.findall(path.read_text(encoding="utf-8")):
            if not (path.parent / file).is_file():
                logger.warning("%s: expected the file %s, which is missing", name, file)
    digest = sha256(b"".join(path.read_bytes() for _, path in sheets)).hexdigest()
    if getattr(env, "book_style", None) == digest:
        return []
    env.book_style = digest
    return sorted(env.found_docs)


def write(app, pagename, templatename, context, doctree):
    """The sheets that the book's extensions name; those of others are left out."""
    known = sheets_by_name(app)
    names = [Path(str(sheet.filename)).name for sheet in context["css_files"]]
    sheets = [
        known[name] for name in dict.fromkeys([*names, "book.css"]) if name in known
    ]
    code = 'class="highlight' in (context.get("body") or "")
    context["style"] = page_style(sheets, context["content_root"], code)


def connect(app):
    app.connect("env-updated", pages_of_another_style)
    app.connect("html-page-context", write, priority=950)
