"""A box with the class `dropdown`, such as a solution, is folded by the browser itself."""

from docutils import nodes


class fold(nodes.General, nodes.Element):
    """What can be folded away."""


class fold_title(nodes.TextElement):
    """The line that stays, by which it is opened."""


def fold_boxes(app, doctree, docname):
    for box in list(doctree.findall(nodes.Admonition)):
        if "dropdown" in box["classes"]:
            title, *content = box.children
            box["classes"].remove("dropdown")
            box.children = []
            box += fold("", fold_title("", "", *title.children), *content)


def visit_fold(translator, node):
    translator.body.append("<details>\n")


def depart_fold(translator, node):
    translator.body.append("</details>\n")


def visit_title(translator, node):
    translator.body.append('<summary class="admonition-title">')


def depart_title(translator, node):
    translator.body.append("</summary>\n")


def connect(app):
    app.add_node(fold, html=(visit_fold, depart_fold))
    app.add_node(fold_title, html=(visit_title, depart_title))
    app.connect("doctree-resolved", fold_boxes, priority=900)
