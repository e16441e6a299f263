"""The search of the book: its text by section, one file for each language, and who reads it.

Sphinx's own index knows words and pages only. Here every section stands with its text, formulas
as they are seen, so that a result shows the section and the words around what was found, also in a
book that is opened from disk, where a page may not fetch another one. `search.js` looks words up:
inside Korean compounds, with particles, in other forms, with one letter wrong.
"""

import hashlib
import json
import re
import xml.etree.ElementTree as ET
from html import unescape
from keyword import kwlist
from pathlib import Path
from unicodedata import normalize

from book_languages.languages import folder_language, page_language
from book_languages.numbering import chapter_number
from book_math import to_mathml
from docutils import nodes
from math_core import LatexError
from sphinx import addnodes

# Longest first, so that 에서는 goes before 는. Written into search.js.
PARTICLES = sorted(
    (
        "은 는 이 가 을 를 의 에 와 과 도 로 만 나 랑 에서 에게 에는 에도 에서는 에서도 "
        "에서의 으로 으로는 으로의 로는 로의 로서 로써 으로써 까지 부터 보다 처럼 만큼 마다 "
        "조차 이나 이라 이란 란 라는 이라는 이다 입니다 이며 이고 인 하고 이면 라면 이라면"
    ).split(),
    key=len,
    reverse=True,
)

# What is not read as text: code and its output, figures, and lists made elsewhere.
SKIPPED = (
    nodes.section,
    nodes.literal_block,
    nodes.raw,
    nodes.comment,
    nodes.citation,
    nodes.image,
    nodes.substitution_definition,
    addnodes.toctree,
)

_ENTITY = re.compile(r"&(?!amp;|lt;|gt;)\w+;")  # XML knows few of HTML's
# What needs no brackets in a fraction, in a root or as a power.
_ALONE = re.compile(r"[\w.√∂]+|\([^()]*\)")
_RAISED = dict(zip("+−-0123456789nT∗*", "⁺⁻⁻⁰¹²³⁴⁵⁶⁷⁸⁹ⁿᵀ**", strict=True))
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{3,}")
_MATHS_LETTER = re.compile("[\N{MATHEMATICAL BOLD CAPITAL A}-\U0001d7ffℂℓℕℝℤℒℋ]")


def formula_text(tex: str) -> str:
    """A formula in a line of text, √χ≤1/4 or 10⁻¹⁵; its source if it cannot be typeset."""
    try:
        mathml = to_mathml(tex, display=False)
    except LatexError:  # book_math warns of it, with its place
        return tex
    mathml = _MATHS_LETTER.sub(lambda letter: normalize("NFKC", letter[0]), mathml)
    seen = in_a_line(ET.fromstring(_ENTITY.sub(lambda name: unescape(name[0]), mathml)))
    return "".join(letter for letter in seen if letter.isprintable())


def in_a_line(element: ET.Element) -> str:
    """MathML as text: a fraction with a stroke, a power raised, what stands below simply behind."""
    if element.tag == "semantics":  # what follows is the source
        return in_a_line(element[0])
    parts = [in_a_line(child) for child in element]
    if element.tag == "mfrac":
        return "/".join(map(bracketed, parts))
    if element.tag == "msqrt":
        return f"√{bracketed(''.join(parts))}"
    if element.tag in ("msup", "msubsup"):
        power = parts.pop()
        raised = "".join(_RAISED.get(letter, "") for letter in power)
        raised = raised if len(raised) == len(power) else f"^{bracketed(power)}"
        return "".join(parts) + raised
    return (element.text or "") + "".join(parts)


def bracketed(text: str) -> str:
    return text if _ALONE.fullmatch(text) else f"({text})"


def text_of(node: nodes.Node, language: str) -> str:
    """What is read in a node, without its sections, its code and words of another language."""
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, (nodes.math, nodes.math_block)):
        return formula_text(node.astext())
    if isinstance(node, SKIPPED) or (node.tagname == "docstring" and language != "en"):
        return ""
    if isinstance(node, addnodes.pending_xref) and not node.get("refexplicit"):
        return ""
    text = "".join(text_of(child, language) for child in node.children)
    return text if isinstance(node, nodes.Inline) else f"{text} "


def code_words(section: nodes.section) -> str:
    """The names that the code of a section uses, each once."""
    code = " ".join(
        block.astext()
        for part in section.children
        if not isinstance(part, nodes.section)
        for block in part.findall(nodes.literal_block)
        if "output" not in block.parent["classes"]
    )
    return " ".join(sorted(set(_IDENTIFIER.findall(code)) - set(kwlist)))


def is_entry(node: nodes.Node) -> bool:
    """Whether it is found by itself: a list of terms, a claim."""
    return bool({"glossary-terms", "claim"} & set(node.get("classes", [])))


def entries(doctree: nodes.document, language: str) -> list[tuple[str, str, str, str]]:
    """(anchor, title, text, names in its code) of every section, term and claim of a page."""

    def read(parts) -> str:
        return " ".join(" ".join(text_of(part, language) for part in parts).split())

    found = []
    for section in doctree.findall(nodes.section):
        if section.children and isinstance(section[0], nodes.title):
            content = [part for part in section[1:] if not is_entry(part)]
            title, text = read([section[0]]), read(content)
            found.append((section["ids"][0], title, text, code_words(section)))
    for claim in doctree.findall(nodes.container):
        if "claim" in claim["classes"]:
            name = claim.next_node(nodes.strong).astext()
            found.append((claim["ids"][0], name, read(claim.children), ""))
    for item in doctree.findall(nodes.definition_list_item):
        if "glossary-terms" in item.parent["classes"]:
            term, meaning = item.children
            found.append((term["ids"][0], read([term]), read(meaning[:1]), ""))
    return found


def collect(app, doctree):
    docname = app.env.docname
    if language := folder_language(docname):
        app.env.metadata[docname]["search"] = entries(doctree, language)


def index_name(language: str) -> str:
    return f"search-{language}.js"


def write_indexes(app, env):
    """Before the first page is written: the pages name the state of the index that they mean."""
    folder = Path(app.doctreedir) / "search"
    folder.mkdir(parents=True, exist_ok=True)
    indexes: dict[str, list] = {}
    for docname in sorted(env.found_docs):
        if language := folder_language(docname):
            number = chapter_number(docname)
            sections = env.metadata[docname]["search"]
            indexes.setdefault(language, []).append([docname, number or 0, sections])
    code = (Path(__file__).with_name("search.js")).read_text(encoding="utf-8")
    particles = json.dumps("|".join(PARTICLES), ensure_ascii=False)
    files = {"search.js": code.replace('"PARTICLES"', particles)}
    for language, pages in indexes.items():
        found = json.dumps(pages, ensure_ascii=False, separators=(",", ":"))
        files[index_name(language)] = f'bookIndex("{language}",{found});\n'
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
        app.config.html_static_path.append(str(folder / name))
    app.env.book_search_state = hashlib.sha256(
        "".join(files.values()).encode()
    ).hexdigest()[:8]
    app.env.book_search_languages = sorted(indexes)


def name_files(app, pagename, templatename, context, doctree):
    """The files of the search, the page's own language first; the script loads them when asked."""
    own = page_language(pagename)
    languages = sorted(
        app.env.book_search_languages, key=lambda language: language != own
    )
    names = ["search.js", *map(index_name, languages)]
    context["search_files"] = " ".join(
        f"{n}?v={app.env.book_search_state}" for n in names
    )


def leave_out_sphinx_search(app):
    app.builder.search = False


def setup(app):
    app.connect("builder-inited", leave_out_sphinx_search)
    app.connect("doctree-read", collect, priority=200)
    app.connect("env-updated", write_indexes)
    app.connect("html-page-context", name_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
