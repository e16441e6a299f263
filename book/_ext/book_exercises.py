"""Exercises and solutions as valid HTML, and solutions that are nowhere when they are hidden.

sphinx-exercise gives the content of every exercise the same id, but an id may stand only once on a
page. Here it is named after its exercise. With `hide_solutions` it leaves the solutions out of the
pages and so of the search; the notebook that a page hands out is a copy of the source, and loses
them here.
"""

import re
from pathlib import Path

import nbformat
from docutils import nodes

SOLUTION = re.compile(
    r"^(?P<fence>(`|~|:){3,})\{solution\}.*?^(?P=fence)[ ]*$\n?", re.M | re.S
)


def name_contents(app, doctree):
    for section in doctree.findall(nodes.section):
        if section["ids"] in (["exercise-content"], ["solution-content"]):
            section["ids"] = [f"{section.parent['ids'][0]}-content"]


def without_solutions(text: str) -> str:
    """Markdown with every solution cut out, from its fence to the fence that closes it."""
    return SOLUTION.sub("", text)


def clean_sources(app, exception):
    """Cut the solutions out of the sources that the built book hands out."""
    if exception or not app.config.hide_solutions:
        return
    for path in Path(app.outdir, "_sources").rglob("*.*"):
        if path.suffix == ".ipynb":
            notebook = nbformat.read(path, as_version=4)
            for cell in notebook.cells:
                if cell.cell_type == "markdown":
                    cell.source = without_solutions(cell.source)
            notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
            nbformat.write(notebook, path)
        elif path.suffix == ".md":
            path.write_text(
                without_solutions(path.read_text("utf-8")), encoding="utf-8"
            )


def clear_dropped(app, exception):
    """A chapter that is no longer in the book leaves nothing of an earlier build behind."""
    if exception or app.builder.name != "html":
        return
    out = Path(app.outdir)
    for root, pages in (
        (out, "book/*/*.html"),
        (out / "_sources", "book/*/*.*"),
        (out / "notebooks", "*/*.ipynb"),
    ):
        for path in root.glob(pages):
            name = path.relative_to(root).with_suffix("")
            name = name if name.parts[0] == "book" else "book" / name
            if name.as_posix() not in app.env.found_docs:
                path.unlink()


def setup(app):
    app.connect("doctree-read", name_contents, priority=100)
    app.connect("build-finished", clean_sources)
    app.connect("build-finished", clear_dropped)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
