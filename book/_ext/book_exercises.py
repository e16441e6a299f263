"""Exercises and solutions as valid HTML.

sphinx-exercise gives the content of every exercise the same id, but an id may stand only once on a
page. Here it is named after its exercise.
"""

from docutils import nodes


def name_contents(app, doctree):
    for section in doctree.findall(nodes.section):
        if section["ids"] in (["exercise-content"], ["solution-content"]):
            section["ids"] = [f"{section.parent['ids'][0]}-content"]


def setup(app):
    app.connect("doctree-read", name_contents, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
