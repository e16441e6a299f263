"""Chapters are numbered by their file names, so that 03-vanishing-gradients is chapter 3 in every
language.

Sphinx numbers chapters by counting through the whole table of contents, which would continue the
Korean chapters in the English ones. Sections, equations, figures and exercises count within their
chapter. A title that begins with its number, for those who read the notebook alone, loses it here:
it would stand there twice.
"""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.environment.collectors.toctree import TocTreeCollector
from sphinx.util import logging

logger = logging.getLogger(__name__)

_CHAPTER = re.compile(r"book/[^/]+/(\d+)-")
_WRITTEN = re.compile(r"(\d+)\.\s+")


def chapter_number(docname: str) -> int | None:
    """3 for book/ko/03-vanishing-gradients, None for a page without a number in its name."""
    match = _CHAPTER.match(docname)
    return int(match[1]) if match else None


def written_title(text: str, *, question: bool = False) -> str:
    """The title in a chapter's text, with its number, and with the question after it or not."""
    title = re.search(r"^# (.+)$", text, re.M)[1]
    return title if question else re.split("[:：]", title)[0]


def section_numbers(
    entries: nodes.bullet_list, chapter: int
) -> dict[str, tuple[int, ...]]:
    """Number the entries of one page's table of contents: the chapter and its sections."""
    numbers = {}
    (item,) = entries.children[:1]
    headings = [item[0]]
    for sublist in item.children[1:]:
        if isinstance(sublist, nodes.bullet_list):
            headings += [
                section[0]
                for section in sublist
                if isinstance(section[0], addnodes.compact_paragraph)
            ]
    for position, heading in enumerate(headings):
        reference = heading[0]
        number = (chapter, position) if position else (chapter,)
        reference["secnumber"] = numbers[reference["anchorname"]] = number
    return numbers


def assign_section_numbers(collector, env):
    """Number every chapter; return the pages whose numbers have changed since the last build."""
    before = env.toc_secnumbers
    env.toc_secnumbers = {}
    for docname, entries in env.tocs.items():
        if chapter := chapter_number(docname):
            env.toc_secnumbers[docname] = section_numbers(entries, chapter)
            env.titles[docname]["secnumber"] = (chapter,)
    return [
        docname
        for docname, numbers in env.toc_secnumbers.items()
        if numbers != before.get(docname)
    ]


def kind_of(node: nodes.Element, env) -> str | None:
    """What a node counts as, such as "figure" or "exercise"; None for what has no number."""
    for name, domain in env.domains.items():
        kind = domain.get_enumerable_node_type(node)
        if kind and node["ids"] and (name != "std" or domain.get_numfig_title(node)):
            return kind


def count_page(app, doctree):
    """Number equations, figures and exercises from 1 on each page, kind by kind."""
    docname = app.env.docname
    chapter = chapter_number(docname)
    numbers = app.env.metadata[docname]["numbers"] = {}
    for node in doctree.findall(nodes.Element):
        if kind := kind_of(node, app.env):
            same = numbers.setdefault(kind, {})
            position = len(same) + 1
            same[node["ids"][0]] = (chapter, position) if chapter else (position,)


def assign_figure_numbers(collector, env):
    """Collect the numbers of all pages; return the pages where they have changed."""
    before = env.toc_fignumbers
    env.toc_fignumbers = {
        docname: numbers
        for docname, page in env.metadata.items()
        if (numbers := page.get("numbers"))
    }
    return [
        docname
        for docname, numbers in env.toc_fignumbers.items()
        if numbers != before.get(docname)
    ]


def drop_written_number(app, doctree):
    """Take the number off the title of a chapter; warn if it is not that of the file."""
    chapter = chapter_number(app.env.docname)
    title = next(doctree.findall(nodes.title), None)
    if (
        chapter is None
        or title is None
        or not (written := _WRITTEN.match(title[0].astext()))
    ):
        return
    if int(written[1]) != chapter:
        logger.warning(
            "the title says chapter %s, expected %s by the name of the file",
            written[1],
            chapter,
            location=title,
        )
    title[0] = nodes.Text(title[0].astext()[written.end() :])


def connect(app):
    app.connect("doctree-read", drop_written_number, priority=100)
    app.connect("doctree-read", count_page, priority=900)
    TocTreeCollector.assign_section_numbers = assign_section_numbers
    TocTreeCollector.assign_figure_numbers = assign_figure_numbers
