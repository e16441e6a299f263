"""The pieces of book/_ext on their own, and small books built to see them complain.

A small book has the configuration and the extensions of the real one and pages of a few lines.
What is checked is that an error names what was given and what was expected.
"""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import book_exercises  # noqa: E402
import book_figures  # noqa: E402
import book_glossary  # noqa: E402
import book_math  # noqa: E402
import book_search  # noqa: E402
from book_citations import author_year  # noqa: E402
from book_languages import catalogue, labels, languages, twins  # noqa: E402
from math_core import LatexError  # noqa: E402
from pybtex.database import Entry, Person  # noqa: E402
from sphinx.errors import ExtensionError  # noqa: E402

# Glossary


def test_terms_stand_in_the_order_of_the_alphabet():
    names = ["층", "ReLU", "기울기 소실", "0 중심", "쌍곡탄젠트", "기울기", "연쇄 법칙", "드롭아웃"]
    ordered = sorted(names, key=book_glossary.sort_key)
    assert ordered == [
        *("기울기", "기울기 소실", "드롭아웃", "쌍곡탄젠트", "연쇄 법칙", "0 중심", "층", "ReLU")
    ]
    assert "".join(map(book_glossary.letter, ordered)) == "ㄱㄱㄷㅅㅇㅇㅊR"
    assert sorted(["loss", "Jacobian", "bias"], key=book_glossary.sort_key)[1] == "Jacobian"


def test_first_use_of_a_term_is_found_in_either_language():
    chapters = {
        2: {"en": "# 2. The sigmoid: why?\n\nA regain.", "ko": "# 2. 시그모이드\n\n이득"},
        3: {"en": "# 3. Gains\n\nWhat the\ngain is.", "ko": "# 3. 이득: 무엇인가"},
    }
    gain = {"en": "gain", "ko": "이득"}
    assert book_glossary.chapters_of(gain, chapters) == (2, 3)
    assert book_glossary.chapters_of(gain | {"since": 3}, chapters) == (3, 3)
    assert book_glossary.chapters_of({"en": "sigmoid", "ko": "시그모이드"}, chapters) == (2, 2)
    assert book_glossary.chapters_of({"en": "seed", "ko": "시드"}, chapters) == (None, None)


# Search


@pytest.fixture(scope="module")
def splitter():
    return book_search.KoreanEnglish({})


@pytest.mark.parametrize(
    ("text", "query"),
    [("활성화함수", "함수"), ("학습률", "학습"), ("폭발하는", "폭발"), ("기울기소실을", "소실")],
)
def test_noun_is_found_inside_a_word(splitter, text, query):
    assert query in splitter.split(text)


@pytest.mark.parametrize("particle", "은 는 이 가 을 를 의 에서 으로 에서는 입니다".split())
def test_particle_does_not_hide_a_word(splitter, particle):
    assert splitter.split(f"학습률{particle}")[0] == splitter.split("학습률")[0] == "학습률"


def test_split_keeps_latin_words_and_short_words(splitter):
    assert splitter.split("ReLU는 층의 수, σ'(z)") == ["ReLU", "는", "층의", "수", "σ", "z"]


def test_index_stays_small(splitter):
    """A word adds itself and one term for each pair of syllables, no more."""
    assert splitter.split("활성화함수를") == ["활성화함수", "활성", "성화", "화함", "함수"]


def test_query_is_cut_with_the_same_particles(splitter):
    assert (
        json.dumps("|".join(book_search.PARTICLES), ensure_ascii=False) in splitter.js_splitter_code
    )


def test_english_is_stemmed(splitter):
    assert splitter.stem("gradients") == "gradient"


# Languages


def test_page_language():
    pages = ("book/ko/01-a", "book/en/index", "book/index", "search", "search-ko")
    assert [languages.page_language(page) for page in pages] == ["ko", "en", "en", "en", "ko"]


def test_missing_twin_is_found():
    assert twins.missing(["book/index", "book/ko/a", "book/ko/b", "book/en/a"], ["en", "ko"]) == [
        ("book/ko/b", "book/en/b")
    ]


def test_labels_of_twins_stay_apart():
    registry = labels.LabelsByLanguage()
    try:
        for language in ("ko", "en"):
            labels.LabelsByLanguage.language = language
            assert "eq" not in registry
            registry["eq"] = language
        assert registry["eq"] == "en" and len(registry) == 2
        for key in list(registry):
            del registry[key]
        assert not registry
    finally:
        labels.LabelsByLanguage.language = None


def test_missing_catalogue_is_named(tmp_path):
    with pytest.raises(
        ExtensionError, match=r"'fr'.*expected book/_locale/fr/LC_MESSAGES/book\.po"
    ):
        catalogue.read_own(tmp_path, "fr")


def test_untranslated_message_is_named(tmp_path):
    folder = tmp_path / "book" / "_locale" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "book.po").write_text('msgid "Search"\nmsgstr ""\n')
    with pytest.raises(ExtensionError, match=r"found none of \['Search'\]"):
        catalogue.read_own(tmp_path, "fr")


# Formulas


def test_formula_keeps_its_source():
    mathml = book_math.to_mathml(r"a < \frac{1}{4}", display=True)
    assert '<annotation encoding="application/x-tex">a &lt; \\frac{1}{4}</annotation>' in mathml
    assert mathml.startswith('<math display="block">')


def test_rows_are_aligned_without_numbers():
    assert "(1)" not in book_math.to_mathml(
        r"\begin{align}a &= b \\ c &= d\end{align}", display=True
    )


@pytest.mark.parametrize("tex", [r"\sigma'(z)", r"f'^2"])
def test_prime_is_not_a_small_superscript(tex):
    assert '<mo lspace="0" rspace="0">′</mo></mrow>' in book_math.to_mathml(tex, display=False)


def test_bad_formula_raises():
    with pytest.raises(LatexError, match="foo"):
        book_math.to_mathml(r"\foo{x}", display=False)


# Figures

FIGURE = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
  width="360pt" height="223pt" viewBox="0 0 360 223">
<metadata>made by hand</metadata>
<defs><style type="text/css">*{stroke-linejoin: round}</style>
<clipPath id="c"><path id="p"/></clipPath></defs>
<g clip-path="url(#c)"><use xlink:href="#p" style="stroke: #0969DA"/><rect fill="#ffffff"/></g>
<text style="font: 10px 'DejaVu Sans', sans-serif; text-anchor: middle; fill: #59636e">기울기</text>
</svg>"""


def test_figure_follows_the_page():
    svg = book_figures.inline_svg(FIGURE, 'a "line" < 1', "f1-")
    assert (
        svg.startswith("<svg")
        and "metadata" not in svg
        and "<style" not in svg
        and 'width="' not in svg
    )
    assert (
        'viewBox="0 0 360 223"' in svg
        and 'role="img"' in svg
        and 'aria-label="a &quot;line&quot; &lt; 1"' in svg
    )
    assert 'id="f1-c"' in svg and "url(#f1-c)" in svg and 'href="#f1-p"' in svg
    assert (
        "stroke: var(--fig-1)" in svg
        and "fill: var(--fig-paper)" in svg
        and "fill: var(--fig-muted)" in svg
    )
    assert (
        "font: 10px var(--fig-font); text-anchor: middle" in svg and "stroke-linejoin: round" in svg
    )


def test_figure_that_would_restyle_the_page_is_refused():
    with pytest.raises(
        ValueError, match=r"expected style rules for '\*' only, got 'p \{color: red\}'"
    ):
        book_figures.inline_svg(
            FIGURE.replace("*{stroke-linejoin: round}", "p {color: red}"), "name", "f1-"
        )


def test_something_else_is_refused():
    with pytest.raises(ValueError, match="expected an <svg> element, got <html>"):
        book_figures.inline_svg("<html/>", "name", "f1-")


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(
    ("selector", "background"), [("html {", "#ffffff"), ('html[data-theme="dark"] {', "#121212")]
)
def test_figure_colours_can_be_seen(selector, background):
    css = (ROOT / "book" / "_static" / "book.css").read_text(encoding="utf-8")
    colours = dict(
        re.findall(r"--fig-(ink|muted|\d): (#\w{6})", css.split(selector)[1].split("}")[0])
    )
    assert len(colours) == 8
    for name, colour in colours.items():
        light, dark = sorted((luminance(colour), luminance(background)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, f"--fig-{name} {colour} on {background}"


# Citations


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (["Hanin"], "Hanin 2018"),
        (["Glorot", "Bengio"], "Glorot & Bengio 2018"),
        (["He", "Z", "R"], "He et al. 2018"),
    ],
)
def test_citation_names_authors_and_year(names, label):
    assert (
        author_year(
            Entry("misc", {"year": "2018"}, {"author": [Person(last=name) for name in names]})
        )
        == label
    )


# Small books


def notebook(title, *, alt):
    """A notebook of a heading and a cell with a stored figure."""
    page = nbformat.v4.new_notebook(
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python"},
        }
    )
    output = nbformat.v4.new_output("display_data", {"image/svg+xml": FIGURE})
    metadata = {"mystnb": {"image": {"alt": alt}}} if alt else {}
    page.cells = [
        nbformat.v4.new_markdown_cell(f"# {title}"),
        nbformat.v4.new_code_cell("draw()", outputs=[output], metadata=metadata),
    ]
    return nbformat.writes(page)


def build(folder, pages, locales=(), config=None):
    """Build a book of the given pages strictly; returns its result with the folder of the HTML."""
    book = folder / "book"
    for part in ("_ext", "_static", "_templates", "_locale"):
        shutil.copytree(
            ROOT / "book" / part, book / part, ignore=shutil.ignore_patterns("__pycache__")
        )
    for file in ("references.bib", "claims.yml", *(p.name for p in (ROOT / "book").glob("*.py"))):
        shutil.copy(ROOT / "book" / file, book)
    config = config or (ROOT / "_config.yml").read_text(encoding="utf-8")
    (folder / "_config.yml").write_text(config, encoding="utf-8")
    for language, words in dict(locales).items():
        (book / "_locale" / language / "LC_MESSAGES").mkdir(parents=True)
        (book / "_locale" / language / "LC_MESSAGES" / "book.po").write_text(
            words, encoding="utf-8"
        )
    toc = ["format: jb-book", "root: book/index", "chapters:"]
    for name, text in {"index.md": "# A book", **pages}.items():
        (book / name).parent.mkdir(exist_ok=True)
        (book / name).write_text(text, encoding="utf-8")
    for language in sorted({name.split("/")[0] for name in pages}):
        toc += [f"- file: book/{language}/index", "  sections:"]
        toc += [
            f"  - file: book/{Path(name).with_suffix('')}"
            for name in pages
            if name.startswith(f"{language}/0")
        ]
    (folder / "_toc.yml").write_text("\n".join(toc), encoding="utf-8")
    command = [
        Path(sys.executable).with_name("jupyter-book"),
        "build",
        ".",
        "-n",
        "-W",
        "--keep-going",
    ]
    run = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
    )
    run.text = run.stdout + run.stderr
    run.html = folder / "_build" / "html"
    return run


def test_chapter_without_its_twin_stops_the_build(tmp_path):
    pages = {
        "ko/index.md": "# 책",
        "en/index.md": "# Book",
        "ko/01-a.md": "# 가",
        "en/01-a.md": "# A",
        "ko/02-b.md": "# 나",
    }
    run = build(tmp_path, pages)
    assert run.returncode != 0
    assert "given book/ko/02-b in _toc.yml, expected its twin book/en/02-b" in run.text


def test_mistakes_on_pages_are_named(tmp_path):
    """A formula that cannot be read, a figure without a name, a chapter with another number."""
    run = build(
        tmp_path,
        {
            "ko/index.md": "# 책\n\n글 $\\foo{x}$ 글",
            "en/index.md": "# Book",
            "ko/01-a.ipynb": notebook("1. 가", alt="점점 작아지는 선"),
            "en/01-a.ipynb": notebook("7. A", alt=""),
        },
    )
    assert run.returncode != 0
    assert re.search(
        r"book/ko/index\.md:3: .*cannot typeset the formula .*foo\{x\}.*Unknown command",
        run.text,
    )
    assert re.search(
        r"book/en/01-a.*the figure of cell 2 has no alternative text: expected mystnb\.image\.alt",
        run.text,
    )
    assert re.search(r"book/en/01-a.*the title says chapter 7, expected 1", run.text)


def test_third_language_needs_a_folder_and_its_words(tmp_path):
    chapter = "# %s\n\n```{exercise}\n:label: one\n```\n\n$$x$$ (eq)\n\n{eq}`eq`\n"
    pages = {
        f"{language}/{page}": chapter % language if "0" in page else f"# {language}"
        for language in ("en", "fr", "ko")
        for page in ("index.md", "01-a.md")
    }
    title = (
        'msgid "Why gradients vanish and explode"\nmsgstr "Pourquoi les gradients disparaissent"'
    )
    words = f'{title}\n\nmsgid "Exercise %s"\nmsgstr "Exercice %s"\n'
    run = build(
        tmp_path,
        pages,
        {"fr": words},
    )
    assert run.returncode == 0, run.text
    page = (run.html / "book" / "fr" / "01-a.html").read_text(encoding="utf-8")
    assert (
        '<html lang="fr"' in page
        and "Recherche" in page
        and "Exercice 1.1" in page
        and "Pourquoi les gradients" in page
    )
    assert re.findall(r'language-switch" href="([^"]*)"', page) == [
        "../en/01-a.html",
        "../ko/01-a.html",
    ]
    assert '<a class="reference internal" href="#equation-eq">(1.1)</a>' in page


# Solutions

EXERCISE = "# {title}\n\n```{{exercise}} {title}\n:label: ex-01-a\n\nExerciseMarker\n```\n\n"
ANSWER = (
    "````{solution} ex-01-a\n:class: dropdown\n\nSolutionMarker\n\n```python\n"
    "SolutionMarker = 1\n```\n\n$$SolutionMarker$$\n````\n"
)
AFTER = "\n## More\n\nAfterMarker\n\n~~~{solution} ex-01-a\n풀이표시 SolutionMarker\n~~~\n"


def files_with(folder: Path, marker: str) -> list[str]:
    """The files of a built book in which a marker stands, as it is or compressed."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            content = gzip.decompress(content) if path.suffix == ".gz" else content
            if marker.casefold().encode() in content.decode("utf-8", "replace").casefold().encode():
                found.append(path.relative_to(folder).as_posix())
    return sorted(found)


def book_with_solutions(folder, hide):
    page = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    texts = EXERCISE.format(title="1. A"), ANSWER, AFTER
    page.cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
    pages = {}
    for language in ("en", "ko"):
        pages |= {
            f"{language}/index.md": "# 책 Book",
            f"{language}/01-a.ipynb": nbformat.writes(page),
        }
        pages[f"{language}/02-b.md"] = (
            "".join(texts).replace("01-a", "02-b").replace("1. A", "2. B")
        )
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    line = "hide_solutions: false"
    assert config.count(line) == 1  # the lecturer's one line
    return build(folder, pages, config=config.replace(line, f"hide_solutions: {str(hide).lower()}"))


def test_one_line_hides_every_solution_from_the_whole_book(tmp_path):
    run = book_with_solutions(tmp_path / "without", hide=True)
    assert run.returncode == 0, run.text
    assert files_with(run.html, "SolutionMark") == files_with(run.html, "풀이표시") == []
    pages = [f"book/{language}/{page}" for language in ("en", "ko") for page in ("01-a", "02-b")]
    for marker in ("ExerciseMarker", "AfterMarker"):
        assert {f"{page}.html" for page in pages} <= set(files_with(run.html, marker))
    handed_out = [f"_sources/{page}.{kind}" for page in pages for kind in ("ipynb", "md")]
    assert set(files_with(run.html, "AfterMarker")) & set(handed_out) == {
        path for path in handed_out if path.endswith(("a.ipynb", "b.md"))
    }
    run = book_with_solutions(tmp_path / "with", hide=False)
    assert run.returncode == 0, run.text
    found = files_with(run.html, "SolutionMark")  # the search keeps the stem
    assert {f"{page}.html" for page in pages} | {"searchindex.js"} <= set(found)


def test_nothing_outside_a_solution_points_into_it():
    """Else hiding the solutions would break a link."""
    for path in (ROOT / "book").glob("??/*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        rest = book_exercises.without_solutions(text)
        assert "{solution}" in text and "{solution}" not in rest
        hidden = re.findall(r"\$\$ \((\S+)\)|^\((\S+)\)=", text, re.M)
        kept = re.findall(r"\$\$ \((\S+)\)|^\((\S+)\)=", rest, re.M)
        for name in {"".join(m) for m in hidden} - {"".join(m) for m in kept}:
            assert f"`{name}`" not in rest, (path.name, name)
