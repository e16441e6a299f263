"""What layout.html needs beside the page's language: its sections, scripts, words and buttons."""

import json
from urllib.parse import urlencode

from docutils import nodes

# Runs before the first paint: a reader's choice of light or dark, whether the page is read from the
# top, and full addresses of the twins, which search engines ask for and which are known only where
# the book is read.
FIRST_SCRIPT = """\
{const root=document.documentElement;root.classList.add("js");\
let theme;try{theme=localStorage.getItem("book-theme")}catch{/* storage is forbidden here */}\
if(theme)root.dataset.theme=theme;\
if(!location.hash)root.classList.add("from-the-top");\
for(const link of document.querySelectorAll("link[hreflang]"))link.href=link.href}"""

# Asks for the letters of formulas at once: when the first formula asks for them, the page has been
# painted, and its lines move. From disk a browser refuses to fetch a font ahead.
EARLY_FONT = """\
if(location.protocol!=="file:"){const link=document.createElement("link");\
Object.assign(link,{rel:"preload",as:"font",type:"font/woff2",crossOrigin:"",\
href:document.documentElement.dataset.content_root+"_static/fonts/book-math.woff2"});\
document.head.append(link)}"""

# Words that the scripts show: key in the script, message of the catalogue.
WORDS = {
    "copy": "Copy",
    "copied": "Copied!",
    "read": "read",
    "light": "Light",
    "dark": "Dark",
    "auto": "System Settings",
    "theme": "Color mode",
    "saveFigure": "Save figure (SVG)",
    "last": "Last read",
    "wide": "scrolls sideways",
    "found": "{n} places found",
    "none": "Nothing found. Is the word spelled as you meant it?",
    "loading": "Searching...",
    "elsewhere": "In the other language",
}

SPHINX_SCRIPTS = ("documentation_options.js", "doctools.js", "sphinx_highlight.js")


def sections(app, pagename: str) -> str:
    """The list of the page's sections, one level deep; empty if there are fewer than two."""
    if pagename not in app.env.tocs:
        return ""
    title = app.env.tocs[pagename][0]
    inner = [part for part in title if isinstance(part, nodes.bullet_list)]
    headings = [item[0].deepcopy() for item in inner[0] if len(item)] if inner else []
    if len(headings) < 2:
        return ""
    for heading in headings:
        for reference in heading.findall(nodes.reference):
            reference["refuri"] = reference["anchorname"]
    items = [nodes.list_item("", heading) for heading in headings]
    return app.builder.render_partial(nodes.bullet_list("", *items))["fragment"]


def report(url: str, pagename: str) -> str:
    """Where an error on the page can be reported: a new issue that names the page."""
    if not url:
        return ""
    body = f"{pagename}#\n\n"
    return f"{url}/issues/new?" + urlencode({"title": f"{pagename}: ", "body": body})


def fill(app, pagename, templatename, context, doctree):
    _ = app.translator.gettext
    tag = context["js_tag"]
    source = app.env.doc2path(pagename, base=False)
    url = app.repository.url if app.repository else ""  # book_buttons
    app.add_js_file("book.js", loading_method="defer")
    scripts = [
        script
        for script in context["script_files"]
        if script.filename and script.filename.rpartition("/")[2] not in SPHINX_SCRIPTS
    ]
    context.update(
        sections=sections(app, pagename),
        report=report(url, pagename) if source else "",
        first_script=FIRST_SCRIPT + EARLY_FONT * ("<math" in context.get("body", "")),
        script_tags=[tag(script) for script in scripts],
        words=json.dumps(
            {key: _(text) for key, text in WORDS.items()}, ensure_ascii=False
        ),
    )


def connect(app):
    app.connect("html-page-context", fill, priority=930)
