"""The ledger of claims: `claims.yml` and the tables of verdicts in the chapters.

`claims.yml` says what each source claims and, for each row of a chapter's table of verdicts, in its
order, which cells decide it, which numbers were measured and which works settle it. The words of a
verdict stand in the chapter and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
import yaml

from lib.language import glossary

BOOK = Path(__file__).parent
LEDGER = BOOK / "claims.yml"
VERDICTS = ("holds", "conditional", "imprecise", "wrong")
PLACES = (
    "chapter",
    "section",
    "theorem",
    "equation",
    "figure",
    "table",
    "appendix",
    "page",
)
ID = re.compile(r"(?<![A-Za-z0-9])[A-E]\d+[a-c]?(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Row:
    """A row of a table of verdicts: the claims it treats, and its words in one language."""

    claims: tuple[str, ...]
    verdict: str
    claim: str
    words: str  # the cell of the verdict, as written
    seen: str


@cache
def ledger() -> dict:
    """The file as it stands: `claims` by id, `findings` by chapter. Not to be changed."""
    return yaml.safe_load(LEDGER.read_text(encoding="utf-8"))


def table(lang: str, chapter: str) -> list[Row]:
    """The table of verdicts of a chapter. Raises ValueError for a row that is none."""
    notebook = nbformat.read(BOOK / lang / f"{chapter}.ipynb", as_version=4)
    title = f"## {glossary()['frame']['verdict'][lang]}"
    words = {label(name, lang): name for name in VERDICTS}
    (cell,) = [c for c in notebook.cells if c.source.startswith(title)]
    lines = [line for line in cell.source.splitlines() if line.startswith("|")][2:]
    found = []
    for line in lines:
        parts = [part.strip() for part in line.strip("|").split(" | ")]
        bold = re.findall(r"\*\*(.+?)\*\*", parts[1]) if len(parts) == 3 else []
        if len(bold) != 1 or bold[0] not in words:
            raise ValueError(
                f"{lang}/{chapter}: expected claim | verdict | what we saw, with one of "
                f"**{'**, **'.join(words)}**; given {line!r}"
            )
        claims = tuple(ID.findall(re.split(r": |\*\*", parts[0])[0]))
        found.append(Row(claims, words[bold[0]], *parts))
    return found


def by_claim(language: str) -> dict[str, list[tuple[str, Row, dict]]]:
    """What was found of each claim: the chapter, its row and its entry in the file, in order."""
    found = {name: [] for name in ledger()["claims"]}
    for chapter, findings in ledger()["findings"].items():
        for row, finding in zip(table(language, chapter), findings, strict=True):
            for claim in row.claims:
                found[claim].append((chapter, row, finding))
    return found


def evidence(finding: dict, language: str) -> list[str]:
    """What a finding rests on, in MyST, a line each: its numbers, then what settles it."""
    numbers = finding.get("numbers", [])
    lines = [measured(number, finding["seeds"], language) for number in numbers]
    return [*lines, settled(finding["reference"], language)]


def label(key: str, language: str) -> str:
    return glossary()["labels"][key][language]


def measured(number: dict, seeds: int, language: str) -> str:
    """A number of the ledger in one line: what it is, its interval and of which kind, its seeds."""
    value, basis = in_full(number["value"]), []
    if "margin" in number:
        value += f"\xa0±\xa0{in_full(number['margin'])}"
        basis.append(f"95%, {label('by ' + number['by'], language)}")
    elif "interval" in number:
        ends = "\xa0–\xa0".join(in_full(end) for end in number["interval"])
        basis.append(f"95%:\xa0{ends}, {label('by ' + number['by'], language)}")
    if seeds := number.get("seeds", seeds):
        basis.append(f"n\xa0=\xa0{seeds:,}")
    if "study" in number:
        basis.append(f"`{number['study']}`")
    return f"{number[language]}: **{value}**" + f" ({'; '.join(basis)})" * bool(basis)


def in_full(figure: str) -> str:
    """A figure as a reader writes it: 3e-05 as $3 \\cdot 10^{-5}$, 1e-14 as $10^{-14}$."""
    digits, e, exponent = figure.partition("e")
    if not e:
        return figure
    power = f"10^{{{int(exponent)}}}"
    return f"${power}$" if digits == "1" else rf"${digits} \cdot {power}$"


def settled(reference: str | list[dict], language: str) -> str:
    """What settles a finding: works and the places in them, or what the chapter does itself."""
    if isinstance(reference, str):
        return label(f"settled by {reference}", language)
    found = []
    for work in reference:
        places = [f"{{cite}}`{work['work']}`"]
        places += [
            label(f"at {kind}", language).format(n=work[kind])
            for kind in PLACES
            if kind in work
        ]
        found.append(", ".join(places))
    return f"{label('settled by works', language)} {'; '.join(found)}"
