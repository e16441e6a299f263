"""The built book, read as a browser would: languages, twins, links, formulas and figures of every
page.

The book is built once with the strict command that the README gives, or taken from the folder in
the environment variable BOOK_HTML. Whatever a page shows outside its own text is an interface word
and must be in the language of the page.
"""

import gzip
import itertools
import json
import os
import re
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag
from xml.etree import ElementTree

import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "book"))

import epub  # noqa: E402
import pdf  # noqa: E402

LANGUAGES = {"ko": "한국어", "en": "English"}
HANGUL = re.compile(r"[가-힣]")
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
# Names, key caps and file endings that stand in any language.
NOT_WORDS = re.compile(
    r"(?<![A-Za-z])(?:Binder|Colab|Ctrl|lib|CC BY 4\.0|MIT|PDF|\.ipynb|\.pdf)(?![A-Za-z])"
)
SPOKEN = ("title", "aria-label", "placeholder", "alt")


def page_names():
    """The pages that the sources promise; the search pages are made while building."""
    names = [
        f"book/{language}/{path.stem}"
        for language in LANGUAGES
        for path in sorted((ROOT / "book" / language).iterdir())
        if path.suffix in (".ipynb", ".md")
    ]
    return ["book/index", *names, "search", "search-ko"]


PAGES = page_names()
IN_A_LANGUAGE = [name for name in PAGES if name.count("/") == 2]
REFERENCE = ("glossary", "lecturers", "lib", "microscope", "notation")
CHAPTERS = [name for name in IN_A_LANGUAGE if re.search(r"/\d\d-", name)]


@pytest.fixture(scope="session")
def html(tmp_path_factory):
    """The folder of the built book."""
    if built := os.environ.get("BOOK_HTML"):
        return Path(built)
    output = tmp_path_factory.mktemp("book")
    command = [
        Path(sys.executable).with_name("jupyter-book"),
        "build",
        ".",
        "--path-output",
        output,
    ]
    run = subprocess.run(
        [*command, "-n", "-W", "--keep-going"],
        cwd=ROOT,
        env=os.environ | {"PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, (
        f"the strict build failed:\n{run.stdout[-3000:]}\n{run.stderr[-3000:]}"
    )
    return output / "_build" / "html"


@cache
def parse(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@pytest.fixture
def page(html, name):
    return parse(html / f"{name}.html")


def language_of(name):
    match = re.search(r"book/(\w\w)/|search-(\w\w)", name)
    return (match[1] or match[2]) if match else "en"


def target(html, name, href):
    """The file that a relative address on a page leads to, and the id in it."""
    address, anchor = urldefrag(href)
    start = html / f"{name}.html"
    return (
        start.parent / unquote(address).split("?")[0]
    ).resolve() if address else start.resolve(), unquote(anchor)


def docname(html, name, href):
    return target(html, name, href)[0].relative_to(html.resolve()).with_suffix("").as_posix()


def every_page(function):
    return pytest.mark.parametrize("name", PAGES)(function)


@every_page
def test_page_says_its_language(page, name):
    assert page.html["lang"] == language_of(name)


@every_page
def test_page_has_one_first_heading(page, name):
    assert [heading.get_text() for heading in page.find_all("h1")] == [page.h1.get_text()]


def test_door_opens_to_each_language_in_its_own_words(html):
    page = parse(html / "book" / "index.html")
    doors = {
        link.get_text(): docname(html, "book/index", link["href"])
        for link in page.select("article .doors a")
    }
    assert doors == {name: f"book/{language}/index" for language, name in LANGUAGES.items()}
    korean = page.article.find_all(string=HANGUL)
    assert len(korean) >= 3
    assert all(text.find_parent(lang=True)["lang"] == "ko" for text in korean)


def interface_texts(page):
    """Texts outside the article, without the titles of pages, sections and parts."""
    page = BeautifulSoup(str(page), "html.parser")
    written = "article, nav.bd-docs-nav, #pst-page-toc-nav, .prev-next-title, .language-switch"
    for element in page.select(f"{written}, script, style, title"):
        element.decompose()
    return [text for text in page.body.stripped_strings]


def interface_attributes(page):
    """What is said, but not shown, by every element except figures and titles of pages."""
    named = {"language-switch", "left-prev", "right-next"}
    return [
        element[attribute]
        for element in page.find_all(True)
        if element.name not in ("svg", "link") and not named & set(element.get("class", []))
        for attribute in SPOKEN
        if element.get(attribute)
    ]


def interface_in_article(page):
    """The words that the site adds to a text: names of boxes, folded or not, and numbers."""
    return [
        element.get_text()
        for element in page.select(
            ":is(div.exercise, div.solution) > .admonition-title, summary, .caption-number"
        )
    ]


@every_page
def test_interface_is_in_the_language_of_the_page(page, name):
    said = interface_texts(page) + interface_attributes(page)
    assert said, "a page without any interface word: the test looks in the wrong place"
    said = [NOT_WORDS.sub("", words) for words in said]
    if language_of(name) == "ko":
        titled = interface_in_article(page)
        foreign = [words for words in said if LATIN_WORD.search(words)] + [
            words for words in titled if not HANGUL.search(words)
        ]
    else:
        foreign = [words for words in said + interface_in_article(page) if HANGUL.search(words)]
    assert not foreign


@pytest.mark.parametrize("name", CHAPTERS)
def test_chapter_has_boxes_to_check(page, name):
    assert page.select("div.exercise") and page.select("div.solution")


@every_page
def test_words_that_scripts_show_are_translated(page, name):
    words = json.loads(page.body["data-words"])
    assert len(words) > 10
    for said in words.values():
        assert bool(HANGUL.search(said)) == (language_of(name) == "ko"), said


@every_page
def test_switch_leads_to_the_twin(html, page, name):
    switches = {link["hreflang"]: link for link in page.select("a.language-switch")}
    others = set(LANGUAGES) - (set() if name == "book/index" else {language_of(name)})
    assert set(switches) == others
    for language, link in switches.items():
        assert link.get_text(strip=True) == LANGUAGES[language] and link["lang"] == language
        expected = name.replace(f"book/{language_of(name)}/", f"book/{language}/")
        if name.startswith("search"):
            expected = "search" if language == "en" else f"search-{language}"
        elif name == "book/index":
            expected = f"book/{language}/index"
        assert docname(html, name, link["href"]) == expected
        assert target(html, name, link["href"])[0].is_file()


@every_page
def test_alternates(html, page, name):
    alternates = {
        link["hreflang"]: link["href"] for link in page.select("link[rel=alternate][hreflang]")
    }
    assert set(alternates) == {*LANGUAGES, "x-default"}
    assert docname(html, name, alternates["x-default"]) == "book/index"
    for href in alternates.values():
        assert target(html, name, href)[0].is_file()


@every_page
def test_description_is_in_the_language(page, name):
    (description,) = page.select("meta[name=description]")
    assert 20 <= len(description["content"]) <= 170
    assert bool(HANGUL.search(description["content"])) == (language_of(name) == "ko")


def test_descriptions_differ(html):
    descriptions = [
        parse(html / f"{name}.html").select_one("meta[name=description]")["content"]
        for name in IN_A_LANGUAGE
    ]
    assert len(set(descriptions)) == len(descriptions)


@every_page
def test_ways_stay_in_the_language(html, page, name):
    if name == "book/index":
        return
    folder = f"book/{language_of(name)}/"
    ways = page.select("nav.bd-docs-nav a, .prev-next-area a, a.navbar-brand")
    assert len(ways) > 2
    for link in ways:
        assert docname(html, name, link["href"]).startswith(folder), link
    search = f"search-{language_of(name)}" if language_of(name) != "en" else "search"
    assert {docname(html, name, form["action"]) for form in page.select("form.bd-search")} == {
        search
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_sidebar_lists_every_page_of_the_language(html, language):
    name = f"book/{language}/index"
    links = [
        docname(html, name, link["href"])
        for link in parse(html / f"{name}.html").select("nav.bd-docs-nav a")
    ]
    pages = [p for p in IN_A_LANGUAGE if language_of(p) == language and p != name]
    assert sorted(links) == pages and links[: -len(REFERENCE)] == sorted(links)[: -len(REFERENCE)]


@every_page
def test_title_names_the_book_once(page, name):
    book = (
        "기울기는 왜 사라지고 폭발하는가"
        if language_of(name) == "ko"
        else "Why gradients vanish and explode"
    )
    assert page.title.get_text().count(book) == 1


@every_page
def test_no_other_host(page, name):
    asked = [
        element.get(attribute)
        for element in page.find_all(
            ["script", "link", "img", "source", "iframe", "video", "audio", "object", "use"]
        )
        if element.name != "link" or "canonical" not in element.get("rel", [])
        for attribute in ("src", "href", "data", "xlink:href")
        if element.get(attribute)
    ]
    assert asked
    assert not [address for address in asked if re.match(r"(?:[a-z]+:)?//", address)]
    sheets = [sheet.get_text() for sheet in page.find_all("style")]
    assert "url(" in "".join(sheets), "the font of formulas"
    for sheet in sheets:
        assert not re.search(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", sheet)


@cache
def ids(path):
    return {element["id"] for element in parse(path).find_all(id=True)}


@every_page
def test_links_and_anchors_resolve(html, page, name):
    links = [
        element.get(attribute)
        for element in page.find_all(["a", "link", "script", "img", "form"])
        for attribute in ("href", "src", "action")
        if element.get(attribute)
    ]
    broken = []
    for href in links:
        if re.match(r"[a-z]+:", href):
            continue
        path, anchor = target(html, name, href)
        if not path.is_file() or (anchor and anchor not in ids(path)):
            broken.append(href)
    assert not broken


@every_page
def test_ids_in_the_article_are_unique(page, name):
    found = [
        element["id"]
        for article in page.find_all("article")
        for element in article.find_all(id=True)
    ]
    assert sorted(found) == sorted(set(found))


@pytest.mark.parametrize("name", CHAPTERS)
def test_figures_have_a_name(page, name):
    figures = page.select("article svg.book-figure")
    assert figures and not page.select("article img")
    for figure in figures:
        assert figure["role"] == "img" and len(figure["aria-label"]) > 20
        assert bool(HANGUL.search(figure["aria-label"])) == (language_of(name) == "ko")
        drawn = re.sub(r"var\(--fig-\w+, #\w{6}\)", "", str(figure))
        if re.search("photograph|사진", figure["aria-label"]):  # its greys are the same in the dark
            drawn = re.sub(r"#(\w\w)\1\1\b", "", drawn)
        assert not re.search(r"#[0-9a-fA-F]{6}\b", drawn), (
            "a colour that does not follow light and dark"
        )


@every_page
def test_interactive_figures_are_small_and_need_no_widget_manager(html, page, name):
    source = (html / f"{name}.html").read_text(encoding="utf-8")
    assert not re.search(r"require\.js|html-manager|embed-amd|widget-view", source)
    figures = [str(figure) for figure in page.select("figure.explore")]
    assert len(gzip.compress("".join(figures).encode())) <= 60 * 1024
    named = [tag["src"] for tag in page.select("script[src]")]
    named += page.body.get("data-near", "").split()
    scripts = {Path(source.split("?")[0]).name for source in named}
    assert all((html / "_static" / name).is_file() for name in scripts)
    kinds = {figure["data-script"] for figure in page.select("figure.explore")}
    assert {f"{kind}.js" for kind in kinds} == scripts & {"explore.js", "microscope.js"}
    assert ("microscope" in kinds) == ("microscope-data.js" in scripts)
    assert bool(kinds) == ("voice.js" in scripts)
    assert "DejaVu" not in "".join(figures)  # of Matplotlib, which hardly any reader's machine has
    for figure in page.select("figure.explore"):
        assert not figure.find_all("style") and len(figure.find_all("script")) == 1
    assert len(gzip.compress((html / "_static/microscope-data.js").read_bytes())) <= 250 * 1024


@pytest.mark.parametrize("name", CHAPTERS)
def test_formulas_are_typeset(page, name):
    formulas = page.select("article math")
    assert len(formulas) > 10
    assert all(formula.find("annotation", encoding="application/x-tex") for formula in formulas)
    article = BeautifulSoup(str(page.article), "html.parser")
    for element in article.select("pre, code, annotation, script"):
        element.decompose()
    assert not re.findall(r".{0,30}(?:\$|\\[a-zA-Z]+).{0,30}", article.get_text())


@pytest.mark.parametrize("name", CHAPTERS)
def test_numbers_begin_with_the_chapter(page, name):
    chapter = int(re.search(r"/(\d+)-", name)[1])
    assert page.h1.select_one(".section-number").get_text() == f"{chapter}. "
    numbers = [element.get_text() for element in page.select("article .eqno")]
    assert [re.match(r"\(([\d.]+)\)", number)[1] for number in numbers] == [
        f"{chapter}.{i + 1}" for i in range(len(numbers))
    ]
    exercises = [
        re.search(r"[\d.]+", element.get_text())[0]
        for element in page.select("div.exercise > .admonition-title")
    ]
    assert exercises == [f"{chapter}.{i + 1}" for i in range(len(exercises))]


def test_twins_have_the_same_anchors(html):
    for name in CHAPTERS:
        if language_of(name) == "ko":
            twin = html / f"{name.replace('book/ko/', 'book/en/')}.html"
            shared = [i for i in ids(html / f"{name}.html") if i.startswith(("equation-", "ex-"))]
            assert shared and set(shared) <= ids(twin)


@every_page
def test_a_page_is_styled_and_read_without_waiting_for_another_file(page, name):
    """The style stands in the page; scripts wait until it is read; nothing of a theme is left."""
    assert not page.select("link[rel=stylesheet], link[rel=preload], img")
    (sheet,) = page.select("head style")
    assert len(gzip.compress(sheet.get_text().encode())) <= 7 * 1024
    assert all(script.has_attr("defer") for script in page.select("script[src]"))
    files = {Path(script["src"].split("?")[0]).name for script in page.select("script[src]")}
    assert "book.js" in files
    assert files <= {"book.js", "voice.js", "explore.js", "claims.js"}


@pytest.mark.parametrize("name", IN_A_LANGUAGE)
def test_headings_are_in_order(page, name):
    levels = [int(heading.name[1]) for heading in page.select("h1, h2, h3, h4, h5, h6")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def search_index(html, language):
    script = (html / "_static" / f"search-{language}.js").read_text(encoding="utf-8")
    return json.loads(script.removeprefix(f'bookIndex("{language}",').removesuffix(");\n"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_search_index_has_every_section_with_its_words(html, language):
    index = search_index(html, language)
    pages = [name for name in IN_A_LANGUAGE if language_of(name) == language]
    assert [page for page, *_ in index] == sorted(pages)
    for page, number, sections in index:
        article = parse(html / f"{page}.html").article
        anchors = {anchor for anchor, *_ in sections}
        shown = {part["id"] for part in article.select("section:has(> :is(h1, h2, h3))[id]")}
        assert anchors >= shown and anchors <= ids(html / f"{page}.html")
        assert number == int((re.search(r"/(\d\d)-", page) or [0, 0])[1])
        text = " ".join(text for _, _, text, _ in sections)
        assert len(text) > 300 and not re.search(r"\\[a-z]{3}|\beq-\d", text), page
    size = len(gzip.compress((html / "_static" / f"search-{language}.js").read_bytes()))
    assert size <= 300 * 1024
    assert not (html / "searchindex.js").exists()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_reference_has_every_public_name_in_english(html, language):
    """As many entries as lib has public names, each with its docstring, marked as English."""
    page = parse(html / f"book/{language}/lib.html")
    titles = [h.get_text().rstrip("#") for h in page.select("article h3")]
    for call in ("Parameter(data)", "SGD(params, lr, momentum=0.0", "LSTM(", "gradcheck("):
        assert any(title.startswith(call) for title in titles), call
    assert len(titles) >= 70 and not re.search("object at|<|Path", " ".join(titles))
    texts = page.select("article div.docstring")
    assert len(texts) >= len(titles)
    assert all(text["lang"] == "en" and text.get_text(strip=True) for text in texts)


@pytest.mark.parametrize("name", [name for name in CHAPTERS if language_of(name) == "ko"])
def test_a_particle_stays_on_the_line_of_its_formula(page, name):
    short = [f for f in page.select("article span.math") if len(f.annotation.get_text()) < 40]
    glued = [f for f in short if "glued" in f.parent.get("class", [])]
    loose = [f for f in short if f not in glued and HANGUL.match(str(f.next_sibling or ""))]
    assert len(glued) > 10 and not loose


@pytest.mark.parametrize("language", LANGUAGES)
def test_glossary_has_every_term_with_its_meaning_and_a_way_to_a_chapter(html, language):
    name = f"book/{language}/glossary"
    page, other = parse(html / f"{name}.html"), "en" if language == "ko" else "ko"
    terms = yaml.safe_load((ROOT / "lib/glossary.yml").read_text(encoding="utf-8"))["terms"]
    ids = [term["id"] for term in page.select("dl.glossary-terms dt")]
    assert sorted(ids) == sorted("term-" + key.lower().replace(" ", "-") for key in terms)
    for key, words in terms.items():
        term = page.find(id="term-" + key.lower().replace(" ", "-"))
        assert term.get_text() == f"{words[language]} {words[other]}"
        assert term.find(lang=other).get_text() == words[other]
        meaning = term.find_next_sibling("dd")
        assert meaning.p.get_text() == words["means"][language]
        links = [docname(html, name, a["href"]) for a in meaning.select(".glossary-links a")]
        assert links == sorted(links) and set(links) <= set(CHAPTERS), key
        if key != "input layer":  # the prose has no need of this one
            assert links, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_claim_is_listed_with_its_verdicts(html, language):
    ledger = yaml.safe_load((ROOT / "book" / "claims.yml").read_text(encoding="utf-8"))
    listed = {e["id"]: e for e in parse(html / f"book/{language}/21-claims.html").select(".claim")}
    assert list(listed) == [f"claim-{name.lower()}" for name in ledger["claims"]]
    for name in ledger["claims"]:
        tests = [
            row for rows in ledger["findings"].values() for row in rows if name in row["claims"]
        ]
        verdicts = [row["verdict"] for row in tests]
        listing = listed[f"claim-{name.lower()}"]
        assert [box["class"][-1] for box in listing.select(".verdict")] == verdicts, name
        below = [len(item.select("li")) for item in listing.select(":scope > ul > li")]
        assert below == [len(row.get("numbers", [])) + 1 for row in tests], name


@pytest.mark.parametrize("name", CHAPTERS)
def test_verdicts_of_a_chapter_lead_to_their_cells(page, name):
    ledger = yaml.safe_load((ROOT / "book" / "claims.yml").read_text(encoding="utf-8"))
    rows = ledger["findings"].get(name.rpartition("/")[2], [])
    boxes = [] if name.endswith("/21-claims") else page.select("td .verdict")
    assert [box["class"][-1] for box in boxes] == [row["verdict"] for row in rows]
    links = [] if name.endswith("/21-claims") else page.select("td .test-cell a")
    cells = [f"#cell-{cell}" for row in rows for cell in row["cells"]]
    assert [link["href"] for link in links] == cells


# The particle of each pair that follows a consonant, one that follows a vowel.
PARTICLES = {"은": "는", "이": "가", "을": "를", "과": "와", "으로": "로"}
BY_NUMBER = re.compile(
    rf"\(\d+\.\d*(\d)\)({'|'.join([*PARTICLES, *PARTICLES.values()])})(?:는|도|만)?(?![가-힣])"
)


@pytest.mark.parametrize("name", [name for name in IN_A_LANGUAGE if "/ko/" in name])
def test_a_particle_fits_the_number_of_the_equation_before_it(page, name):
    """(3.1)과, read 삼 점 일, but (3.2)와, since that ends in 이. The build gives the number."""
    for link in page.article.select("a.reference.internal"):
        behind = "".join(itertools.islice(link.find_all_next(string=True), 1, 3))
        if found := BY_NUMBER.match(link.get_text() + behind):
            digit, particle = found.groups()
            vowel = digit in "2459" or (particle in ("로", "으로") and digit in "178")
            assert (particle in PARTICLES.values()) == vowel, f"{link.get_text()}{particle}"


# The book for electronic readers, bound from the same pages


@pytest.fixture
def bound(html, tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "HTML", html)
    monkeypatch.setattr(epub, "EPUB", tmp_path / "epub")
    return epub.bind


@pytest.mark.parametrize("language", LANGUAGES)
def test_book_for_electronic_readers_is_whole(html, bound, language):
    """Every page with its formulas and figures; links lead to a place in it or leave it."""
    with zipfile.ZipFile(bound(language)) as book:
        first = book.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        files = {Path(name).name: book.read(name).decode() for name in book.namelist()}
    names = [name for name in PAGES if name.startswith(f"book/{language}/")]
    texts = [f"{Path(name).stem}.xhtml" for name in names]
    assert {name for name in files if name.endswith(".xhtml")} == {*texts, "nav.xhtml"}
    pages = {name: BeautifulSoup(files[name], "html.parser") for name in [*texts, "nav.xhtml"]}
    ids = {name: {e["id"] for e in page.find_all(id=True)} for name, page in pages.items()}
    for name, page in pages.items():
        ElementTree.fromstring(files[name])
        assert not page.select("script, button, input, select, form"), name
        for link in page.find_all("a", href=True):
            address, anchor = urldefrag(link["href"])
            if not re.match("https?:", address):
                assert unquote(anchor) in ids[address or name] | {""}, (name, link)
    for name in names:
        page, beside = pages[f"{Path(name).stem}.xhtml"], parse(html / f"{name}.html").article
        for tag in ("math", "svg", "h2", "table", "details"):
            assert len(page.find_all(tag)) == len(beside.find_all(tag)), (name, tag)
        said = f'href="{Path(name).stem}.xhtml" media-type="application/xhtml+xml"'
        kinds = " ".join(kind for kind, tag in epub.NEEDS.items() if page.find(tag))
        assert f'{said} properties="{kinds}"/>' in files["package.opf"] or not kinds
        assert not [e for e in page.find_all(style=True) if "var(" in e["style"]], name
        code, same = (p.select(".cell_input pre") for p in (page, beside))
        assert [pre.get_text() for pre in code] == [pre.get_text() for pre in same], name


def test_a_page_that_is_not_well_formed_is_named(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<article><p>1 < 2</p></article>")
    with pytest.raises(ValueError, match=r"expected well-formed XML in .*page\.html: .*line 1"):
        epub.article(page)
