"""One translator that speaks the language of the page at hand.

Sphinx reads one catalogue of interface words per build. Here every catalogue is replaced by one
object that looks a word up in the current page's language: first in our own
`book/_locale/<code>/LC_MESSAGES/book.po`, then in those that Sphinx, the themes and the other
extensions ship. `book.po` is compiled in memory.
"""

import gettext
from importlib.resources import files
from pathlib import Path

from babel.messages.pofile import read_po
from sphinx.errors import ExtensionError

from .languages import SOURCE

SHIPPED = [  # (package, folder of its catalogues, their name)
    ("sphinx", "locale", "sphinx"),
    ("sphinx_exercise", "translations/locales", "exercise"),
]


def read_own(srcdir: Path, language: str) -> dict[str, str]:
    """Our own words of a language; ExtensionError if the file or a translation is missing."""
    path = Path("book", "_locale", language, "LC_MESSAGES", "book.po")
    if not (srcdir / path).is_file():
        raise ExtensionError(
            f"the book has pages in {language!r} (book/{language}) without its interface words: "
            f"expected {path}"
        )
    with open(srcdir / path, "rb") as file:
        messages = [
            message
            for message in read_po(file, locale=language.replace("-", "_"))
            if message.id
        ]
    if empty := [
        message.id for message in messages if not message.string or message.fuzzy
    ]:
        raise ExtensionError(
            f"{path}: expected a translation of every message, found none of {empty}"
        )
    return {message.id: message.string for message in messages}


class PageTranslations(gettext.NullTranslations):
    """A gettext translator whose language can be switched."""

    def __init__(self, srcdir: Path, languages: list[str]):
        super().__init__()
        self.language = SOURCE
        self.own = {
            language: read_own(srcdir, language)
            for language in languages
            if language != SOURCE
        }
        self.shipped = {
            language: [
                gettext.translation(
                    name,
                    files(package) / folder,
                    [language.replace("-", "_")],
                    fallback=True,
                )
                for package, folder, name in SHIPPED
            ]
            for language in self.own
        }

    def gettext(self, message: str) -> str:
        if self.language == SOURCE:
            return message
        if message in self.own[self.language]:
            return self.own[self.language][message]
        for catalogue in self.shipped[self.language]:
            if (translated := catalogue.gettext(message)) != message:
                return translated
        return message
