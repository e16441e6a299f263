"""Every interactive figure of the built book, in a real browser from disk: mouse, keyboard, touch.

What the page shows is compared with what `lib` stored in the notebook, frame by frame; that the
stored frames are what `lib` draws today is nbval's part.
"""

import itertools
import json
import re

import nbformat
import pytest
from conftest import HTML, painted
from playwright.sync_api import expect

from lib.widgets import MOST_FRAMES

SOURCES = sorted((HTML / "_sources" / "book").glob("*/*.ipynb"))


def figures():
    """(page, number on the page, the stored markup) of every interactive figure."""
    for source in SOURCES:
        stored = [
            output["data"]["text/html"]
            for cell in nbformat.read(source, 4).cells
            for output in cell.get("outputs", [])
            if output.get("data", {}).get("text/html", "").startswith('<figure class="explore"')
        ]
        page = f"book/{source.parent.name}/{source.stem}.html"
        for number, markup in enumerate(stored):
            yield page, number, markup


FIGURES = list(figures())
EXPLORE = [f for f in FIGURES if 'data-script="explore"' in f[2]]
every_figure = pytest.mark.parametrize(
    ("page_name", "number", "markup"), EXPLORE, ids=[f"{p}-{n}" for p, n, _ in EXPLORE]
)


def facts(markup):
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', markup)[1])


def frame(markup, number):
    """The numbers of the pieces of one frame."""
    data = facts(markup)
    numbers = list(data["first"])
    changes = data["frames"][number]
    for slot, piece in zip(changes[::2], changes[1::2], strict=True):
        numbers[slot] = piece
    return [piece for piece in numbers if piece is not None]


# The page's own pieces and the stored ones, both as the browser writes them, attributes in
# alphabetical order.
WRITTEN = """const written = (piece) => {
    const copy = piece.cloneNode(true);
    for (const element of copy.querySelectorAll('*')) {
        const known = [...element.attributes].map(a => [a.name, a.value]).sort();
        for (const [name] of known) element.removeAttribute(name);
        for (const [name, value] of known) element.setAttribute(name, value);
    }
    return copy.innerHTML;
};"""
SHOWN = f"""(figure) => {{ {WRITTEN}
    return [...figure.querySelectorAll('svg > g')].map(written); }}"""
PARSED = f"""(pieces) => {{ {WRITTEN}
    return pieces.map(piece => {{
        const g = document.createElementNS('http://www.w3.org/2000/svg', 'g');
        g.innerHTML = piece; return written(g); }}); }}"""


def expected(page, markup, number):
    data = facts(markup)
    first = dict(zip(data["first"], page.started, strict=True))
    pieces = [first[n] if n in first else data["pieces"][n] for n in frame(markup, number)]
    return page.evaluate(PARSED, pieces)


def opened(open_page, page_name, number, size="desk"):
    page = open_page(page_name, size)
    figure = page.locator("figure.explore").nth(number)
    figure.scroll_into_view_if_needed()
    page.started = figure.evaluate(SHOWN)
    return page, figure


def assert_shows(page, figure, markup, number):
    shown = [piece for piece in figure.evaluate(SHOWN) if piece]
    assert shown == [piece for piece in expected(page, markup, number) if piece]
    said = facts(markup)["says"][number]
    expect(figure.locator("figcaption")).to_have_text(said, use_inner_text=True)


def test_there_are_interactive_figures():
    assert len(EXPLORE) >= 8 and {page[:7] for page, *_ in EXPLORE} == {"book/ko", "book/en"}


# Every frame in one go: set the controls as a reader would leave them, and look.
ALL = (
    "(figure, frames) => {"
    + WRITTEN
    + """
    const controls = [...figure.querySelectorAll('[data-choice]')];
    return frames.map(values => {
        controls.forEach((control, i) => {
            if (control.type === 'checkbox') control.checked = values[i] === 1;
            else control.value = values[i];
        });
        figure.dispatchEvent(new Event('input'));
        return [[...figure.querySelectorAll('svg > g')].map(written).filter(Boolean),
                figure.querySelector('figcaption').textContent];
    });
}"""
)


@every_figure
def test_every_frame_is_the_stored_one(open_page, page_name, number, markup):
    page, figure = opened(open_page, page_name, number)
    controls = figure.locator("[data-choice]")
    sizes = controls.evaluate_all("all => all.map(c => +c.dataset.choice)")
    frames = list(itertools.product(*map(range, sizes)))
    assert len(frames) == len(facts(markup)["frames"]) <= MOST_FRAMES
    shown = figure.evaluate(ALL, frames)
    for k, (pieces, said) in enumerate(shown):
        assert pieces == [piece for piece in expected(page, markup, k) if piece]
        assert said == facts(markup)["says"][k]
    assert page.trouble == []


@every_figure
def test_the_keyboard_moves_every_control(open_page, page_name, number, markup):
    page, figure = opened(open_page, page_name, number)
    for control in figure.locator("[data-choice]").all():
        size = int(control.get_attribute("data-choice"))
        for value in {0, 1, size - 2} & set(range(size)):
            set_by_keyboard(control, value)
            assert_shows(page, figure, markup, number_shown(figure))
        page.keyboard.press("Tab")
        assert not control.evaluate("c => c === document.activeElement"), "no way out"


def set_by_keyboard(control, value):
    """Arrow keys until the control stands where it should; space for a box."""
    kind = control.evaluate("c => c.type")
    if kind == "checkbox":
        if control.is_checked() != bool(value):
            control.press("Space")
        return
    at = int(control.input_value())
    key = "ArrowRight" if kind == "range" else "ArrowDown"
    back = "ArrowLeft" if kind == "range" else "ArrowUp"
    for _ in range(abs(value - at)):
        control.press(key if value > at else back)
    assert int(control.input_value()) == value


def number_shown(figure):
    """The number of the frame that the controls ask for."""
    number = 0
    for control in figure.locator("[data-choice]").all():
        box = control.evaluate("c => c.type") == "checkbox"
        value = control.is_checked() if box else control.input_value()
        number = number * int(control.get_attribute("data-choice")) + int(value)
    return number


@every_figure
@pytest.mark.parametrize("size", ["desk", "phone"])
def test_mouse_and_finger_move_the_sliders(open_page, page_name, number, markup, size):
    page, figure = opened(open_page, page_name, number, size)
    for label in figure.locator("label.slider").all():
        slider, output = label.locator("input"), label.locator("output")
        box = slider.bounding_box()
        assert box["height"] >= 44 or size == "desk", "too small for a finger"
        for share, end in ((0.99, int(slider.get_attribute("data-choice")) - 1), (0.01, 0)):
            place = {"x": box["width"] * share, "y": box["height"] / 2}
            (slider.tap if size == "phone" else slider.click)(position=place)
            assert int(slider.input_value()) == end
            assert slider.get_attribute("aria-valuetext") == output.text_content()
            assert_shows(page, figure, markup, number_shown(figure))
    assert page.trouble == []


def test_play_runs_to_the_end_and_stops(open_page):
    page_name, number, markup = next(f for f in EXPLORE if 'data-play="' in f[2])
    page, figure = opened(open_page, page_name, number)
    button = figure.locator("[data-play]")
    control = figure.locator("[data-choice]").nth(int(button.get_attribute("data-runs")))
    size = int(control.get_attribute("data-choice"))
    set_by_keyboard(control, size - 3)
    button.click()
    painted(page)
    assert button.inner_text() == button.get_attribute("data-pause")
    page.wait_for_timeout(2000)
    assert int(control.input_value()) == size - 1
    assert button.inner_text() == button.get_attribute("data-play")


def test_print_shows_the_default_frame(open_page):
    page_name, number, markup = EXPLORE[0]
    page, figure = opened(open_page, page_name, number)
    set_by_keyboard(figure.locator("[data-choice]").first, 0)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert_shows(page, figure, markup, facts(markup)["start"])
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="print")
    assert not figure.locator(".explore-controls").is_visible()
