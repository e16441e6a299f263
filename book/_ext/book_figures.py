"""Figures become part of the page, so that they follow its font and its light or dark colours.

A notebook stores a figure as SVG in the fixed colours of the style sheet of `lib`. Here the
colours are replaced by custom properties of book.css, ids are made unique in the page, and the
alternative text becomes the figure's accessible name. A figure without one is a build warning that
names page and cell.
"""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from book_places import cell_and_line
from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"

COLOURS = {  # the contract with lib/course.mplstyle
    "#ffffff": "var(--fig-paper)",
    "#000000": "var(--fig-ink)",
    "#1f2328": "var(--fig-ink)",
    "#59636e": "var(--fig-muted)",
    "#d1d9e0": "var(--fig-grid)",
    "#0969da": "var(--fig-1)",
    "#bc4c00": "var(--fig-2)",
    "#1a7f37": "var(--fig-3)",
    "#8250df": "var(--fig-4)",
    "#bf3989": "var(--fig-5)",
    "#6e7781": "var(--fig-6)",
}

PAINT = ("fill", "stroke")

_COLOUR = re.compile("|".join(COLOURS), re.IGNORECASE)
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_FONT = re.compile(r"\bfont:\s*([^;]*?\d+(?:\.\d+)?px)\s+[^;]+")
_FAMILY = re.compile(r"\bfont-family:\s*[^;]+")
_EVERYWHERE = re.compile(r"\s*\*\s*\{([^}]*)\}\s*")


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
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.attrib |= {
        "role": "img",
        "aria-label": name,
        "class": "book-figure",
        "style": "; ".join(styles),
    }
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    return ET.tostring(root, encoding="unicode")


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
