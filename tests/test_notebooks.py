"""The notebooks as texts: twins alike, frame complete, outputs stored, words from the glossary.

That each cell runs and gives its stored output is nbval's part; it collects the same files.
"""

import re
import statistics
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from nbval.plugin import get_sanitize_patterns

from lib.language import LANGUAGES, glossary

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book"))
import notebooks  # noqa: E402

CHAPTERS = notebooks.chapters()
PAGES = [(lang, name) for name in CHAPTERS for lang in LANGUAGES]
every_page = pytest.mark.parametrize(("lang", "name"), PAGES)
every_chapter = pytest.mark.parametrize("name", CHAPTERS)
LABEL = re.compile(r":label: (\S+)|\$\$ \((\S+)\)|^\((\S+)\)=|\{(?:eq|ref)\}`(\S+?)`", re.M)


def cells(lang, name, kind=None):
    return [c for c in notebooks.read(lang, name).cells if kind in (None, c.cell_type)]


def tags(cell):
    return cell.metadata.get("tags", [])


def text(lang, name):
    return "\n".join(c.source for c in cells(lang, name, "markdown"))


@every_chapter
def test_twins_are_alike_cell_by_cell(name):
    ko, en = cells("ko", name), cells("en", name)
    assert [c.cell_type for c in ko] == [c.cell_type for c in en], "other cells, or another order"
    for ours, theirs in zip(ko, en, strict=True):
        assert ours.id == theirs.id and tags(ours) == tags(theirs), f"cell {ours.id}"
        if ours.cell_type == "markdown":
            labels = [sorted("".join(m) for m in LABEL.findall(c.source)) for c in (ours, theirs)]
            assert labels[0] == labels[1], f"labels or references in cell {ours.id}"
        elif "language" not in tags(ours):
            mend = f"nox -s twin -- en {name}, or ko, whichever is right"
            assert ours.source == theirs.source, f"code in cell {ours.id}; to mend: {mend}"


@every_page
def test_one_cell_sets_the_language(lang, name):
    (cell,) = [c for c in cells(lang, name, "code") if "language" in tags(c)]
    assert cell.source.endswith(f'language.use("{lang}")')


@every_chapter
def test_twins_have_been_compared_since_they_changed(name):
    seen = (yaml.safe_load(notebooks.STATE.read_text()) or {}).get(name)
    assert seen == {lang: notebooks.text_hash(lang, name) for lang in LANGUAGES}, (
        f"the text of {name} has changed: compare book/ko/{name}.ipynb with book/en/{name}.ipynb, "
        f"then run: python book/notebooks.py seen {name}"
    )


@every_page
def test_the_frame_is_complete_and_in_order(lang, name):
    page = text(lang, name)
    first, *headings = [words[lang] for words in glossary()["frame"].values()]
    places = [page.find(start) for start in (first, *(f"\n## {title}" for title in headings))]
    missing = list(zip(glossary()["frame"], places, strict=True))
    assert -1 not in places and places == sorted(places), missing
    assert page.count(":::{admonition}") >= 2, "no prediction is asked for"
    assert len(re.findall(r"```\{exercise\}", page)) >= 4
    exercises = re.findall(r"```\{exercise\}.*\n:label: (\S+)", page)
    assert re.findall(r"```\{solution\} (\S+)", page) == exercises


@every_page
def test_there_is_one_title_and_no_level_is_left_out(lang, name):
    levels = [len(m) for m in re.findall(r"^(#+) ", text(lang, name), re.M)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))


@every_page
def test_code_cells_are_short(lang, name):
    lengths = [len(c.source.splitlines()) for c in cells(lang, name, "code")]
    assert max(lengths) <= 25 and statistics.median(lengths) <= 10, lengths


@every_page
def test_every_cell_was_run_in_order_and_none_is_skipped(lang, name):
    code = cells(lang, name, "code")
    assert [c.execution_count for c in code] == list(range(1, len(code) + 1))
    for cell in code:
        assert not {"nbval-skip", "raises-exception"} & set(tags(cell)), f"cell {cell.id}"
        assert not [o for o in cell.outputs if o.output_type == "error"], f"cell {cell.id}"
        assert "stderr" not in [o.get("name") for o in cell.outputs], f"cell {cell.id}"
        if "nbval-ignore-output" in tags(cell):
            assert "assert " in cell.source, f"nothing checks cell {cell.id}"


@every_page
def test_every_figure_has_an_alt_text_in_the_language_and_a_paragraph_after(lang, name):
    page = cells(lang, name)
    for i, cell in enumerate(page):
        if any("image/svg+xml" in o.get("data", {}) for o in cell.get("outputs", [])):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt) > 40 and bool(re.search("[가-힣]", alt)) == (lang == "ko"), cell.id
            following = [c for c in page[i + 1 : i + 3] if c.cell_type == "markdown"]
            assert following, f"no paragraph reads the figure of cell {cell.id}"


def forbidden(lang, prose):
    """Every forbidden variant in a text, with its rule."""
    for key, words in glossary()["terms"].items():
        for variant in words.get(f"not_{lang}", []):
            pattern = re.escape(variant) if lang == "ko" else rf"\b{re.escape(variant)}"
            if re.search(pattern, prose, re.I):
                yield f"{variant!r} stands for {words[lang]!r} ({key})"


def prose_files(lang):
    folder = ROOT / "book" / lang
    return {p.name: p.read_text(encoding="utf-8") for p in folder.glob("*.md")} | {
        f"{name}.ipynb": text(lang, name) for name in CHAPTERS
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_are_those_of_the_glossary(lang):
    for name, prose in prose_files(lang).items():
        assert not list(forbidden(lang, prose)), name
    for key, words in glossary()["terms"].items():
        assert not list(forbidden(lang, words["means"][lang])), key
    if lang == "ko":
        assert not list(forbidden(lang, (ROOT / "README.ko.md").read_text(encoding="utf-8")))


def test_the_glossary_lint_notices():
    assert list(forbidden("ko", "그래디언트가 사라집니다")) and list(forbidden("ko", "첫 레이어는"))
    assert list(forbidden("en", "by back-propagation")) and not list(forbidden("en", "a gradient"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_notebook_is_in_the_table_of_contents(lang):
    toc = (ROOT / "_toc.yml").read_text("utf-8")
    listed = re.findall(rf"book/{lang}/(\d\S+)", toc)
    assert listed == CHAPTERS


def test_a_broken_notebook_is_named_with_the_line(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "BOOK", tmp_path / "book")
    folder = tmp_path / "book" / "en"
    folder.mkdir(parents=True)
    named = "book/en/01-x.ipynb is no notebook: "
    for text, why in (
        ('{"cells": [\n<<<<<<< HEAD\n', "line 2 is a conflict marker of git, '<<<<<<< HEAD'"),
        ('{"cells": [\n "a', "line 2: Unterminated string starting at (is it cut short?)"),
        ("", "line 1: Expecting value (is it cut short?)"),
    ):
        (folder / "01-x.ipynb").write_text(text)
        with pytest.raises(SystemExit, match=re.escape(named + why)):
            notebooks.read("en", "01-x")
    with pytest.raises(SystemExit, match=r"expected book/ko/01-x.ipynb, found none"):
        notebooks.read("ko", "01-x")
    with pytest.raises(SystemExit, match="expected one of 01-x; given '02-y'"):
        notebooks.chapters(["02-y"])


def test_stored_outputs_have_no_widget_and_no_broken_stream():
    def stream(text):
        return nbformat.v4.new_output("stream", text=text)

    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "7f"}, "text/plain": "a"}
    shown = nbformat.v4.new_output("display_data", widget)
    kept = notebooks.repeatable([stream("a"), stream("b"), shown, stream("c")])
    assert [o.get("text") for o in kept] == ["ab", None, "c"] and kept[1].data == {
        "text/plain": "a"
    }


def test_only_figures_are_compared_loosely():
    """A printed number is compared to its last digit, a coordinate to a tenth of a point."""
    config = (ROOT / "tests" / "nbval-sanitize.cfg").read_text(encoding="utf-8")
    rules = get_sanitize_patterns(config)  # as nbval reads them, which is not as configparser does
    assert len(rules) == config.count("regex:")

    def sanitize(text):
        for regex, replace in rules:
            text = re.sub(regex, replace, text)
        return text

    assert sanitize("h1 = 0.6225, L = 0.0657 m0123456789") == "h1 = 0.6225, L = 0.0657 m0123456789"
    drawn = '<path id="m0123456789" d="M 59.412345 -90.8"/></svg>'
    assert sanitize(drawn) == '<path id="ID" d="M 59.4 -90.8"/></svg>'
    page = "<style>a\n</style><script type='application/json'>1.25</script><script>b\n</script>"
    assert sanitize(page) == "ASSET<script type='application/json'>1.25</script>ASSET"
