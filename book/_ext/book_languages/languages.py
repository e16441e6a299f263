"""Which languages the book has, and which of them a page is in.

A language is a folder `book/<code>` whose pages stand in `_toc.yml`; there is no other list. The
door `book/index` and the search page `search` belong to the language of the sources, English.
"""

import re

from babel import Locale

SOURCE = "en"  # of the interface words in templates and themes
DOOR = "book/index"

_FOLDER = re.compile(r"book/([a-z]{2,3}(?:-\w+)?)/")
_SEARCH = re.compile(r"search-([a-z]{2,3}(?:-\w+)?)$")


def folder_language(docname: str) -> str | None:
    """The language whose folder holds the page, or None for the door and other pages outside."""
    match = _FOLDER.match(docname)
    return match[1] if match else None


def page_language(pagename: str) -> str:
    """The language that a page is written in."""
    match = _FOLDER.match(pagename) or _SEARCH.match(pagename)
    return match[1] if match else SOURCE


def book_languages(env) -> list[str]:
    """All languages of the book, in alphabetical order."""
    return sorted(
        {language for doc in env.found_docs if (language := folder_language(doc))}
    )


def own_name(language: str) -> str:
    """The name that speakers of the language give it: 한국어, English."""
    return Locale.parse(language, sep="-").get_language_name()


def home(language: str) -> str:
    """The first page of a language."""
    return f"book/{language}/index"


def search_page(language: str) -> str:
    """The search page of a language, at the root: Sphinx writes its results relative to that."""
    return "search" if language == SOURCE else f"search-{language}"


def twin(pagename: str, language: str) -> str:
    """The same page in another language; from the door it is the first page."""
    if folder_language(pagename):
        return _FOLDER.sub(f"book/{language}/", pagename)
    return search_page(language) if pagename.startswith("search") else home(language)
