"""Figures become part of the page, so that they follow its font and its light or dark colours.

A notebook stores a figure as SVG in the fixed colours of the style sheet of `lib`. Here the
colours are replaced by custom properties of book.css, ids are made unique in the page, and the
alternative text becomes the figure's accessible name. A figure without one is a build warning that
names page and cell. Coordinates are written to a tenth of a point, a sixth of a pixel, each from
the one before it, and what only names a part is left out: half of the bytes stay.
"""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from book_places import cell_and_line
from docutils import nodes
from sphinx.util import logging

from lib.pieces import PAINTS

logger = logging.getLogger(__name__)

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"

COLOURS = {colour: f"var({name})" for colour, name in PAINTS.items()}

PAINT = ("fill", "stroke")

_COLOUR = re.compile("|".join(COLOURS), re.IGNORECASE)
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_FONT = re.compile(r"\bfont:\s*([^;]*?\d+(?:\.\d+)?px)\s+[^;]+")
_FAMILY = re.compile(r"\bfont-family:\s*[^;]+")
_EVERYWHERE = re.compile(r"\s*\*\s*\{([^}]*)\}\s*")


_STEP = re.compile(r"([A-Za-z])|(-?\d+(?:\.\d+)?(?:e-?\d+)?)")
_NUMBER = re.compile(r"-?\d+\.\d+")
_NO_TURN = re.compile(r"rotate\(-?0(?:\.0+)?(?: [^)]*)?\)")
_WIDTH = {
    "M": 2,
    "L": 2,
    "Q": 4,
    "C": 6,
    "z": 0,
    "Z": 0,
}  # numbers that a command takes


def short(tenths: int) -> str:
    """A number of tenths as short as it can be written: 12 -> 1.2, 30 -> 3."""
    whole, rest = divmod(abs(tenths), 10)
    shown = f"{whole or ''}.{rest}" if rest else str(whole)
    return f"-{shown}" if tenths < 0 else shown


def shorten_path(path: str) -> str:
    """The same path in steps of a tenth; as it is if it has other commands than M L Q C Z."""
    written: list[str] = []
    here = start = (0, 0)
    for command, numbers in commands(path):
        if command not in _WIDTH or len(numbers) != _WIDTH[command]:
            return path
        points = [round(10 * number) for number in numbers]
        if command in "zZ":
            written.append("z")
            here = start
            continue
        steps = [point - here[i % 2] for i, point in enumerate(points)]
        here = points[-2], points[-1]
        if command == "M":
            start = here
            written.append(f"M{short(points[0])} {short(points[1])}")
        elif any(steps):
            again = bool(written) and written[-1][0] == command.lower()
            written.append(f"{command.lower()}{' '.join(map(short, steps))}")
            if again:
                written[-2:] = [f"{written[-2]} {written[-1][1:]}"]
    return "".join(written)


def commands(path: str):
    """The commands of a path with their numbers; numbers that go on without one repeat it."""
    command, numbers = "", []
    for letter, number in _STEP.findall(path):
        if letter or (command and len(numbers) == _WIDTH.get(command)):
            if command:
                yield command, numbers
            command, numbers = letter or {"M": "L"}.get(command, command), []
        if number:
            numbers.append(float(number))
    if command:
        yield command, numbers


class figure_svg(nodes.General, nodes.Element):
    """An SVG that is written into the page; `svg` holds its markup."""


def restyle(style: str) -> str:
    """Colours and fonts of one style attribute, as those of the page."""
    style = _COLOUR.sub(lambda colour: COLOURS[colour[0].lower()], style)
    style = _FONT.sub(r"font: \1 var(--fig-font)", style)
    return _FAMILY.sub("font-family: var(--fig-font)", style)


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


def take_out_rules(root: ET.Element) -> list[str]:
    """Remove metadata and style rules, which would hold everywhere; return those for '*'."""
    styles = []
    for parent in root.iter():
        for child in list(parent):
            if local(child.tag) == "style":
                if not (rule := _EVERYWHERE.fullmatch(child.text or "")):
                    raise ValueError(
                        f"expected style rules for '*' only, got {child.text!r}"
                    )
                styles.append(rule[1].strip())
            if local(child.tag) in ("style", "metadata"):
                parent.remove(child)
    return styles


def follow_the_page(element: ET.Element):
    """Colours move from attributes, where custom properties do not work, to the style."""
    styles = [
        f"{key}: {element.attrib.pop(key)}" for key in PAINT if key in element.attrib
    ]
    if styles := [
        style for style in [*styles, element.get("style", "").rstrip("; ")] if style
    ]:
        element.set("style", restyle("; ".join(styles)))


def rename(element: ET.Element, prefix: str):
    """Put the prefix before the element's id and the ids that it refers to."""
    for key, value in element.attrib.items():
        value = _REFERENCE.sub(rf"url(#{prefix}\1)", value)
        if key == "id":
            value = prefix + value
        elif key in ("href", f"{{{XLINK}}}href") and value.startswith("#"):
            value = f"#{prefix}{value[1:]}"
        element.set(key, value)


def lighten(root: ET.Element):
    """Shorter paths and numbers, no names that nothing refers to, no group without a use."""
    used = set(re.findall(r"#([\w.-]+)", ET.tostring(root, encoding="unicode")))
    for element in root.iter():
        element.text = element.text if (element.text or "").strip() else None
        element.tail = element.tail if (element.tail or "").strip() else None
        if element.get("id") not in used:
            element.attrib.pop("id", None)
        if "d" in element.attrib:
            element.set("d", shorten_path(element.get("d")))
        for key in ("x", "y", "width", "height", "transform"):
            if key in element.attrib:
                value = _NO_TURN.sub("", element.get(key)).strip()
                value = _NUMBER.sub(
                    lambda n: f"{float(n[0]):.2f}".rstrip("0").rstrip("."), value
                )
                element.set(key, value)
        if not element.get("transform", "-"):
            del element.attrib["transform"]
        if link := element.attrib.pop(f"{{{XLINK}}}href", None):
            element.set("href", link)
    unwrap(root)


def unwrap(element: ET.Element):
    for child in list(element):
        unwrap(child)
    for child in list(element):
        if local(child.tag) == "g" and not child.attrib:
            at = list(element).index(child)
            element[at : at + 1] = list(child)
        elif local(child.tag) == "defs" and not len(child):
            element.remove(child)


def inline_svg(source: str, name: str, prefix: str) -> str:
    """The figure as an element of the page, called `name`, with `prefix` before each id.

    Raises ValueError if the source is not an SVG or has style rules other than for every element.
    """
    root = ET.fromstring(source)
    if local(root.tag) != "svg":
        raise ValueError(f"expected an <svg> element, got <{local(root.tag)}>")
    styles = ["fill: var(--fig-ink)", *take_out_rules(root)]
    for element in root.iter():
        follow_the_page(element)
        rename(element, prefix)
    lighten(root)
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.attrib |= {
        "role": "img",
        "aria-label": name,
        "class": "book-figure",
        "style": "; ".join(styles),
    }
    ET.register_namespace("", SVG)
    return ET.tostring(root, encoding="unicode").replace(f' xmlns="{SVG}"', "", 1)


def named(app, image: nodes.image) -> str:
    """The alternative text; a warning if there is none."""
    name = (image.get("alt") or "").strip()
    if not name:
        logger.warning(
            "the figure of cell %s has no alternative text: expected mystnb.image.alt "
            "in its metadata",
            cell_and_line(image)[0],
            location=app.env.docname,
            type="figure",
        )
    return name


def inline_figures(app, doctree):
    """Replace each stored SVG by a node with its markup, before Sphinx collects images to copy."""
    images = [
        image for image in doctree.findall(nodes.image) if image["uri"].endswith(".svg")
    ]
    for number, image in enumerate(images, start=1):
        _, path = app.env.relfn2path(image["uri"])
        source = Path(path).read_text(encoding="utf-8")
        svg = inline_svg(source, named(app, image), prefix=f"f{number}-")
        image.replace_self(figure_svg("", svg=svg))


def visit_figure(translator, node):
    translator.body.append(node["svg"])


def depart_figure(translator, node):
    pass


def skip_figure(translator, node):
    raise nodes.SkipNode


def setup(app):
    app.add_node(
        figure_svg,
        html=(visit_figure, depart_figure),
        text=(skip_figure, None),
        latex=(skip_figure, None),
    )
    app.connect("doctree-read", inline_figures, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
