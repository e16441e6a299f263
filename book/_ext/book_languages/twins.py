"""Each page below book/<language> exists in every language of the book, under the same name.

A page without its twin stops the build: the language switch would lead nowhere.
"""

from sphinx.errors import ExtensionError

from .languages import book_languages, folder_language, twin


def missing(docnames, languages):
    """Pairs (page given, page expected) for each page that lacks a twin."""
    docnames = set(docnames)
    return [
        (doc, twin(doc, language))
        for doc in sorted(docnames)
        if folder_language(doc)
        for language in languages
        if twin(doc, language) not in docnames
    ]


def check(app, env, docnames):
    """Raise ExtensionError if a page of the table of contents lacks its twin."""
    if lines := [
        f"  given {given} in _toc.yml, expected its twin {expected} there too"
        for given, expected in missing(env.found_docs, book_languages(env))
    ]:
        raise ExtensionError(
            "\n".join(["a page lacks its twin in the other language:", *lines])
        )
