"""Pieces: what pictures are made of, each kept once, and the place that each has in a picture.

A picture of an interactive figure is taken apart into ticks, lines and labels. Colours become the
custom properties by which a page changes them, coordinates as short as the eye allows.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from difflib import SequenceMatcher

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
_FONT = re.compile(r"\bfont: ([\d.]+px) [^;]*")  # as Matplotlib before 3.11 writes it
_FAMILY = re.compile(r"\bfont-family:[^;]*;? ?")  # the page has its own
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_CONTAINER = re.compile(r"(figure|axes|matplotlib\.axis)_\d+")


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
                    value = _FAMILY.sub("", _FONT.sub(r"font-size: \1", value))
                    value = _PAINT.sub(lambda m: f"var({PAINTS[m[0].lower()]}, {m[0]})", value)
                part.set(key, value)
        ET.register_namespace("", SVG[1:-1])
        ET.register_namespace("xlink", HREF[1:-5])
        text = ET.tostring(element, encoding="unicode")
        return re.sub(r' xmlns(:xlink)?="[^"]*"| transform="rotate\(-?0 [^"]*"', "", text).replace(
            "xlink:href", "href"
        )


def in_places(pictures: list[list[int]], shapes: list[tuple]) -> list[list[int | None]]:
    """The pieces of each picture in places that all share, None where a picture has no piece.

    `shapes` tells, for each piece, of which elements it is made. What stands between pieces of the
    same shapes shares places too if it is as many, and otherwise has places of its own: a picture
    with a tick more than another differs from it by that tick, not by all that follows.
    """
    places: list[tuple] = []
    rows: list[list[int | None]] = []
    for picture in pictures:
        wanted = [shapes[n] for n in picture]
        row, before = [], []  # of each place: the piece, and which place it was until now
        matcher = SequenceMatcher(None, places, wanted, autojunk=False)
        for _, begin, end, mine, last in matcher.get_opcodes():
            if end - begin == last - mine:
                row += picture[mine:last]
                before += range(begin, end)
            else:
                row += [None] * (end - begin) + picture[mine:last]
                before += [*range(begin, end), *[None] * (last - mine)]
        places = [shapes[n] if i is None else places[i] for i, n in zip(before, row, strict=True)]
        rows = [[None if i is None else old[i] for i in before] for old in rows] + [row]
    return rows
