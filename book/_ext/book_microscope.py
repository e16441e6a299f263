"""The gradient microscope as a page of its own, and its numbers for every page that shows it.

    ```{microscope} The alternative text of the figure.
    ```

The numbers are stored by `python -m lib.propagation`; the pages load them as a script, because a
page opened from disk may not fetch anything else.
"""

from pathlib import Path

from book_languages.languages import page_language
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from lib import language, plots, propagation
from lib.microscope import microscope

DATA = "microscope-data.js"


class Microscope(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        plots.use_style()
        before = language.current()
        language.use(page_language(self.env.docname))
        try:
            markup = microscope().html
        finally:
            language.use(before)
        page = nodes.container(
            nb_element="cell_code",
            cell_index=0,
            cell_metadata={"mystnb": {"image": {"alt": self.arguments[0]}}},
        )
        page += nodes.raw("", "<div data-reopens>", format="html")
        page += nodes.raw("", markup, format="html")
        page += nodes.raw("", "</div>", format="html")
        return [page]


def store_data(app):
    folder = Path(app.doctreedir) / "microscope"
    folder.mkdir(parents=True, exist_ok=True)
    numbers = propagation.RESULTS.read_text(encoding="utf-8").replace("\n", "")
    (folder / DATA).write_text(f"globalThis.MICROSCOPE={numbers};\n", encoding="utf-8")
    app.config.html_static_path.append(str(folder / DATA))


def setup(app):
    app.add_directive("microscope", Microscope)
    app.connect("builder-inited", store_data, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
