"""The reference of `lib`, made from its docstrings: one section a module, one entry a public name.

    ```{lib-reference} layers activations experiments.*
    ```

The docstrings are Markdown as they stand, and English in every language, which the page says to
browsers and screen readers. An unknown module, or a public name without a docstring, is an error.
"""

import importlib
import inspect
import pkgutil
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective


def public_names(module):
    """The classes and functions that a module defines for others, in the order of the source."""
    own = [
        thing
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(thing) or inspect.isfunction(thing))
        and thing.__module__ == module.__name__
    ]
    return sorted(own, key=lambda thing: inspect.getsourcelines(thing)[1])


def signature(thing) -> str:
    """`name(arguments)` as one would call it, without annotations."""
    try:
        found = inspect.signature(thing)
    except ValueError:
        return thing.__name__
    plain = [p.replace(annotation=p.empty) for p in found.parameters.values()]
    call = str(found.replace(parameters=plain, return_annotation=found.empty))
    for value in (p.default for p in plain):
        if inspect.isfunction(value) or inspect.isclass(value):
            call = call.replace(repr(value), value.__name__)
        if isinstance(value, Path):  # never where this machine keeps it
            call = call.replace(repr(value), value.name)
    return thing.__name__ + call


class docstring(nodes.General, nodes.Element):
    """The text of one docstring, in English whatever the page's language."""


def visit_docstring(translator, node):
    translator.body.append(
        translator.starttag(node, "div", CLASS="docstring", LANG="en")
    )


def depart_docstring(translator, node):
    translator.body.append("</div>")


class LibReference(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        named = []
        for name in self.arguments[0].split():
            package, star, _ = name.partition(".*")
            named += [package]
            if star:  # and its modules
                found = pkgutil.iter_modules(self.load(package).__path__)
                named += [f"{package}.{module.name}" for module in found]
        return [self.module(name) for name in named]

    def load(self, name):
        try:
            return importlib.import_module(f"lib.{name}")
        except ModuleNotFoundError:
            raise self.error(
                f"lib-reference: expected a module of lib, given {name!r}"
            ) from None

    def module(self, name):
        module = self.load(name)
        self.env.note_dependency(module.__file__)
        place = f"lib-{name}".replace(".", "-")
        section = self.section(f"lib.{name}", place, module)
        for thing in public_names(module):
            path = f"{place}-{thing.__name__.strip('_')}".lower()
            section += self.section(signature(thing), path, thing)
        return section

    def section(self, title, path, thing):
        """A section with the name in code type, and the docstring below it."""
        text = inspect.getdoc(thing)
        if not text:
            raise self.error(
                f"lib-reference: expected a docstring, given none: {title}"
            )
        section = nodes.section(ids=[path], names=[path])
        section += nodes.title(title, "", nodes.literal(title, title))
        body = docstring()
        self.state.nested_parse(StringList(text.splitlines(), title), 0, body)
        section += body
        return section


def setup(app):
    app.add_node(docstring, html=(visit_docstring, depart_docstring))
    app.add_directive("lib-reference", LibReference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
