"""The pieces of book/_ext on their own, and small books built to see them complain.

A small book has the configuration and the extensions of the real one and pages of a few lines.
What is checked is that an error names what was given and what was expected.
"""

import gzip
import itertools
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import nbformat
import numpy as np
import pytest
import yaml

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import book_changes  # noqa: E402
import book_exercises  # noqa: E402
import book_figures  # noqa: E402
import book_glossary  # noqa: E402
import book_math  # noqa: E402
import book_search  # noqa: E402
from book_citations import author_year  # noqa: E402
from book_languages import catalogue, labels, languages, twins  # noqa: E402
from book_site import body, frame, style  # noqa: E402
from docutils import nodes  # noqa: E402
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


def page(*content):
    section = nodes.section("", nodes.title("", "A title"), *content, ids=["a"])
    return nodes.document(None, None, "", section)


def test_index_has_text_and_formulas_as_they_are_read_but_no_code():
    read = page(
        nodes.paragraph("", "", nodes.Text("The slope "), nodes.math("", r"\sigma'(x) \le 1/4")),
        nodes.literal_block("", "for x in draw_slope(x): draw_slope(-x)"),
        nodes.section("", nodes.title("", "Inner"), nodes.paragraph("", "𝔼 stays"), ids=["b"]),
    )
    assert book_search.entries(read, "en") == [
        ("a", "A title", "The slope σ′(x)≤1/4", "draw_slope"),
        ("b", "Inner", "𝔼 stays", ""),
    ]
    for tex, seen in {
        r"\mathbb{E}[x]": "E[x]",
        r"\sqrt{\chi} \le \tfrac14": "√χ≤1/4",
        r"10^{-15}": "10⁻¹⁵",
        r"\frac{1}{4\cosh^2(x/2)}": "1/(4cosh²(x/2))",
        r"4e^{-2|x|} \And \sqrt{2/n}": "4e^(−2|x|)&√(2/n)",
        r"\frac{\partial L}{\partial W^{\mathsf T}}": "∂L/∂Wᵀ",
    }.items():
        assert book_search.formula_text(tex) == seen
    assert book_search.formula_text(r"\nosuchcommand{x}") == r"\nosuchcommand{x}"


def test_every_term_of_the_glossary_is_found_by_itself():
    term = nodes.term("", "기울기", ids=["term-gradient"])
    meaning = nodes.definition("", nodes.paragraph("", "How steep."), nodes.paragraph("", "Links"))
    item = nodes.definition_list_item("", term, meaning)
    read = page(nodes.definition_list("", item, classes=["glossary-terms"]))
    assert book_search.entries(read, "ko") == [
        ("a", "A title", "", ""),
        ("term-gradient", "기울기", "How steep.", ""),
    ]


# The frame


def test_colours_of_the_day_are_left_to_older_browsers():
    css = style.minify("/* x */ :root {\n  --ink: light-dark(#111111, #eeeeee);\n}")
    assert css == ":root{--ink:light-dark(#111111,#eeeeee)}"
    assert style.for_older_browsers(css).endswith("{:root{--ink:#111111}}")


def test_spans_that_say_nothing_are_left_out_of_code_only():
    code = '<div class="highlight"><pre><span></span><span class="k">def</span>'
    code += '<span class="w"> </span><span class="n">f</span></pre>\n</div>'
    assert (
        body.mend(code) == '<div class="highlight"><pre><span class="k">def</span> f</pre>\n</div>'
    )
    assert body.mend('<p><span class="n">f</span></p>') == '<p><span class="n">f</span></p>'


def test_a_heading_of_a_table_has_a_name():
    formula = "<math><mi>κ</mi><annotation>\\kappa</annotation></math>"
    for cell, mended in (
        ("<th>A</th>", "<th>A</th>"),
        ("<th><p></p></th>", "<td><p></p></td>"),
        (
            f"<th><p>{formula}</p></th>",
            '<th><span class="visually-hidden">κ</span><span aria-hidden="true"><math>',
        ),
        (f"<th>{formula} A</th>", f"<th>{formula} A</th>"),
    ):
        assert body.mend(f"<tr>{cell}</tr>").startswith(f"<tr>{mended}")


def test_the_first_cell_of_a_row_is_its_heading_and_a_table_scrolls_in_one_box():
    row = '<tr class="row-even"><td><p>C1</p></td><td><p>wrong</p></td></tr>'
    mended = '<tr class="row-even"><th scope="row"><p>C1</p></th><td><p>wrong</p></td></tr>'
    box = '<div class="table-scroll"><table>{}</table></div>'
    assert body.mend(f"<table>{row}</table>") == box.format(mended)
    scrolls = '<div tabindex="0"><table></table></div>'
    assert body.mend(scrolls) == scrolls


def test_an_error_is_reported_where_the_repository_is_known():
    assert frame.report("", "book/ko/02-sigmoid") == ""
    address = frame.report("https://example.org/a/b", "book/ko/02-sigmoid")
    assert address.startswith("https://example.org/a/b/issues/new?")
    asked = parse_qs(urlsplit(address).query)
    assert asked["title"] == ["book/ko/02-sigmoid: "] and "book/ko/02-sigmoid#" in asked["body"][0]


# The feed of changes

CHANGE = {"date": date(2026, 1, 2), "page": "02-sigmoid", "ko": "새 <그림>", "en": "A new figure"}


def test_feed_is_well_formed_and_leads_to_the_page():
    older = CHANGE | {"date": date(2025, 1, 2), "ko": "옛것"}
    for base, start in (("", ""), ("https://example.org/b/", "https://example.org/b/book/ko/")):
        root = ET.fromstring(book_changes.feed([CHANGE, older], "ko", "책", base).encode())
        atom = "{http://www.w3.org/2005/Atom}"
        entries = root.findall(f"{atom}entry")
        assert [entry.findtext(f"{atom}title") for entry in entries] == ["새 <그림>", "옛것"]
        assert entries[0].find(f"{atom}link").get("href") == f"{start}02-sigmoid.html"
        assert root.findtext(f"{atom}updated") == "2026-01-02T00:00:00Z"
        assert len({entry.findtext(f"{atom}id") for entry in entries}) == 2


@pytest.mark.parametrize("wrong", [{"date": "soon"}, {"en": ""}, {"page": "nowhere"}])
def test_an_incomplete_change_is_named(tmp_path, wrong):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "changes.yml").write_text(yaml.safe_dump([CHANGE]), encoding="utf-8")
    pages = {"book/ko/02-sigmoid", "book/en/02-sigmoid"}
    assert book_changes.read(tmp_path, pages, ["en", "ko"]) == [CHANGE]
    (tmp_path / "book" / "changes.yml").write_text(
        yaml.safe_dump([CHANGE | wrong]), encoding="utf-8"
    )
    with pytest.raises(ExtensionError, match="book/changes.yml.*expected"):
        book_changes.read(tmp_path, pages, ["en", "ko"])


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


@pytest.mark.parametrize(
    ("tex", "grouped"),
    [
        (r"\bigl(a\bigr)^2", r"{\bigl(a\bigr)}^2"),
        (r"f\Bigl[b + \bigl(c\bigr)^{2}\Bigr] _1", r"f{\Bigl[b + {\bigl(c\bigr)}^{2}\Bigr]} _1"),
        (r"\bigl(a\bigr) b^2", r"\bigl(a\bigr) b^2"),
        (r"\bigl(a\\ &+ b\bigr)^2", r"\bigl(a\\ &+ b\bigr){}^2"),
    ],
)
def test_a_power_belongs_to_the_whole_bracket(tex, grouped):
    assert book_math.power_of_the_whole(tex) == grouped


def test_what_touches_a_formula_stays_with_it_and_nothing_is_lost():
    formula = nodes.math("", "x")
    paragraph = nodes.paragraph("", "", nodes.Text("z, ("), formula, nodes.Text(")에서 "))
    paragraph += [nodes.math("", "y"), nodes.Text("z, ("), nodes.Text(" 90%가 그렇습니다.")]
    before = paragraph.astext()
    book_math.glue(None, paragraph, "")
    glued = [node.astext() for node in paragraph.findall(nodes.inline)]
    assert glued == ["(x)에서", "yz,", "90%가"]
    assert paragraph.astext() == before


def test_the_root_of_a_low_letter_has_the_height_of_a_line():
    assert '<msqrt><mspace height="0.75em"' in book_math.to_mathml(r"\sqrt{n}", display=False)
    assert "mspace" not in book_math.to_mathml(r"\sqrt{n + 1}", display=False)


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


@pytest.mark.parametrize(
    ("path", "shorter"),
    [
        ("M 57.2 225.37 L 57.2 3 L 58.04 3 L 58 3 z ", "M57.2 225.4l0 -222.4 .8 0z"),
        ("M 0 0 C 1 2 3 4 5 6 L 5 6.01 L -0.5 6", "M0 0c1 2 3 4 5 6l-5.5 0"),
        ("M 0 0 2 2 z L 1 1", "M0 0l2 2zl1 1"),
        ("M 0 0 A 1 2 3 4 5 6 7", "M 0 0 A 1 2 3 4 5 6 7"),
    ],
)
def test_a_path_is_written_in_short_steps(path, shorter):
    assert book_figures.shorten_path(path) == shorter


def test_rounding_does_not_add_up_along_a_path():
    rng = np.random.default_rng(0)
    points = np.cumsum(rng.normal(size=(2000, 2)), axis=0)
    path = "M " + " L ".join(f"{x:f} {y:f}" for x, y in points)
    steps = np.array(re.findall(r"-?(?:\d+\.?\d*|\.\d+)", book_figures.shorten_path(path)), float)
    kept = np.cumsum(steps.reshape(-1, 2), axis=0)
    nearest = np.abs(points[:, None] - kept[None]).max(axis=2).min(axis=1)
    assert nearest.max() <= 0.0501


def test_a_figure_keeps_only_what_is_used():
    nested = FIGURE.replace(
        "<text", '<g id="unused"><g><path id="line" d="M 0.04 1 L 9 9"/></g></g><text'
    )
    svg = book_figures.inline_svg(nested, "name", "f1-")
    assert '<path d="M0 1l9 8"' in svg and "unused" not in svg and "xmlns" not in svg
    assert svg.count("<g") == 1 and "  " not in svg


def linear(colour):
    """The linear RGB of a colour, from 0 to 1."""
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return linear(colour) @ (0.2126, 0.7152, 0.0722)


def sheet_colours():
    """Each colour of the style sheet: name, by day, by night."""
    css = (ROOT / "book" / "_static" / "book.css").read_text(encoding="utf-8")
    return re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)


def contrast(colour, background):
    light, dark = sorted((luminance(colour), luminance(background)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [1, 2])
def test_colours_can_be_read_on_every_ground(theme):
    colours = {colour[0]: colour[theme] for colour in sheet_colours()}
    read = [
        name for name in colours if re.fullmatch(r"ink|muted|link|note|fig-(?:ink|muted|\d)", name)
    ]
    assert len(read) == 12
    for name in read:
        for ground in ("paper", "raised"):
            assert contrast(colours[name], colours[ground]) >= 4.5, f"--{name} on --{ground}"


# Machado, Oliveira and Fernandes 2009, severity 1, in linear RGB.
SIGHT = {
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red cones": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green cones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue cones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(rgb):
    """CIE L*a*b* of a colour in linear RGB, with D65 as white."""
    ratios = XYZ @ np.clip(rgb, 0, 1) / XYZ.sum(axis=1)
    f = np.where(ratios > 0.008856, np.cbrt(ratios), 7.787 * ratios + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", [1, 2])
def test_colours_of_figures_stay_apart_for_the_colour_blind(theme, sight):
    """By 20 of CIE 1976; two colours side by side are told apart from 2.3 on."""
    seen = {}
    for colour in sheet_colours():
        if re.fullmatch(r"fig-\d", colour[0]):
            seen[colour[0]] = lab(np.array(SIGHT[sight]) @ linear(colour[theme]))
    assert len(seen) == 6
    for a, b in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[a] - seen[b]) >= 20, (a, b)


# Citations


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (["Hanin"], "Hanin 2018"),
        (["Glorot", "Bengio"], "Glorot & Bengio 2018"),
        (["He", "Z", "R"], "He et al. 2018"),
        (["Touvron", "others"], "Touvron et al. 2018"),
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
    for part in ("_ext", "_static", "_themes", "_locale"):
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
    return build_again(folder)


def build_again(folder):
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


def test_a_changed_sheet_reaches_all_pages_and_its_missing_font_is_named(tmp_path):
    chapters = {"ko/01-a.md": "# 가", "en/01-a.md": "# A"}
    run = build(tmp_path, {"ko/index.md": "# 책", "en/index.md": "# Book", **chapters})
    assert run.returncode == 0, run.text
    with (tmp_path / "book" / "_static" / "book.css").open("a", encoding="utf-8") as sheet:
        sheet.write(".new { color: red; }")
    (tmp_path / "book" / "_static" / "fonts" / "book-math.woff2").unlink()
    run = build_again(tmp_path)
    assert ".new{color:red}" in (run.html / "book" / "en" / "index.html").read_text("utf-8")
    assert run.returncode != 0
    assert "book.css: expected the file fonts/book-math.woff2, which is missing" in run.text


def test_a_new_equation_moves_the_numbers_of_those_behind_it(tmp_path):
    equation = "$$\na = b\n$$ (eq-{})\n\n"
    chapters = {"ko/04-a.md": "# 가", "en/04-a.md": "# A\n\n" + equation.format("old")}
    pages = {"ko/index.md": "# 책", "en/index.md": "# Book\n\n{eq}`eq-old`", **chapters}
    run = build(tmp_path, pages)
    page, index = (run.html / "book" / "en" / name for name in ("04-a.html", "index.html"))
    assert run.returncode == 0, run.text
    assert "(4.1)" in page.read_text("utf-8") and "(4.1)" in index.read_text("utf-8")
    source = tmp_path / "book" / "en" / "04-a.md"
    source.write_text(chapters["en/04-a.md"].replace("$$", equation.format("new") + "$$", 1))
    run = build_again(tmp_path)
    assert run.returncode == 0, run.text
    assert re.findall(r"\(4\.\d\)", index.read_text("utf-8")) == ["(4.2)"]
    assert re.findall(r"\(4\.\d\)", page.read_text("utf-8")) == ["(4.1)", "(4.2)"]


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
    searched = {f"_static/search-{language}.js" for language in ("en", "ko")}
    assert {f"{page}.html" for page in pages} | searched <= set(
        files_with(run.html, "SolutionMark")
    )
    toc = tmp_path / "with" / "_toc.yml"
    toc.write_text(re.sub(r"  - file: book/../01-a\n?", "", toc.read_text("utf-8")), "utf-8")
    run = build_again(tmp_path / "with")
    assert run.returncode == 0, run.text
    assert list(run.html.rglob("02-b*")) and not list(run.html.rglob("01-a*"))


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
