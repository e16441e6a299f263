"""A browser for the checks, and a page of the book in it, read from disk with the network off.

The book is read from the folder that the environment variable BOOK_HTML names, or from _build/html.
"""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book"))
import pdf  # noqa: E402

HTML = Path(os.environ.get("BOOK_HTML", ROOT / "_build" / "html"))
SIZES = {"phone": (390, 844), "desk": (1440, 900)}


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright  # the comparison with PyTorch needs no browser

    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=pdf.chromium(), args=options)
        yield browser
        browser.close()


def draw_everything(page):
    """Draw what is far from the screen too, which a browser leaves until a reader comes near."""
    page.add_style_tag(content="section, section > * { content-visibility: visible !important }")


def painted(page):
    """Wait until what was done is on the screen: before, a browser may hold it for far away."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.fixture
def open_page(browser):
    """Open a page of the book without a network; console errors and requests elsewhere are kept."""
    contexts = []

    def open_page(name, size="desk", scheme="light"):
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            has_touch=size == "phone",
            color_scheme=scheme,
            offline=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.trouble = []
        page.on("console", lambda m: m.type == "error" and page.trouble.append(m.text))
        page.on("pageerror", lambda e: page.trouble.append(str(e)))
        page.on(
            "request",
            lambda r: r.url.startswith(("file:", "data:")) or page.trouble.append(r.url),
        )
        path, _, query = name.partition("?")
        page.goto((HTML / path).as_uri() + (f"?{query}" if query else ""))
        return page

    yield open_page
    for context in contexts:
        context.close()
