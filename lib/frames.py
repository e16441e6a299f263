"""Frames: pictures drawn beforehand, packed so that what they share is stored once.

An interactive figure on a page without a kernel is a stack of finished pictures and a control that
picks one. Each picture is taken apart into pieces (a tick, a line, a label); a piece that stands in
many frames is kept once, and going from one frame to another exchanges only what differs. The
book, print and a reader without scripts see the first picture.
"""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from lib.pieces import Pieces, in_places

HERE = Path(__file__).parent


def figures(
    draw: Callable, frames: list[dict], rows: int, figsize: tuple[float, float] | None
) -> tuple[list[Figure], list[str]]:
    """One figure for each of `frames`, the arguments of `draw`, all with the axes in one place.

    Returns the figures and what `draw` said of each. Raises ValueError if `draw` raises, with the
    arguments, before any figure is shown.
    """
    drawn, said = [], []
    for values in frames:
        figure = Figure(figsize=figsize, layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.subplots(rows, 1)
        try:
            words = draw(axes, **values)
        except Exception as error:
            given = ", ".join(f"{key}={value!r}" for key, value in values.items())
            raise ValueError(
                f"explore: expected draw to work for every choice; with {given} it raised "
                f"{type(error).__name__}: {error}"
            ) from error
        figure.get_layout_engine().execute(figure)
        drawn.append(figure)
        said.append(words if isinstance(words, str) else "")
    for panels in zip(*(figure.axes for figure in drawn), strict=True):
        boxes = [axes.get_position() for axes in panels]
        left, bottom = max(b.x0 for b in boxes), max(b.y0 for b in boxes)
        width, height = min(b.x1 for b in boxes) - left, min(b.y1 for b in boxes) - bottom
        for axes in panels:
            axes.figure.set_layout_engine("none")
            axes.set_position([left, bottom, width, height])
    return drawn, said


def svg_of(figure: Figure) -> str:
    """The figure as SVG markup."""
    file = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "gradients"}):  # as in course.mplstyle; without, random
        figure.canvas.print_svg(file, metadata={"Date": None, "Creator": None})
    return file.getvalue()


def pack(svgs: list[str], said: list[str], controls: str, start: int) -> str:
    """The figure as HTML: the picture number `start`, the controls, and what the others change."""
    pieces = Pieces()
    view, _ = pieces.take_apart(svgs[start])  # its pieces have the first numbers
    pictures = [pieces.take_apart(svg)[1] for svg in svgs]
    shapes = [tuple(re.findall(r"</?\w+", markup)) for markup in pieces.known]
    rows = in_places(pictures, shapes)
    first = rows[start]
    changes = [[x for i, n in enumerate(row) if n != first[i] for x in (i, n)] for row in rows]
    stored = [None if n in first else text for n, text in enumerate(pieces.known)]
    data = {"start": start, "first": first, "pieces": stored, "frames": changes, "says": said}
    return _page("explore", pieces, view, first, data, said[start], controls)


def still(svg: str, said: str, controls: str, data: dict, more: str) -> str:
    """One picture as HTML, for a script that draws the others itself from the numbers it has."""
    pieces = Pieces()
    view, first = pieces.take_apart(svg)
    return _page("microscope", pieces, view, first, data, said, controls, more)


def _page(
    script: str,
    pieces: Pieces,
    view: str,
    shown: list[int | None],
    data: dict,
    said: str,
    controls: str,
    more: str = "",
) -> str:
    markup = list(pieces.known)
    prefix = "x" + hashlib.sha256("".join(markup).encode()).hexdigest()[:8]
    defs = "".join(
        re.sub(r"^<(\w+)", rf'<\1 id="{name}"', text) for text, name in pieces.definitions.items()
    )
    slots = "".join(f"<g>{'' if n is None else markup[n]}</g>" for n in shown)
    facts = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    files = ("explore.css", "voice.js", f"{script}.js")
    style, voice, code = ((HERE / name).read_text(encoding="utf-8") for name in files)
    page = (
        f'<figure class="explore" data-script="{script}">\n'
        f"<style>{style}</style>\n"
        f'<script type="application/json">{facts}</script>\n'
        f'<svg class="book-figure" viewBox="{view}" role="img" aria-describedby="@says">'
        f"<defs>{defs}</defs>{slots}</svg>\n"
        f'<div class="explore-controls">{controls}</div>\n{more}'
        f"<script>{voice}{code}</script>\n"
        f'<figcaption id="@says">{html.escape(said)}</figcaption>\n</figure>'
    )
    return re.sub(r'(?<=[#"\\])@(?=\w)', prefix + "-", page)
