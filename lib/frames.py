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
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

HERE = Path(__file__).parent
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
# The colours of course.mplstyle, and the custom properties by which a page changes them.
PAINTS = {
    "#ffffff": "--fig-paper",
    "#000000": "--fig-ink",
    "#1f2328": "--fig-ink",
    "#59636e": "--fig-muted",
    "#d1d9e0": "--fig-grid",
    "#0969da": "--fig-1",
    "#bc4c00": "--fig-2",
    "#1a7f37": "--fig-3",
    "#8250df": "--fig-4",
    "#bf3989": "--fig-5",
    "#6e7781": "--fig-6",
}
_PAINT = re.compile("|".join(PAINTS), re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+\.\d+")
_FONT = re.compile(r"\bfont: ([\d.]+px) [^;]*")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_CONTAINER = re.compile(r"(figure|axes|matplotlib\.axis)_\d+")


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
    figure.canvas.print_svg(file, metadata={"Date": None, "Creator": None})
    return file.getvalue()


def _short(number: re.Match) -> str:
    """A coordinate to a tenth of a point, which nobody sees, in as few characters as that takes."""
    text = f"{float(number[0]):.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


class Pieces:
    """The pieces of many pictures, each once, with shared definitions (clip paths, markers)."""

    def __init__(self):
        self.known: dict[str, int] = {}
        self.definitions: dict[str, str] = {}  # markup without its id, to the id

    def take_apart(self, svg: str) -> tuple[str, list[int]]:
        """The viewBox of a picture, and the numbers of its pieces in the order of drawing."""
        root = ET.fromstring(svg)
        names = {}
        for parent in list(root.iter()):
            for child in list(parent):
                if child.tag == SVG + "defs":
                    names |= {e.get("id"): self._define(e) for e in child if e.get("id")}
                if child.tag in (SVG + "defs", SVG + "metadata"):
                    parent.remove(child)
        numbers = []
        for element in self._leaves(root):
            markup = self._markup(element, names)
            numbers.append(self.known.setdefault(markup, len(self.known)))
        return root.get("viewBox"), numbers

    def _define(self, element: ET.Element) -> str:
        del element.attrib["id"]
        return self.definitions.setdefault(self._markup(element, {}), f"@{len(self.definitions)}")

    def _leaves(self, element: ET.Element):
        for child in element:
            if child.tag == SVG + "g" and _CONTAINER.fullmatch(child.get("id", "")):
                yield from self._leaves(child)
            else:
                yield child

    def _markup(self, element: ET.Element, names: dict[str, str]) -> str:
        for part in element.iter():
            part.attrib.pop("id", None)
            part.text, part.tail = (part.text or "").strip() or None, None
            for key, value in part.attrib.items():
                if key == HREF:
                    value = "#" + names[value[1:]]
                elif key in ("d", "x", "y", "width", "height", "transform"):
                    value = _NUMBER.sub(_short, " ".join(value.split()))
                elif key in ("style", "clip-path"):
                    value = _REFERENCE.sub(lambda m: f"url(#{names[m[1]]})", value)
                    value = _FONT.sub(r"font-size: \1", value)
                    value = _PAINT.sub(lambda m: f"var({PAINTS[m[0].lower()]}, {m[0]})", value)
                part.set(key, value)
        ET.register_namespace("", SVG[1:-1])
        ET.register_namespace("xlink", HREF[1:-5])
        text = ET.tostring(element, encoding="unicode")
        return re.sub(r' xmlns(:xlink)?="[^"]*"| transform="rotate\(-?0 [^"]*"', "", text).replace(
            "xlink:href", "href"
        )


def pack(svgs: list[str], said: list[str], controls: str, start: int) -> str:
    """The figure as HTML: the picture number `start`, the controls, and what the others change."""
    pieces = Pieces()
    view, first = pieces.take_apart(svgs[start])
    changes = []
    for svg in svgs:
        _, numbers = pieces.take_apart(svg)
        change = [[i, n] for i, n in enumerate(numbers) if i >= len(first) or first[i] != n]
        changes.append([len(numbers), *(n for pair in change for n in pair)])
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
    shown: list[int],
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
    slots = "".join(f"<g>{markup[n]}</g>" for n in shown)
    facts = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    files = ("explore.css", "figures.js", f"{script}.js")
    style, *scripts = ((HERE / name).read_text(encoding="utf-8") for name in files)
    page = (
        f'<figure class="explore" data-script="{script}">\n'
        f"<style>{style}</style>\n"
        f'<script type="application/json">{facts}</script>\n'
        f'<svg class="book-figure" viewBox="{view}" role="img" aria-describedby="@says">'
        f"<defs>{defs}</defs>{slots}</svg>\n"
        f'<figcaption id="@says" aria-live="polite">{html.escape(said)}</figcaption>\n'
        f'<div class="explore-controls">{controls}</div>\n{more}'
        f"<script>{''.join(scripts)}</script>\n</figure>"
    )
    return re.sub(r'(?<=[#"\\])@(?=\w)', prefix + "-", page)
