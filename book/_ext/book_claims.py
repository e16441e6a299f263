"""The claims of the sources: page 21 is made from `book/claims.yml` and the chapters' own tables.

    ```{claims}
    ```

lists every claim with its verdicts, each linked to the cell that decides it, and can be filtered.
In a chapter a claim's number in the section of claims leads to that list, the words of a verdict
get their colour, and every code cell has an anchor, `cell-` and its id.
"""

import re
import sys
from pathlib import Path

from book_languages.languages import folder_language, page_language
from book_languages.numbering import written_title
from docutils import nodes
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from lib.language import glossary

sys.path.insert(0, str(Path(__file__).parents[1]))
import nbformat  # noqa: E402

import claims as ledger  # noqa: E402


def chapter_title(language: str, chapter: str) -> str:
    notebook = nbformat.read(ledger.BOOK / language / f"{chapter}.ipynb", as_version=4)
    return written_title(notebook.cells[0].source)


class Claims(SphinxDirective):
    """All claims by source, with controls to choose among them."""

    def run(self):
        self.language = page_language(self.env.docname)
        book = ledger.ledger()
        self.env.note_dependency(str(ledger.LEDGER))
        self.titles = {}
        for chapter in book["findings"]:
            path = ledger.BOOK / self.language / f"{chapter}.ipynb"
            self.env.note_dependency(str(path))
            self.titles[chapter] = chapter_title(self.language, chapter)
        made = [self.controls(book)]
        for name, findings in ledger.by_claim(self.language).items():
            made.append(self.claim(name, book["claims"][name], findings))
        return made

    def controls(self, book):
        say = {key: ledger.label(key, self.language) for key in ("all", "claims shown")}
        options = {
            "source": {c["source"]: name[0] for name, c in book["claims"].items()},
            "chapter": self.titles,
            "verdict": {v: ledger.label(v, self.language) for v in ledger.VERDICTS},
        }
        fields = []
        for field, values in options.items():
            choices = "".join(
                f'<option value="{k}">{v}</option>' for k, v in values.items()
            )
            fields.append(
                f"<label>{ledger.label('which ' + field, self.language)} "
                f'<select data-field="{field}"><option value="">{say["all"]}</option>{choices}'
                "</select></label>"
            )
        counted = (
            f'<output aria-live="polite" data-words="{say["claims shown"]}"></output>'
        )
        markup = f'<form class="claims-filter" hidden>{"".join(fields)}{counted}</form>'
        return nodes.raw("", markup, format="html")

    def claim(self, name, claim, findings):
        classes = {"claim", f"source-{claim['source']}"}
        classes |= {f"found-{chapter}-{row.verdict}" for chapter, row, _ in findings}
        box = nodes.container(classes=sorted(classes), ids=[f"claim-{name.lower()}"])
        place(self.env, f"claim-{name.lower()}-{self.language}", box["ids"][0])
        lines = [f"**{name}** {claim[self.language]}", ""]
        for finding in findings:
            lines += self.finding(*finding)
        self.state.nested_parse(StringList(lines, f"claims.yml, {name}"), 0, box)
        return box

    def finding(self, chapter, row, test):
        span = rf"[\1]{{.verdict .{row.verdict}}}"
        verdict = re.sub(r"\*\*(.+?)\*\*", span, row.words)
        part = row.claim.partition(": ")[2]
        links = [f"{{doc}}`{self.titles[chapter]} <{chapter}>`"]
        for cell in test["cells"]:
            text = ledger.label("test cell", self.language).format(cell=cell)
            links.append(f"{{ref}}`{text} <cell-{cell}-{self.language}>`")
        if "because" in test:
            links.append(test["because"][self.language])
        lines = [f"- {verdict} · {part}: {row.seen} ({'; '.join(links)})"]
        return lines + [f"  - {line}" for line in ledger.evidence(test, self.language)]


def place(env, label: str, target: str):
    """Let `{ref}` find an element of the page that is being read."""
    env.get_domain("std").anonlabels[label] = env.docname, target


def reference(label: str, *children) -> addnodes.pending_xref:
    return addnodes.pending_xref(
        "",
        *children,
        refdomain="std",
        reftype="ref",
        reftarget=label,
        refexplicit=True,
        refwarn=True,
    )


def name_cells(app, doctree):
    """An anchor for every code cell, so that a verdict can point to its test."""
    path = Path(app.env.doc2path(app.env.docname))
    language = folder_language(app.env.docname)
    if path.suffix != ".ipynb" or not language:
        return
    notebook = nbformat.read(path, as_version=4)
    for node in doctree.findall(nodes.container):
        if node.get("nb_element") == "cell_code":
            name = notebook.cells[node["cell_index"]].id
            node["ids"].append(f"cell-{name}")
            place(app.env, f"cell-{name}-{language}", f"cell-{name}")


def mark_claims(app, doctree):
    """In a chapter: claims lead to the list, verdicts get their colour and lead to their cells."""
    language = folder_language(app.env.docname)
    chapter = app.env.docname.rpartition("/")[2]
    book = ledger.ledger()
    app.env.note_dependency(str(ledger.LEDGER))
    if not language or chapter not in book["findings"]:
        return
    frame = {key: value[language] for key, value in glossary()["frame"].items()}
    for section in doctree.findall(nodes.section):
        title = section[0].astext()
        if title == frame["source"]:
            link_claims(section, language, book["claims"])
        elif title == frame["verdict"]:
            mark_verdicts(section, language, book["findings"][chapter])


def link_claims(section, language, known):
    for strong in list(section.findall(nodes.strong)):
        parts = re.split(r"(,\s*)", strong.astext())
        if all(part in known for part in parts[::2]):
            strong.children = []
            for part in parts:
                label = f"claim-{part.lower()}-{language}"
                text = nodes.inline("", part) if part in known else nodes.Text(part)
                strong += reference(label, text) if part in known else text


def mark_verdicts(section, language, tests):
    rows = [row for body in section.findall(nodes.tbody) for row in body]
    for row, test in zip(rows, tests, strict=True):
        for strong in row[1].findall(nodes.strong):
            strong["classes"] += ["verdict", test["verdict"]]
        for cell in test["cells"]:
            text = ledger.label("test cell", language).format(cell=cell)
            link = reference(f"cell-{cell}-{language}", nodes.inline("", text))
            row[2][0] += [
                nodes.Text(" "),
                nodes.inline("", "", link, classes=["test-cell"]),
            ]


def add_script(app, pagename, templatename, context, doctree):
    if pagename.endswith("/21-claims"):
        app.add_js_file("claims.js", loading_method="defer")


def setup(app):
    app.add_directive("claims", Claims)
    app.connect("doctree-read", name_cells, priority=90)
    app.connect("doctree-read", mark_claims, priority=95)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
