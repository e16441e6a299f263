"""The whole book of one language as an EPUB, for readers of electronic books, from the built pages.

    python book/epub.py ko en        (or: nox -s epub -- ko)

writes `_build/epub/book-ko.epub`: every page in the order of the sidebar, with formulas as MathML,
figures as SVG in the colours of the day, links that lead within the book, and the first picture of
each interactive figure with the sentence that reads it. Solutions stay folded where the reader can
fold. The pages must have been built; nothing is asked from the network. Valid by epubcheck 5.
"""

import re
import sys
import tomllib
import zipfile
from datetime import UTC, datetime
from functools import cache
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "_ext")]

from book_site.style import STATIC, colours_by_day  # noqa: E402

import pdf  # noqa: E402
from lib.language import LANGUAGES  # noqa: E402

EPUB = pdf.ROOT / "_build" / "epub"
XHTML, MATHML = "http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML"
SVG, OPS = "http://www.w3.org/2000/svg", "http://www.idpf.org/2007/ops"
NEEDS = {
    "mathml": "math",
    "svg": "svg",
}  # what a reader's program must be able to show, by tag
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'

STYLE = """\
body { line-height: 1.6; word-break: keep-all; overflow-wrap: break-word; }
pre, code { font-family: monospace; font-size: 0.85em; }
pre { white-space: pre-wrap; padding: 0.5em; border-left: 3px solid #1a7f37; }
.cell_output pre { border-left: 0; }
table { border-collapse: collapse; }
td, th { padding: 0.2em 0.5em; border: 1px solid #d1d9e0; text-align: left; }
svg { width: 100%; height: auto; background: #ffffff; }
figure { margin: 1em 0; }
.admonition { margin: 1em 0; padding: 0.3em 1em; border-left: 4px solid #0969da; }
.admonition.exercise { border-left-color: #1a7f37; }
.admonition.solution { border-left-color: #8250df; }
.admonition-title, summary, .claim { font-weight: 600; }
.claim > * { font-weight: normal; }
.math-display { margin: 1em 0; text-align: center; }
.glued { white-space: nowrap; }
.citation > p { display: inline; }
"""

# What is of use on a site only. The controls hold no other element of their own kind.
_LEFT_OUT = re.compile(
    r'<a class="headerlink".*?</a>|<div class="explore-controls".*?</div>'
    r'|<p class="explore-more".*?</pre>',
    re.DOTALL,
)
_STYLE = re.compile(r' style="[^"]*"')
_VARIABLE = re.compile(r"var\((--[\w-]+)(?:, ([^()]*))?\)")
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot);)\w+;")
_BARE = re.compile(r" data-reopens(?=>)")


@cache
def by_day() -> dict[str, str]:
    """What the style sheet of the site says of figures by day: few readers of books know var()."""
    sheet = (STATIC / "book.css").read_text(encoding="utf-8")
    return colours_by_day(sheet) | {
        "--fig-font": "sans-serif",
        "--fig-paper": "transparent",
    }


def value(use: re.Match) -> str:
    """What a variable of the style sheet stands for: by day, or by what is said for want of it."""
    return by_day().get(use[1]) or use[2] or "transparent"


def wrap(styled: ElementTree.Element) -> None:
    """Put an element into an mstyle with its style, which MathML 3 allows nowhere else."""
    inner = ElementTree.Element(styled.tag)
    inner.text, inner[:] = styled.text, styled[:]
    for name in [*styled.keys()]:
        if name not in ("displaystyle", "scriptlevel"):
            inner.set(name, styled.attrib.pop(name))
    styled.tag, styled.text, styled[:] = "mstyle", None, [inner]


def article(page: Path) -> ElementTree.Element:
    """The text of a built page as an element. Raises ValueError, with the page, if it is no XML."""
    text = pdf.article(page)
    for pattern, instead in (
        (_LEFT_OUT, ""),
        (_BARE, ""),
        (_STYLE, lambda style: _VARIABLE.sub(value, style[0])),
        (_NAMED, lambda name: unescape(name[0])),
    ):
        text = pattern.sub(instead, text)
    try:
        element = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"expected well-formed XML in {page}: {error}") from None
    element.tag = "div"  # the book has one article: itself
    for styled in [
        *element.iterfind(".//*[@displaystyle]"),
        *element.iterfind(".//*[@scriptlevel]"),
    ]:
        if styled.tag not in ("math", "mstyle"):
            wrap(styled)
    for tag, namespace in {"math": MATHML, "svg": SVG}.items():
        for inner in element.iter(tag):
            inner.set("xmlns", namespace)
    return element


def lead(element: ElementTree.Element, address: str, names: dict[str, str]) -> None:
    """Make the links of a page those of the book; what the book does not hold is a link no more."""
    for link in element.iter("a"):
        href = link.get("href", "")
        target, anchor = pdf.destination(href, address)
        if target in names:
            link.set("href", names[target] + (f"#{anchor}" if anchor else ""))
        elif not pdf.leads_outside(href):
            link.attrib.pop("href", None)


def chapter(language: str, address: str, title: str, names: dict[str, str]) -> str:
    """A page as XHTML."""
    element = article(pdf.HTML / "book" / language / address)
    lead(element, address, names)
    body = ElementTree.tostring(element, encoding="unicode")
    return (
        f'{HEAD}<html xmlns="{XHTML}" xml:lang="{language}" lang="{language}"><head>'
        f'<title>{escape(title)}</title><link rel="stylesheet" type="text/css" href="book.css"/>'
        f"</head><body>{body}</body></html>"
    )


def contents(language: str, title: str, pages: list[tuple[str, str]]) -> str:
    """The table of contents; `pages` holds (file, title)."""
    rows = "".join(
        f'<li><a href="{quote(name)}">{escape(said)}</a></li>' for name, said in pages
    )
    return (
        f'{HEAD}<html xmlns="{XHTML}" xmlns:epub="{OPS}" xml:lang="{language}" lang="{language}">'
        f'<head><title>{escape(title)}</title></head><body><nav epub:type="toc"><h1>{escape(title)}'
        f"</h1><ol>{rows}</ol></nav></body></html>"
    )


def package(language: str, title: str, texts: dict[str, str]) -> str:
    """The list of all files, with what each needs."""
    project = tomllib.loads((pdf.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    version = project["project"]["version"]
    identifier = uuid5(NAMESPACE_URL, f"{title} {language} {version}")
    items, spine = "", ""
    for number, (name, text) in enumerate(texts.items()):
        needs = [kind for kind, tag in NEEDS.items() if f"<{tag}" in text]
        properties = f' properties="{" ".join(needs)}"' if needs else ""
        items += (
            f'<item id="p{number}" href="{quote(name)}" media-type="application/xhtml+xml"'
            f"{properties}/>"
        )
        spine += f'<itemref idref="p{number}"/>'
    return (
        f'{HEAD}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" '
        f'xml:lang="{language}"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier>'
        f"<dc:title>{escape(title)}</dc:title><dc:language>{language}</dc:language>"
        f"<dc:rights>CC BY 4.0; code: MIT</dc:rights>"
        f'<meta property="dcterms:modified">{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}</meta>'
        '</metadata><manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" '
        'properties="nav"/><item id="css" href="book.css" media-type="text/css"/>'
        f"{items}</manifest><spine>{spine}</spine></package>"
    )


def bind(language: str) -> Path:
    """Write the book of a language. Raises FileNotFoundError where it has not been built."""
    pages = pdf.pages_in_order(language)
    names = {address: f"{Path(address).stem}.xhtml" for address, _ in pages}
    titles = {address: unescape(re.sub("<[^>]+>", "", said)) for address, said in pages}
    texts = {
        names[address]: chapter(language, address, said, names)
        for address, said in titles.items()
    }
    title = titles["index.html"]
    listed = [(names[address], said) for address, said in titles.items()]
    container = (
        f'{HEAD}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="book/package.opf" '
        'media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    EPUB.mkdir(parents=True, exist_ok=True)
    book = EPUB / f"book-{language}.epub"
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        zipped.writestr("META-INF/container.xml", container)
        zipped.writestr("book/package.opf", package(language, title, texts))
        zipped.writestr("book/nav.xhtml", contents(language, title, listed))
        zipped.writestr("book/book.css", STYLE)
        for name, text in texts.items():
            zipped.writestr(f"book/{name}", text)
    return book


if __name__ == "__main__":
    for language in sys.argv[1:] or LANGUAGES:
        book = bind(language)
        print(f"{book.relative_to(pdf.ROOT)}: {book.stat().st_size / 2**20:.1f} MB")
