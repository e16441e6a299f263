"""The whole book of one language as a PDF, printed by Chromium from the built pages.

    python book/pdf.py ko en        (or: nox -s pdf -- ko)

writes `_build/pdf/book-ko.pdf`: a title page, the contents, and every page in the order of the
sidebar. Links between pages lead to their place in the file, folded solutions stand open, and
interactive figures show their first picture. The pages must have been built; nothing is asked from
the network. Needs Chromium.
"""

import re
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path
from posixpath import normpath
from urllib.parse import unquote, urldefrag

from lib.language import LANGUAGES

ROOT = Path(__file__).parents[1]
HTML = ROOT / "_build" / "html"
PDF = ROOT / "_build" / "pdf"

PAPER = """
@page {
  size: A4; margin: 18mm 16mm 20mm;
  @bottom-center { content: counter(page); font: 9pt sans-serif; }
}
:root { color-scheme: light; }
html { scroll-behavior: auto; }
body { font-size: 10pt; }
pre { font-size: 7.5pt; }
article { break-before: page; }
.book-title { padding-top: 35%; text-align: center; }
.book-contents { break-before: page; }
.book-contents li { margin: 0.4em 0; list-style: none; }
"""

_ARTICLE = re.compile(r"<article.*?</article>", re.DOTALL)
_NAV = re.compile(r'<nav id="site-contents".*?</nav>', re.DOTALL)
_LEFT_OUT = re.compile(
    r"<script.*?</script>|<form class=\"claims-filter\".*?</form>", re.DOTALL
)
_NAME = re.compile(
    r' (id|for|aria-labelledby|aria-describedby|aria-controls)="([^"]+)"'
)
_LINK = re.compile(r' href="([^"]*)"')
_PAINT = re.compile(r"url\(#")


def found(pattern: re.Pattern, text: str, what: str, page: Path) -> str:
    if not (match := pattern.search(text)):
        raise ValueError(f"expected {what} in {page}, found none")
    return match[0]


def pages_in_order(language: str) -> list[tuple[str, str]]:
    """(address within the language, title) of each page as the sidebar lists them, index first."""
    index = HTML / "book" / language / "index.html"
    if not index.is_file():
        raise FileNotFoundError(
            f"expected the built page {index}; build the book first"
        )
    text = index.read_text(encoding="utf-8")
    nav = found(_NAV, text, "the contents of the book", index)
    links = re.findall(r'<li><a href="([^"]+)"[^>]*>(.*?)</a>', nav)
    heading = re.sub(
        r"<a class=\"headerlink.*?</a>|<[^>]+>", "", re.search(r"<h1>.*?</h1>", text)[0]
    )
    return [("index.html", heading), *((unquote(href), title) for href, title in links)]


def article(page: Path) -> str:
    """The text of a built page, without what only a script makes use of."""
    text = found(_ARTICLE, page.read_text(encoding="utf-8"), "an article", page)
    return _LEFT_OUT.sub("", text)


def destination(href: str, address: str) -> tuple[str, str]:
    """The page that a link on the page `address` leads to, as an address, and the place there."""
    target, anchor = urldefrag(href)
    return normpath(unquote(target)) if target else address, anchor


def leads_outside(href: str) -> bool:
    """Whether a link names a host. What does not, and is no page of the book, is left out of it:
    a page of the other language, or a file beside the pages."""
    return bool(re.match(r"[a-z]+:", href))


def chapter(language: str, address: str, places: dict[str, str]) -> str:
    """The text of a page, its ids and links made those of the whole file."""
    text = article(HTML / "book" / language / address)
    own = places[address]

    def lead(link: re.Match) -> str:
        target, anchor = destination(link[1], address)
        if target in places:
            return f' href="#{places[target]}{f"-{anchor}" if anchor else ""}"'
        return link[0] if leads_outside(link[1]) else ""

    text = _LINK.sub(lead, text)
    text = _NAME.sub(
        lambda name: (
            f' {name[1]}="{" ".join(f"{own}-{part}" for part in name[2].split())}"'
        ),
        text,
    )
    text = _PAINT.sub(f"url(#{own}-", text).replace("<details>", "<details open>")
    return text.replace("<article", f'<article id="{own}"', 1)


def whole_book(language: str) -> str:
    pages = pages_in_order(language)
    places = {address: f"p{number}" for number, (address, _) in enumerate(pages)}
    index = (HTML / "book" / language / "index.html").read_text(encoding="utf-8")
    chapters = HTML / "book" / language / pages[1][0]
    style = re.search(
        r"<style>(.*?)</style>", chapters.read_text(encoding="utf-8"), re.DOTALL
    )[1]
    style = style.replace("../../_static/", (HTML / "_static").as_uri() + "/")
    word = re.search(r'<nav id="site-contents"[^>]*aria-label="([^"]+)"', index)[1]
    title, *rest = pages
    entries = "".join(f'<li><a href="#{places[a]}">{name}</a></li>' for a, name in rest)
    body = "\n".join(chapter(language, address, places) for address, _ in pages)
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(title[1])}</title><style>{style}{PAPER}</style></head><body>"
        f'<p class="book-title"><strong style="font-size:2em">{title[1]}</strong></p>'
        f'<nav class="book-contents"><h2>{word}</h2><ul>{entries}</ul></nav>{body}</body></html>'
    )


def chromium() -> str:
    """The path of the browser, Chrome for want of Chromium. Raises RuntimeError without either."""
    for name in (
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ):
        if found := shutil.which(name):
            return found
    raise RuntimeError(
        "expected chromium or google-chrome on the PATH (Debian: apt-get install chromium)"
    )


def print_book(language: str) -> Path:
    """Write the book of a language. Raises RuntimeError, with the reason, if Chromium does not."""
    PDF.mkdir(parents=True, exist_ok=True)
    page, book = PDF / f"book-{language}.html", PDF / f"book-{language}.pdf"
    page.write_text(whole_book(language), encoding="utf-8")
    book.unlink(missing_ok=True)
    run = subprocess.run(
        [
            *(chromium(), "--headless", "--no-sandbox", "--no-pdf-header-footer"),
            *("--generate-pdf-document-outline", "--virtual-time-budget=60000"),
            *(f"--print-to-pdf={book}", page.as_uri()),
        ],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=900,
    )
    if run.returncode or not book.is_file():
        raise RuntimeError(f"expected chromium to write {book}: …{run.stderr[-500:]}")
    page.unlink()
    return book


if __name__ == "__main__":
    for language in sys.argv[1:] or LANGUAGES:
        book = print_book(language)
        print(f"{book.relative_to(ROOT)}: {book.stat().st_size / 2**20:.1f} MB")
