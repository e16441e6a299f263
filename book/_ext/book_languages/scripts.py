"""Interface words that appear only in the browser: search, copy buttons and folded boxes.

For each language but English a small script `strings-<code>.js` is written from the same
catalogue, and loaded by the pages of that language after the scripts that it corrects.
"""

import json
from pathlib import Path

from .languages import SOURCE, book_languages, page_language

SEARCH = [  # from Sphinx's searchtools.js and sphinx_highlight.js
    "Search Results",
    "Searching",
    "Preparing search...",
    ", in ",
    "Hide Search Matches",
    "Search finished, found ${resultCount} page(s) matching the search query.",
    "Your search did not match any documents. Please make sure that all words are spelled "
    "correctly and that you've selected enough categories.",
]
COPY = {  # from sphinx-copybutton's copybutton.js
    "copy": "Copy",
    "copy_to_clipboard": "Copy to clipboard",
    "copy_success": "Copied!",
    "copy_failure": "Failed to copy",
}

TEMPLATE = """\
// Interface words of this language, written while the book was built.
Documentation.addTranslations(%(search)s);
Object.assign(messages.en, %(copy)s);
iconCheck = iconCheck.replace("Copied!", messages.en.copy_success);
iconCopy = iconCopy.replace("Copy to clipboard", messages.en.copy_to_clipboard);
toggleHintShow = %(show)s;
toggleHintHide = %(hide)s;
document.addEventListener("DOMContentLoaded", () => {
  const buttons = document.querySelectorAll(".toggle-button");
  buttons.forEach((button) => button.setAttribute("aria-label", %(toggle)s));
});
"""


def script(translate, language: str) -> str:
    """The script of one language."""
    search = {
        "locale": language,
        "plural_expr": "0",
        "messages": {words: translate(words) for words in SEARCH},
    }
    words = {
        "search": search,
        "copy": {key: translate(text) for key, text in COPY.items()},
        "show": translate("Click to show"),
        "hide": translate("Click to hide"),
        "toggle": translate("Toggle hidden content"),
    }
    return TEMPLATE % {
        name: json.dumps(value, ensure_ascii=False) for name, value in words.items()
    }


def load(app, pagename, templatename, context, doctree):
    if (language := page_language(pagename)) != SOURCE:
        app.add_js_file(f"strings-{language}.js", priority=900)


def write(app, env, docnames):
    """Write the scripts before the first page asks for their checksum."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static")
    folder.mkdir(parents=True, exist_ok=True)
    for language in book_languages(env):
        if language != SOURCE:
            app.translator.language = language
            (folder / f"strings-{language}.js").write_text(
                script(app.translator.gettext, language), encoding="utf-8"
            )


def connect(app):
    app.connect("env-before-read-docs", write)
    app.connect("html-page-context", load)
