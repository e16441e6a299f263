"""One build, several languages: every page gets the interface, the sidebar and the switch of its
own language.

`languages` knows which page is in which language, `catalogue` translates interface words, `twins`
insists that each page exists in every language, `labels` keeps the labels of twins apart,
`numbering` numbers chapters by file name and `pages` fills the templates.
"""

from pathlib import Path

from sphinx.locale import _TranslationProxy, translators
from sphinx.transforms.post_transforms import SphinxPostTransform

from . import labels, numbering, pages, twins
from .catalogue import PageTranslations
from .languages import book_languages, folder_language, page_language


def install(app, env, docnames):
    """Put the switching translator in the place of every catalogue, and share out the labels."""
    labels.install(env)
    app.translator = PageTranslations(Path(app.srcdir), book_languages(env))
    for namespace, catalogue in list(translators):
        if namespace == "general":
            translators[namespace, catalogue] = app.translator
    if templates := getattr(app.builder, "templates", None):
        templates.environment.install_gettext_translations(app.translator)
    # "Fig. %s" and its like are fixed before the first page: look them up anew each time.
    for kind, words in app.config.numfig_format.items():
        app.config.numfig_format[kind] = _TranslationProxy(
            "sphinx", "general", str(words)
        )


def switch(app, pagename):
    app.translator.language = page_language(pagename)
    labels.LabelsByLanguage.language = folder_language(pagename)


class SwitchBeforeResolving(SphinxPostTransform):
    """References and titles are resolved page by page, in the language of the page."""

    default_priority = 1

    def run(self, **kwargs):
        switch(self.app, self.env.docname)


def setup(app):
    app.connect("env-before-read-docs", twins.check, priority=1)
    app.connect("env-before-read-docs", install, priority=2)
    app.connect("source-read", lambda app, docname, source: switch(app, docname))
    app.add_post_transform(SwitchBeforeResolving)
    app.connect(
        "html-page-context",
        lambda app, pagename, *rest: switch(app, pagename),
        priority=1,
    )
    app.add_config_value(
        "comments_config", {}, "html"
    )  # Jupyter Book sets it for an extension that is not loaded here
    numbering.connect(app)
    pages.connect(app)
    # Reading may be shared out, for each process has a translator of its own; writing may not,
    # for Sphinx resolves pages in one process and writes them in another.
    # What is stored of a page has grown by its numbers: an older store is read anew.
    return {"parallel_read_safe": True, "parallel_write_safe": False, "env_version": 1}
