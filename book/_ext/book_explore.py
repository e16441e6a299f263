"""Interactive figures of `lib.widgets.explore` and `lib.microscope`, as part of the page.

The stored output brings its own style and script, so that it works wherever the notebook is shown.
In the book they come once, as files, from the `lib` of today; the figure is called by the
alternative text of its cell. One without is a build warning that names page and cell.
"""

import hashlib
import html
import re
from pathlib import Path

from book_figures import shorten_path
from docutils import nodes
from sphinx.util import logging

import lib

logger = logging.getLogger(__name__)

LIB = Path(lib.__file__).parent
MARK = re.compile(r'<figure class="explore" data-script="(\w+)"')
# Loaded by book.js when the reader comes near the figure: its numbers are as much as the page.
WHEN_NEAR = {"microscope": ["voice.js", "microscope-data.js", "microscope.js"]}
_PATH = re.compile(
    r' d="([^"]*)"'
)  # not those of the stored frames, whose quotes are escaped
_OWN = re.compile(r"<style>.*?</style>\n|<script>.*?</script>\n", re.DOTALL)


def cell_of(node: nodes.Node) -> nodes.Element | None:
    """The code cell that a node is an output of."""
    while node is not None and node.get("nb_element") != "cell_code":
        node = node.parent
    return node


def adopt_figures(app, doctree):
    for figure in doctree.findall(nodes.raw):
        markup = figure.astext()
        if not (kind := MARK.match(markup)):
            continue
        cell = cell_of(figure)
        image = cell["cell_metadata"].get("mystnb", {}).get("image", {})
        if not (name := image.get("alt", "")):
            logger.warning(
                "the interactive figure of cell %s has no alternative text: expected "
                "mystnb.image.alt in its metadata",
                cell["cell_index"],
                location=app.env.docname,
                type="figure",
            )
        markup = _OWN.sub("", markup)
        named = f' role="img" aria-label="{html.escape(name)}" '
        markup = _PATH.sub(lambda path: f' d="{shorten_path(path[1])}"', markup)
        figure.children[:] = [nodes.Text(markup.replace(' role="img" ', named, 1))]
        figure.rawsource = ""
        kinds = app.env.metadata[app.env.docname].setdefault("interactive", [])
        kinds += [kind[1]] if kind[1] not in kinds else []


def add_assets(app, pagename, templatename, context, doctree):
    """Scripts and style only for a page that has such a figure."""
    kinds = app.env.metadata.get(pagename, {}).get("interactive", [])
    if "explore" in kinds:
        for script in ("voice.js", "explore.js"):
            app.add_js_file(script, loading_method="defer")
    state = app.config.book_interactive[:8]
    near = [script for kind in kinds for script in WHEN_NEAR.get(kind, [])]
    context["scripts_when_near"] = " ".join(f"{script}?v={state}" for script in near)
    if kinds:
        app.add_css_file("explore.css")


def copy_assets(app, config):
    """From the `lib` of today; a change in one of them is a reason to write the pages again."""
    names = ("explore.css", "voice.js", "explore.js", "microscope.js")
    config.html_static_path += [str(LIB / name) for name in names]
    stored = [*names, "results/microscope.json"]
    content = b"".join((LIB / name).read_bytes() for name in stored)
    config.book_interactive = hashlib.sha256(content).hexdigest()


def setup(app):
    app.add_config_value("book_interactive", "", "html")
    app.connect("config-inited", copy_assets)
    app.connect("doctree-read", adopt_figures, priority=100)
    app.connect("html-page-context", add_assets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
