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
    words = {glossary()["labels"][name][lang]: name for name in VERDICTS}
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
