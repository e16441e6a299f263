"""Interactive figures: from the input event to the painted frame, beside a live kernel's time.

    python -m benchmarks.figures [PAGE ...]

Opens each page of the built book from disk in headless Chromium with the processor slowed four
times, moves every control through its values, and measures from the event, which falls at the
start of a frame, to the end of that frame's painting. A frame has 16.7 ms. Beside it: what the
browser needs there if one word of the caption changes and nothing else, which is the least that
any move can take on this machine; and what `lib` needs, not slowed, to draw the same figure once,
without the way to the browser and back. PAGE is a chapter such as 02-sigmoid; without one, all.
Needs Playwright and Chromium.
"""

from __future__ import annotations

import gzip
import sys
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path
from time import perf_counter

import matplotlib
import matplotlib.pyplot as plt
import nbformat
import numpy as np
from playwright.sync_api import sync_playwright

from lib import frames, widgets

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book"))
import pdf  # noqa: E402

HTML = ROOT / "_build" / "html"
SLOWED, FRAME = 4, 1000 / 60

MOVE = """async (figure) => {
    const controls = [...figure.querySelectorAll('[data-choice]')];
    const caption = figure.querySelector('figcaption'), said = caption.textContent;
    const painted = (change) => new Promise(done => requestAnimationFrame(() => {
        const begin = performance.now();
        change();
        const after = new MessageChannel();
        after.port1.onmessage = () => done(performance.now() - begin);
        requestAnimationFrame(() => {});
        after.port2.postMessage(0);
    }));
    const move = (control, value) => () => {
        if (control.type === 'checkbox') control.checked = value === 1;
        else control.value = value;
        control.dispatchEvent(new Event('input', {bubbles: true}));
    };
    const times = [], words = [];
    for (let round = 0; round < 3; round++)
        for (const control of controls) {
            control.focus({preventScroll: true});  // as a hand or a keyboard would
            await new Promise(done => setTimeout(done, 100));
            for (let value = 0; value < control.dataset.choice; value++)
                times.push(await painted(move(control, value)));
        }
    for (let word = 0; word < 60; word++)
        words.push(await painted(() => { caption.textContent = `${said} ${word}`; }));
    caption.textContent = said;
    return [times, words];
}"""


def in_the_page(names: list[str]):
    """Each interactive figure: page, number, script, ms of moves, ms of words, compressed size."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=pdf.chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
        for name in names:
            page.goto((HTML / "book" / "en" / f"{name}.html").as_uri())
            for number, figure in enumerate(page.locator("figure.explore").all()):
                figure.scroll_into_view_if_needed()
                size = len(gzip.compress(figure.evaluate("f => f.outerHTML").encode()))
                drawn_by = figure.get_attribute("data-script")
                yield name, number, drawn_by, *figure.evaluate(MOVE), size
        browser.close()


def with_a_kernel(name: str) -> list[float]:
    """Milliseconds to draw the first picture of each `explore` figure of a chapter."""
    captured = []

    def capture(draw, *, start=None, play=None, only=(), rows=1, figsize=None, **choices):
        values = {key: values[0] for key, values in choices.items()} | (start or {})
        times = []
        for _ in range(5):
            begin = perf_counter()
            (figure,), _ = frames.figures(draw, [values], rows, figsize)
            frames.svg_of(figure)
            times.append(1000 * (perf_counter() - begin))
        captured.append(float(np.median(times)))

    notebook = nbformat.read(ROOT / "book" / "en" / f"{name}.ipynb", 4)
    source = "\n".join(c.source for c in notebook.cells if c.cell_type == "code")
    matplotlib.use("svg")
    real, widgets.explore = widgets.explore, capture
    try:
        with redirect_stdout(StringIO()), chdir(ROOT / "book" / "en"):
            exec(compile(source, name, "exec"), {"__name__": name})
    finally:
        widgets.explore = real
        plt.close("all")
    return captured


def main(names: list[str]) -> None:
    built = sorted(p.stem for p in (HTML / "book" / "en").glob("*.html"))
    if not built:
        sys.exit("benchmarks.figures: expected the built book; run jupyter-book build . first")
    if unknown := [name for name in names if name not in built]:
        sys.exit(f"benchmarks.figures: expected pages of {', '.join(built)}; given {unknown[0]!r}")
    pages = names or built
    print(f"processor slowed {SLOWED} times; a frame has {FRAME:.1f} ms; kernel not slowed")
    print(
        f"{'figure':34s} {'moves':>5s} {'median':>7s} {'95%':>7s} {'word':>7s} {'KB':>5s} "
        f"{'kernel':>7s}"
    )
    kernels: dict[str, list[float]] = {}
    for name, number, drawn_by, times, words, size in in_the_page(pages):
        if drawn_by == "explore" and name not in kernels:
            kernels[name] = with_a_kernel(name)
        middle, high, word = *np.quantile(times, [0.5, 0.95]), np.quantile(words, 0.95)
        kernel = f"{kernels[name].pop(0):7.1f}" if drawn_by == "explore" else "      –"
        late = "" if high <= FRAME else "  later than one frame"
        print(
            f"{name + f' ({number + 1})':34s} {len(times):5d} {middle:7.1f} {high:7.1f} "
            f"{word:7.1f} {size / 1024:5.1f} {kernel}{late}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
