"""The ledger: every claim has its verdicts, every verdict a cell that asserts it, numbers agree."""

import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from lib import experiments, language, probes, study

sys.path.insert(0, str(Path(__file__).parents[1] / "book"))
import claims  # noqa: E402

LEDGER = claims.ledger()
CHAPTERS = sorted(LEDGER["findings"])
KINDS = {"formula", "cause", "cure", "comparison", "practice"}


@pytest.fixture(scope="module")
def notebooks():
    paths = {name: claims.BOOK / "en" / f"{name}.ipynb" for name in CHAPTERS}
    return {name: nbformat.read(path, as_version=4) for name, path in paths.items()}


def test_every_chapter_with_a_table_of_verdicts_is_in_the_ledger():
    title = f"## {language.glossary()['frame']['verdict']['en']}"
    found = []
    for path in sorted((claims.BOOK / "en").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        if any(c.source.startswith(title) and claims.ID.search(c.source) for c in cells):
            found.append(path.stem)
    assert [name for name in found if name != "21-claims"] == CHAPTERS


@pytest.mark.parametrize("lang", language.LANGUAGES)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_ledger_and_the_table_of_the_chapter_agree_row_by_row(chapter, lang):
    rows, findings = claims.table(lang, chapter), LEDGER["findings"][chapter]
    assert [list(row.claims) for row in rows] == [f["claims"] for f in findings]
    assert [row.verdict for row in rows] == [f["verdict"] for f in findings]


def test_every_claim_is_known_and_tested_and_in_both_languages():
    tested = {c for rows in LEDGER["findings"].values() for f in rows for c in f["claims"]}
    assert tested == set(LEDGER["claims"])
    for name, claim in LEDGER["claims"].items():
        assert set(claim) == {"source", "kind", *language.LANGUAGES}, name
        assert claim["source"] == f"src00{'ABCDE'.index(name[0])}", name
        assert claim["kind"] in KINDS, name
        assert all(claim[lang].strip() for lang in language.LANGUAGES), name


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_verdict_stands_on_a_cell_that_asserts(chapter, notebooks):
    source = {c.id: c.source for c in notebooks[chapter].cells if c.cell_type == "code"}
    for finding in LEDGER["findings"][chapter]:
        assert set(finding) <= {*"claims verdict kind cells seeds because numbers".split()}
        assert finding.get("kind", "cause") in KINDS
        assert finding["cells"] or finding.get("because"), finding
        for cell in finding["cells"]:
            assert re.search(r"^\s*assert\b", source.get(cell, ""), re.M), (finding, cell)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_verdict_on_training_rests_on_few_seeds_unsaid(chapter):
    for row, finding in zip(claims.table("en", chapter), LEDGER["findings"][chapter], strict=True):
        assert isinstance(finding["seeds"], int) and finding["seeds"] >= 0
        if 0 < finding["seeds"] < 100:
            said = re.search(rf"\b{finding['seeds']}\b", row.seen.replace(",", ""))
            assert said, f"say how many: {row}"


NUMBERS = [
    (chapter, i, number)
    for chapter, findings in LEDGER["findings"].items()
    for i, finding in enumerate(findings)
    for number in finding.get("numbers", [])
]


@pytest.mark.parametrize(("chapter", "i", "number"), NUMBERS)
def test_the_numbers_of_the_ledger_are_those_of_the_stored_studies(chapter, i, number):
    """`of` is the median of a column, the share that is not NEVER, or the share solved at the end.

    `written` is how the row of the chapter puts it.
    """
    stored = study.select(study.load(number["study"]), **number["where"])
    column = stored[number["column"]]
    if number["of"] == "median":
        assert number["value"] == pytest.approx(np.median(column), rel=0.05)
    else:
        happened = column != experiments.NEVER
        if number["of"] == "solved":
            happened = (column == 1) & (stored["end"] < 0.5)
        assert number["value"] == pytest.approx(happened.mean(), abs=0.005)
        interval = probes.wilson(happened.sum(), len(column))
        np.testing.assert_allclose(number["interval"], interval, atol=0.005)
    for lang in language.LANGUAGES:
        assert number["written"] in claims.table(lang, chapter)[i].seen


def test_the_numbers_come_from_at_least_two_studies():
    assert len({number["study"] for *_, number in NUMBERS}) >= 2


def test_a_row_that_is_none_is_refused_with_the_words_that_are_known(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "BOOK", tmp_path)
    (tmp_path / "en").mkdir()
    text = "## Verdict\n\n| claim | verdict | seen |\n|---|---|---|\n| A1: x | **maybe** | y |"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    nbformat.write(notebook, tmp_path / "en" / "x.ipynb")
    with pytest.raises(ValueError, match=r"\*\*holds\*\*.*given .*maybe"):
        claims.table("en", "x")
