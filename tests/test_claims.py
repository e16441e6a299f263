"""The ledger: every claim has its verdicts, every verdict a cell that asserts it, numbers agree."""

import re
import sys
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest

from lib import experiments, language, probes, study

sys.path.insert(0, str(Path(__file__).parents[1] / "book"))
import claims  # noqa: E402

LEDGER = claims.ledger()
CHAPTERS = sorted(LEDGER["findings"])
table = cache(claims.table)
KINDS = {"formula", "cause", "cure", "comparison", "practice"}


@cache
def code_cells(lang, chapter):
    """The code cells of a chapter by their ids."""
    notebook = nbformat.read(claims.BOOK / lang / f"{chapter}.ipynb", as_version=4)
    return {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}


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
    rows, findings = table(lang, chapter), LEDGER["findings"][chapter]
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
def test_every_verdict_stands_on_a_cell_that_asserts(chapter):
    source = {name: cell.source for name, cell in code_cells("en", chapter).items()}
    for finding in LEDGER["findings"][chapter]:
        assert set(finding) <= {
            *"claims verdict kind cells seeds because numbers reference".split()
        }
        assert finding.get("kind", "cause") in KINDS
        assert finding["cells"] or finding.get("because"), finding
        for cell in finding["cells"]:
            assert re.search(r"^\s*assert\b", source.get(cell, ""), re.M), (finding, cell)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_verdict_rests_on_100_seeds_or_on_nothing_random(chapter):
    for row, finding in zip(table("en", chapter), LEDGER["findings"][chapter], strict=True):
        assert finding["seeds"] == 0 or finding["seeds"] >= 100, f"too few seeds: {row}"


NUMBERS = [
    pytest.param(chapter, i, number, id=f"{chapter[:2]}-{i}-{number['value']}")
    for chapter, findings in LEDGER["findings"].items()
    for i, finding in enumerate(findings)
    for number in finding.get("numbers", [])
]
FIGURE = re.compile(r"−?\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?%?")


def figures(text):
    """The numbers in a text as they are written, a minus always as −, a plus left out."""
    return FIGURE.findall(re.sub(r"(?<![\de])-(?=\d)", "−", text))


def close(text, number):
    """Is this number written so? To half a unit of its last digit."""
    (figure,) = figures(text)
    digits, _, exponent = figure.strip("−%").replace(",", "").partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))
    scale = 0.01 if "%" in figure else 1
    written = float(f"{digits}e{exponent or 0}") * (-1 if "−" in figure else 1)
    return abs(written * scale - number) <= 0.501 * unit * scale


@pytest.mark.parametrize(("chapter", "i", "number"), NUMBERS)
def test_a_number_of_the_ledger_says_what_it_is_and_where_it_is_from(chapter, i, number):
    keys = {"value", *language.LANGUAGES}
    keys |= {"study", "where", "column", "of"} if "study" in number else {"cell"}
    if "interval" in number or "margin" in number:
        keys |= {"by", "interval" if "interval" in number else "margin"}
        assert f"by {number['by']}" in language.glossary()["labels"]
    assert set(number) - {"seeds", "written"} == keys
    assert all(number[lang].strip() for lang in language.LANGUAGES)
    for lang in language.LANGUAGES if "written" in number else ():
        assert number["written"] in table(lang, chapter)[i].seen


@pytest.mark.parametrize(("chapter", "i", "number"), NUMBERS)
def test_a_number_of_the_ledger_is_that_of_its_study_or_of_its_cell(chapter, i, number):
    """From a study it is computed anew, `of` says what: the median or the mean of a column, the
    share that is not NEVER, or the share solved at the end. Of a cell it is what the cell prints,
    with both ends of its interval in one line; a share of k/n has Wilson's interval.
    """
    ends = number.get("interval")
    if "study" not in number:
        finding = LEDGER["findings"][chapter][i]
        assert number["cell"] in finding["cells"]
        wanted = figures(number["value"])
        if "/" in number["value"] and ends:
            assert number["by"] == "wilson"
            shares = probes.wilson(*(int(n.replace(",", "")) for n in wanted))
            assert all(close(*pair) for pair in zip(ends, shares, strict=True))
        else:
            wanted += figures(" ".join(ends or [number.get("margin", "")]))
        for lang in language.LANGUAGES:
            lines = printed(lang, chapter, number["cell"])
            if "%p" in number["ko"]:  # a difference of shares is printed as 0.8%, and means points
                lines = [line.replace("%", "") for line in lines]
            assert any(set(wanted) <= set(figures(line)) for line in lines), (lang, wanted)
        return
    stored = study.select(study.load(number["study"]), **number["where"])
    column, kind = stored[number["column"]], "wilson"
    if number["of"] == "median":
        value, found, kind = np.median(column), probes.median_interval(column), "order"
    elif number["of"] == "mean":
        value, half = column.mean(), 1.96 * column.std(ddof=1) / np.sqrt(len(column))
        found, kind = (value - half, value + half), "normal"
    else:
        happened = column != experiments.NEVER
        if number["of"] == "solved":
            happened = experiments.solved_in_the_end(stored)
        value, found = happened.mean(), probes.wilson(happened.sum(), len(column))
    assert close(number["value"], value), value
    assert number.get("seeds", LEDGER["findings"][chapter][i]["seeds"]) == len(column)
    if ends:
        assert number["by"] == kind
        assert all(close(*pair) for pair in zip(ends, found, strict=True)), found


def printed(lang, chapter, name):
    """The lines that a cell prints, as stored."""
    outputs = code_cells(lang, chapter)[name].outputs
    outputs = [o["text"] for o in outputs if o.output_type == "stream"]
    return "".join(outputs).splitlines()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_finding_is_measured_or_says_why_not_and_tells_what_settles_it(chapter):
    works = set(re.findall(r"^@\w+\{(\w+),", (claims.BOOK / "references.bib").read_text(), re.M))
    for finding in LEDGER["findings"][chapter]:
        numbers = finding.get("numbers", [])
        assert numbers or finding.get("because"), finding
        if finding["seeds"] and not finding.get("because"):
            assert any("interval" in n or "margin" in n for n in numbers), finding
        reference = finding["reference"]
        if isinstance(reference, str):
            assert reference in ("calculation", "measurement")
            continue
        assert reference, finding
        for work in reference:
            assert work["work"] in works and not work["work"].startswith("src0"), work
            assert set(work) <= {"work", *claims.PLACES}, work


def test_the_numbers_come_from_at_least_two_studies():
    numbers = [parameters.values[2] for parameters in NUMBERS]
    assert len({number["study"] for number in numbers if "study" in number}) >= 2


def test_what_a_finding_rests_on_is_said_in_both_languages():
    number = {
        "en": "factor",
        "ko": "배율",
        "value": "3e-05",
        "interval": ["1e-05", "0.2"],
        "by": "t",
    }
    share = {"en": "share", "ko": "비율", "value": "+8.6", "margin": "0.4", "by": "wilson"}
    share |= {"study": "xor-adam", "seeds": 1000}
    works = [{"work": "he2015a", "section": "2.2", "equation": "10"}, {"work": "xu2015"}]
    finding = {"seeds": 20, "numbers": [number, share], "reference": works}
    assert [line.replace("\xa0", " ") for line in claims.evidence(finding, "en")] == [
        r"factor: **$3 \cdot 10^{-5}$** (95%: $10^{-5}$ – 0.2, t; n = 20)",
        "share: **+8.6 ± 0.4** (95%, Wilson; n = 1,000; `xor-adam`)",
        "Settled by {cite}`he2015a`, section 2.2, equation (10); {cite}`xu2015`",
    ]
    assert claims.evidence(finding, "ko")[-1].endswith("`he2015a`, 2.2절, 식 (10); {cite}`xu2015`")
    bare = {"seeds": 0, "reference": "calculation"}
    assert claims.evidence(bare, "en") == ["Settled by the chapter's own derivation"]


def test_a_row_that_is_none_is_refused_with_the_words_that_are_known(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "BOOK", tmp_path)
    (tmp_path / "en").mkdir()
    text = "## Verdict\n\n| claim | verdict | seen |\n|---|---|---|\n| A1: x | **maybe** | y |"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    nbformat.write(notebook, tmp_path / "en" / "x.ipynb")
    with pytest.raises(ValueError, match=r"\*\*holds\*\*.*given .*maybe"):
        claims.table("en", "x")
