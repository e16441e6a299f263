"""A feed of what has changed, one for each language, made from `book/changes.yml`.

An entry without a date, a page of the book or a text in each language is an error. Addresses are
absolute where the book knows its own (`html_baseurl`), and relative to the feed otherwise.
"""

import uuid
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import yaml
from book_languages.languages import book_languages, folder_language
from sphinx.errors import ExtensionError

FILE = Path("book", "changes.yml")
NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "why-gradients-vanish-and-explode/changes")


def read(srcdir: Path, pages: set[str], languages: list[str]) -> list[dict]:
    """The changes, newest first, each complete."""
    if not (srcdir / FILE).is_file():
        return []
    changes = yaml.safe_load((srcdir / FILE).read_text(encoding="utf-8"))
    for change in changes:
        if not isinstance(change.get("date"), date):
            raise ExtensionError(
                f"{FILE}: expected a date such as 2026-11-21, given {change}"
            )
        for language in languages:
            if not change.get(language):
                raise ExtensionError(
                    f"{FILE}, {change['date']}: expected a text in {language!r}"
                )
            if (page := f"book/{language}/{change.get('page')}") not in pages:
                raise ExtensionError(
                    f"{FILE}, {change['date']}: expected a page, given {page}"
                )
    return sorted(changes, key=lambda change: change["date"], reverse=True)


def feed(changes: list[dict], language: str, title: str, base: str) -> str:
    """The feed of one language in the Atom format."""
    folder = f"{base.rstrip('/')}/book/{language}/" if base else ""

    def entry(change):
        name = uuid.uuid5(NAMES, f"{language} {change['date']} {change[language]}")
        link = quoteattr(f"{folder}{change['page']}.html")
        return (
            f"<entry><id>urn:uuid:{name}</id><updated>{change['date']}T00:00:00Z</updated>"
            f"<title>{escape(change[language])}</title><link href={link}/></entry>"
        )

    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">'
        f"<id>urn:uuid:{uuid.uuid5(NAMES, language)}</id><title>{escape(title)}</title>"
        f"<updated>{changes[0]['date']}T00:00:00Z</updated><author><name>{escape(title)}</name>"
        f"</author><link href={quoteattr(folder or 'index.html')}/>"
        f'<link rel="self" href={quoteattr(folder + "changes.xml")}/>'
        f"{''.join(map(entry, changes))}</feed>\n"
    )


def write(app, env):
    languages = book_languages(env)
    changes = read(Path(app.srcdir), env.found_docs, languages)
    env.book_has_changes = bool(changes)
    for language in languages if changes else []:
        app.translator.language = language
        title = app.translator.gettext(app.config.html_title)
        path = Path(app.outdir, "book", language, "changes.xml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            feed(changes, language, title, app.config.html_baseurl), encoding="utf-8"
        )


def link(app, pagename, templatename, context, doctree):
    known = folder_language(pagename) and app.env.book_has_changes
    context["changes"] = "changes.xml" if known else ""


def setup(app):
    app.connect("env-updated", write)
    app.connect("html-page-context", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
