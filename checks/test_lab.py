"""A real JupyterLab with a live kernel: the figure that is pre-drawn in the book is live there.

The stored output has no widget in it; running the cell makes one, and moving its slider calls
`draw` for a value that was never drawn beforehand.
"""

import re
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks.binder import Server

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab that serves a copy of the notebooks."""
    folder = tmp_path_factory.mktemp("lab")
    for lang in ("ko", "en"):
        shutil.copytree(ROOT / "book" / lang, folder / lang)
    server = Server(folder, sys.executable, folder)
    yield server.address
    server.close()


@pytest.mark.parametrize(("lang", "words"), [("en", "the tangent has slope"), ("ko", "미분계수는")])
def test_an_interactive_figure_is_live(browser, lab, lang, words):
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    page.goto(f"{lab}/lab/tree/{lang}/02-sigmoid.ipynb?reset", timeout=120_000)
    page.wait_for_selector(".jp-Notebook-cell", timeout=120_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=120_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Run All Cells")).click()
    slider = page.locator(".jp-OutputArea-output .widget-slider").first
    slider.wait_for(state="attached", timeout=180_000)  # below the fold it is not visible yet
    slider.scroll_into_view_if_needed()
    figure = page.locator(".widget-vbox").first
    picture = figure.locator("svg").first
    picture.wait_for()
    before, said = picture.inner_html(), figure.locator("p").first.inner_text()
    assert words in said
    handle = slider.locator(".noUi-handle").first
    handle.click()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([figure, said]) => figure.querySelector('p').innerText !== said",
        arg=[figure.element_handle(), said],
        timeout=30_000,
    )
    assert picture.inner_html() != before
    assert words in figure.locator("p").first.inner_text()
    assert page.locator(".jp-OutputArea-output figure.explore").count() == 0, "the widget is shown"
    page.context.close()
