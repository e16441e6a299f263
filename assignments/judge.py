"""Right or wrong, by numbers: a student's answers against those of the reference.

The verdict on a question is a `Verdict`: points, and what to say, as a key of `words.SAID` with
its values, so that feedback and report say it in their language. It names the kind of input at
which the answer fails and how it fails, never the expected value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import numpy as np

from assignments.sandbox import Answers
from assignments.topic import Case, Question

DIGITS = 1e-5  # what float32 and difference quotients reach
FACTORS = (-1.0, 2.0, 0.5, -2.0, -0.5, 4.0, 0.25)


@dataclass
class Verdict:
    """The judgement on one question. `said` is "ok" exactly if all points are given."""

    question: str
    points: int
    maximum: int
    said: str = "ok"
    values: dict = field(default_factory=dict)

    asdict = asdict


def judge(
    question: Question,
    cases: list[Case],
    expected: Callable[[str, tuple], object],
    heard: Answers,
    first: int,
) -> Verdict:
    """The verdict on one question, whose calls have the numbers from `first` on."""

    def lost(said: str, kind: str, **values: object) -> Verdict:
        return Verdict(question.name, 0, question.points, said, {"kind": kind, **values})

    for number, (kind, args) in enumerate(cases, first):
        if number in heard.missing:
            return lost("missing", kind)
        if number in heard.errors:
            error = heard.errors[number]
            if error.startswith("NotImplementedError"):
                return lost("placeholder", kind)
            if error.startswith("TimeIsUp:"):
                return lost("slow", kind)
            if error == "ValueError: None":
                return lost("nothing", kind)
            if error == "ValueError: text" or error.startswith("TypeError: expected numbers"):
                return lost("not_numbers", kind)
            return lost("error", kind, error=error)
        if number not in heard.values:
            return lost({"done": "silent"}.get(heard.ended, heard.ended), kind)
        got = heard.values[number]
        wanted = numbers(expected(question.name, args))
        said = (
            question.judge(args, got, wanted)
            if question.judge
            else compare(got, wanted, question.tolerance, sizes(args))
        )
        if said != "ok":
            said, values = said if isinstance(said, tuple) else (said, {})
            return lost(said, kind, **values)
    if question.judge_all:
        said = question.judge_all([heard.values[first + n] for n in range(len(cases))])
        if said != "ok":
            return lost(said[0], cases[-1][0], **said[1])
    return Verdict(question.name, question.points, question.points)


def numbers(value: object) -> object:
    """What the reference returned, in the form in which answers arrive."""
    if isinstance(value, tuple):
        return tuple(numbers(v) for v in value)
    return np.asarray(value, dtype=float)


def sizes(args: tuple) -> set[int]:
    """The lengths of all axes of the arrays among some arguments."""
    found: set[int] = set()
    for argument in args:
        found |= sizes(argument) if isinstance(argument, tuple) else set(np.shape(argument))
    return found


def compare(
    got: object, wanted: object, tolerance: float, lengths: set[int] = frozenset()
) -> str | tuple[str, dict]:
    """ "ok", or how `got` differs: a key of `words.SAID`, perhaps with values.

    A tuple may arrive as one array if its members have one shape. An array of one number and a
    number are the same. A mean that is a sum shows as a factor, one of `lengths`.
    """
    if isinstance(wanted, tuple):
        several = isinstance(got, tuple) or (isinstance(got, np.ndarray) and got.ndim > 0)
        parts = list(got) if several else [got]
        if len(parts) != len(wanted):
            return "parts", {"given": len(parts), "expected": len(wanted)}
        for place, (mine, other) in enumerate(zip(parts, wanted, strict=True), 1):
            said = compare(mine, other, tolerance, lengths)
            if said != "ok":
                key, values = said if isinstance(said, tuple) else (said, {})
                return key, {"part": place, **values}
        return "ok"
    if isinstance(got, tuple | dict):
        try:
            got = np.asarray(got, dtype=float)
        except (TypeError, ValueError):
            return "not_numbers"
    if got.shape != wanted.shape and not got.size == wanted.size == 1:
        return "shape", {"given": str(got.shape), "expected": str(wanted.shape)}
    got = got.reshape(wanted.shape)
    if close(got, wanted, tolerance):
        return "ok"
    if not np.isfinite(got[np.isfinite(wanted)]).all():
        return "not_finite"
    if close(got, wanted, DIGITS):
        return "digits"
    if wanted.ndim == 2 and wanted.shape[0] == wanted.shape[1] and close(got.mT, wanted, tolerance):
        return "transposed"
    for factor in (*FACTORS, *sorted(n for n in {*lengths, *wanted.shape} if n > 1)):
        if close(got, factor * wanted, tolerance):
            return "factor", {"factor": f"{factor:g}"}
        if factor > 1 and close(got * factor, wanted, tolerance):
            return "factor", {"factor": f"1/{factor:g}"}
    right = np.abs(got - wanted) <= allowed(wanted, tolerance)
    return "differs", {"share": f"{1 - right.mean():.0%}"}


def allowed(wanted: np.ndarray, tolerance: float) -> np.ndarray:
    """How far off each entry may be: relative to it, to the largest, and a little at all."""
    size = np.abs(np.nan_to_num(wanted, posinf=0, neginf=0))
    return tolerance * (size + 1e-3 * size.max(initial=0)) + 1e-13


def close(got: np.ndarray, wanted: np.ndarray, tolerance: float) -> bool:
    """Whether all entries agree; infinities must be the same, NaN never agrees."""
    with np.errstate(invalid="ignore"):
        near = np.abs(got - wanted) <= allowed(wanted, tolerance)
    return bool(np.all(near | ((got == wanted) & np.isinf(wanted))))
