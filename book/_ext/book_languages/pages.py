"""What the templates need to know about a page: language, title, sidebar, neighbours, twins and
description.

Sphinx and the theme fill most of the context for one language and one table of contents. This runs
after them and narrows it to the language of the page.
"""

import posixpath

from docutils import nodes
from sphinx import addnodes

from .languages import (
    DOOR,
    book_languages,
    folder_language,
    home,
    own_name,
    page_language,
    search_page,
    twin,
)

DESCRIPTION_LENGTH = 160
WORTHWHILE = 30  # characters that a paragraph needs to describe its page


def describe(doctree) -> str:
    """The first paragraph that has words enough and no formula, cut at a word."""
    if doctree is None:
        return ""
    paragraphs = [
        " ".join(paragraph.astext().split())
        for paragraph in doctree.findall(nodes.paragraph)
        if paragraph.next_node(nodes.math) is None
        and isinstance(paragraph.parent, nodes.section)
    ]
    text = next(
        (paragraph for paragraph in paragraphs if len(paragraph) >= WORTHWHILE), ""
    )
    if len(text) <= DESCRIPTION_LENGTH:
        return text
    return text[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0] + " …"


def chapters(env, language: str):
    """The parts of one language's book: (caption, [page names])."""
    return [
        (toctree["caption"], [page for _, page in toctree["entries"]])
        for toctree in env.tocs[home(language)].findall(addnodes.toctree)
    ]


def neighbours_in(relations: dict, pagename: str) -> tuple[bool, bool]:
    """Whether the page before and the page after in the whole book are in the same language."""
    _, before, after = relations.get(pagename, (None, None, None))
    language = folder_language(pagename)
    return tuple(
        page is not None and folder_language(page) == language is not None
        for page in (before, after)
    )


def fill(app, pagename, templatename, context, doctree):
    env, language = app.env, page_language(pagename)
    _ = app.translator.gettext
    theme_pathto = context["pathto"]
    own = {"search": search_page(language)}
    if pagename != DOOR:
        own[DOOR] = home(language)

    def pathto(target, resource=False, **options):
        """As Sphinx's, but home and search are those of the page's language."""
        return theme_pathto(
            target if resource else own.get(target, target), resource, **options
        )

    def public(target):
        """An address for machines: absolute if the book knows where it is published."""
        base = app.config.html_baseurl
        return (
            f"{base.rstrip('/')}/{app.builder.get_target_uri(target)}"
            if base
            else app.builder.get_relative_uri(pagename, target)
            or posixpath.basename(app.builder.get_target_uri(target))
        )

    def numbered(page):
        number = env.titles[page].get("secnumber")
        return (
            f"{number[0]}. {env.titles[page].astext()}"
            if number
            else env.titles[page].astext()
        )

    title = _(app.config.html_title)
    has_previous, has_next = neighbours_in(app.builder.relations, pagename)
    twins = [(other, twin(pagename, other)) for other in book_languages(env)]
    context.update(
        language=language,
        docstitle=title,
        shorttitle=title,
        pathto=pathto,
        prev=context.get("prev") if has_previous else None,
        next=context.get("next") if has_next else None,
        description=""
        if "description" in context.get("metatags", "")
        else describe(doctree) or f"{_('Search this book...')} · {title}",
        alternates=[(other, public(page)) for other, page in twins]
        + [("x-default", public(DOOR))],
        switches=[
            (other, own_name(other), theme_pathto(page))
            for other, page in twins
            if pagename == DOOR or other != language
        ],
        parts=[
            (
                caption,
                [
                    (theme_pathto(page), numbered(page), page == pagename)
                    for page in pages
                ],
            )
            for caption, pages in chapters(env, language)
        ],
    )
    if pagename == DOOR:
        context["parts"] = []  # no language is chosen yet


def search_pages(app):
    """A search page for each language."""
    return [
        (search_page(language), {}, "search.html")
        for language in book_languages(app.env)
    ]


def connect(app):
    app.connect("html-collect-pages", search_pages)
    app.connect("html-page-context", fill, priority=900)
