"""The glossary: every term of `lib/glossary.yml` with its meaning, in the order of the alphabet.

    ```{glossary-terms}
    ```

makes one section for each letter. A term stands with its name in the other language, the meaning
in the page's language, and links to the first chapter whose prose uses it, in whichever language,
and to the chapter that is named after it. Where the words mislead, since they have an everyday
sense too or come later than the thing, the glossary itself names the first chapter (`since`).
Terms can be linked: {ref}`saturated <term-saturation>`.
"""

import json
import re
from collections import defaultdict
from itertools import groupby
from pathlib import Path

from book_languages.languages import folder_language, page_language
from book_languages.numbering import chapter_number, written_title
from docutils import nodes
from sphinx import addnodes
from sphinx.locale import _
from sphinx.util.docutils import SphinxDirective

from lib.language import FOLDER, LANGUAGES, glossary

CONSONANTS = "ㄱㄱㄴㄷㄷㄹㅁㅂㅂㅅㅅㅇㅈㅈㅊㅋㅌㅍㅎ"  # a doubled one is filed under the simple one


def sort_key(name: str) -> tuple[bool, str]:
    """Hangul before Latin letters; the digit of "0 중심" is read 영 and filed as it is read."""
    if re.search("[가-힣]", name):
        name = name.replace("0", "영")
    return not "가" <= name[0] <= "힣", name.casefold()


def letter(name: str) -> str:
    """The heading under which a name stands: ㄱ for 기울기, G for gradient."""
    _, name = sort_key(name)
    if "가" <= name[0] <= "힣":
        return CONSONANTS[(ord(name[0]) - ord("가")) // 588]
    return name[0].upper()


def uses(name: str, text: str) -> bool:
    """Whether a text uses a term: inside a word in Korean, from the beginning of one in English."""
    pattern = re.escape(name).replace(r"\ ", r"\s+")
    if name.isascii():
        pattern = rf"\b{pattern}"
    return re.search(pattern, text, re.IGNORECASE) is not None


def prose(path: Path, language: str) -> str:
    """The text cells of a notebook, up to the list of further reading."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "\n\n".join(
        "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"
    )
    return text.partition(f"## {glossary()['frame']['reading'][language]}\n")[0]


def named_after(name: str, heading: str) -> bool:
    """Whether a title is the term itself, with its number, an article or a plural at most."""
    return (
        re.fullmatch(rf"\d+\. (The )?{re.escape(name)}s?", heading, re.IGNORECASE)
        is not None
    )


def chapters_of(words: dict, chapters: dict) -> tuple[int | None, int | None]:
    """The first chapter that uses a term and the one that bears its name, None where there is none.

    `chapters` has for each number {language: text}.
    """

    def first(asked):
        for number, texts in sorted(chapters.items()):
            if any(asked(words[code], text) for code, text in texts.items()):
                return number

    named = first(lambda name, text: named_after(name, written_title(text)))
    return words.get("since") or first(uses), named


class spoken(nodes.Inline, nodes.TextElement):
    """Words in another language than that of the page."""


def visit_spoken(translator, node):
    translator.body.append(translator.starttag(node, "span", "", LANG=node["lang"]))


def depart_spoken(translator, node):
    translator.body.append("</span>")


class GlossaryTerms(SphinxDirective):
    def run(self):
        self.language = page_language(self.env.docname)
        self.env.note_dependency(str(FOLDER / "glossary.yml"))
        self.chapters, self.pages = defaultdict(dict), {}
        for docname in sorted(self.env.found_docs):
            code, number = folder_language(docname), chapter_number(docname)
            path = Path(self.env.doc2path(docname))
            if number and path.suffix == ".ipynb":
                self.env.note_dependency(str(path))
                self.chapters[number][code] = prose(path, code)
                if code == self.language:
                    self.pages[number] = docname
        terms = sorted(
            glossary()["terms"].items(),
            key=lambda term: sort_key(term[1][self.language]),
        )
        groups = groupby(terms, key=lambda term: letter(term[1][self.language]))
        return [self.section(*group) for group in groups]

    def section(self, initial, terms):
        name = f"letter-{ord(initial):x}"
        section = nodes.section(ids=[name], names=[name])
        items = [self.item(key, words) for key, words in terms]
        section += nodes.title(initial, initial)
        section += nodes.definition_list("", *items, classes=["glossary-terms"])
        return section

    def item(self, key, words):
        place = nodes.make_id(f"term-{key}")
        names = self.env.get_domain("std")
        names.anonlabels[place] = self.env.docname, place
        names.labels[place] = self.env.docname, place, words[self.language]
        term = nodes.term("", words[self.language], ids=[place])
        for code in LANGUAGES:
            if code != self.language:
                term += [nodes.Text(" "), spoken("", words[code], lang=code)]
        body = nodes.definition("", nodes.paragraph("", words["means"][self.language]))
        first, main = chapters_of(words, self.chapters)
        links = [
            (_("First used:"), first),
            (_("Subject of:"), main if main != first else None),
        ]
        shown = nodes.paragraph(classes=["glossary-links"])
        for said, number in links:
            if number in self.pages:
                shown += [nodes.Text(" · "), nodes.Text(f"{said} "), self.link(number)]
        if shown.children:
            body += nodes.paragraph(
                "", "", *shown.children[1:], classes=shown["classes"]
            )
        return nodes.definition_list_item("", term, body)

    def link(self, number):
        text = nodes.inline("", written_title(self.chapters[number][self.language]))
        return addnodes.pending_xref(
            "",
            text,
            refdomain="std",
            reftype="doc",
            reftarget=f"/{self.pages[number]}",
            refdoc=self.env.docname,
            refexplicit=True,
            refwarn=True,
        )


def setup(app):
    app.add_node(spoken, html=(visit_spoken, depart_spoken))
    app.add_directive("glossary-terms", GlossaryTerms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
