"""Buttons on the pages of notebooks: run it on Binder, run it on Colab, download it.

Binder opens the notebook as it is kept. Colab and the reader's computer get the portable one
(book/portable.py), which is written here to `notebooks/` beside the pages; for Colab it stands on
the branch `notebooks`, which the workflow that publishes the book fills. Without a repository there
is nothing to run, and the build says so.
"""

import sys
from pathlib import Path

import nbformat
from book_languages.languages import folder_language
from sphinx.errors import ExtensionError
from sphinx.util import logging

sys.path.insert(0, str(Path(__file__).parents[1]))
import notebooks  # noqa: E402
import portable  # noqa: E402
import repository  # noqa: E402

logger = logging.getLogger(__name__)


def launches(where: repository.Repository, path: str) -> list[tuple[str, str]]:
    """Name and address of each service that can run book/<language>/<name>.ipynb."""
    found = [("Binder", where.binder(path))]
    if address := where.colab(portable.COLAB_BRANCH, path.removeprefix("book/")):
        found.append(("Colab", address))
    return found


def look(app):
    """Find the repository once, and say what the buttons will point to."""
    try:
        app.repository = repository.find(Path(app.srcdir))
    except ValueError as error:
        raise ExtensionError(str(error)) from error
    if app.repository is None:
        logger.info(
            "no buttons for Binder and Colab: no git remote `origin` with a public address, and no "
            "BOOK_REPOSITORY=https://github.com/owner/name"
        )
    else:
        logger.info(
            "buttons point to %s, branch %s", app.repository.url, app.repository.branch
        )


def check(app, env, docnames):
    """Name every notebook that cannot be read, before anything stumbles over the first."""
    wrong = []
    for docname in sorted(docnames):
        path = env.doc2path(docname, base=False)
        if path.endswith(".ipynb"):
            try:
                nbformat.read(Path(app.srcdir, path), as_version=4)
            except notebooks.BROKEN as error:
                wrong.append(f"{path} is no notebook: {notebooks.fault(error)}")
    if wrong:
        raise ExtensionError("\n".join(wrong))


def add(app, pagename, templatename, context, doctree):
    """Tell the templates the page's buttons, and write what the download button gives."""
    context["launches"], context["notebook"] = [], ""
    source = (
        app.env.doc2path(pagename, base=False) if pagename in app.env.all_docs else ""
    )
    language = folder_language(pagename)
    if not source.endswith(".ipynb") or language is None:
        return
    where, name = app.repository, Path(source).stem
    if where:
        context["launches"] = launches(where, source)
    path = Path("notebooks", language, f"{name}.ipynb")
    (Path(app.outdir) / path.parent).mkdir(parents=True, exist_ok=True)
    package = f"{where.package!r}" if where else None
    made = portable.portable(language, name, package, not app.config.hide_solutions)
    nbformat.write(made, Path(app.outdir) / path)
    context["notebook"] = context["pathto"](path.as_posix(), True)


def setup(app):
    app.connect("builder-inited", look)
    app.connect("env-before-read-docs", check, priority=3)
    app.connect("html-page-context", add, priority=950)  # after book_site
    return {"parallel_read_safe": True, "parallel_write_safe": True}
