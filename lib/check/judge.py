"""The judge: calls an answer, catches what it does, and says the verdict in the page's language.

A check is a function that raises `Wrong` where it finds something wrong and returns where it finds
nothing; `exercise` makes of it what a chapter calls. The words are in the glossary, under
"check ...". What an answer raises, prints or returns never reaches the reader as a traceback into
this package.
"""

from __future__ import annotations

import dis
import html
import inspect
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path

import numpy as np

from lib.language import label
from lib.layers import Layer

LIB = Path(__file__).parents[1]


class Wrong(Exception):
    """What is wrong with an answer: the glossary's key without "check", and its fields."""

    def __init__(self, key: str, **values: object):
        self.key = key
        super().__init__(label(f"check {key}", **values))


class Missing(Exception):
    """The placeholder still stands where the answer should be."""


@dataclass(frozen=True, repr=False)
class Verdict:
    """What a check says: `key` is "right", "missing" or the name of what is wrong."""

    exercise: str
    key: str
    text: str

    @property
    def right(self) -> bool:
        """Whether the answer passed everything that the check asks."""
        return self.key == "right"

    def __repr__(self) -> str:
        mark = {"right": "✓", "missing": "…"}.get(self.key, "✗")
        return f"{mark} {self.exercise}: {self.text}"

    def _repr_html_(self) -> str:  # a paragraph, which breaks its lines on a phone
        mark, name, text = map(html.escape, repr(self).split(" ", 2))
        return f"<p>{mark} <code>{name.rstrip(':')}</code>: {text}</p>"


def exercise(check: Callable[[object], None]) -> Callable[[object], Verdict]:
    """A check as a chapter calls it: one argument, the answer; a verdict, whatever happens."""

    @wraps(check)
    def judge(answer: object = ...) -> Verdict:
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                if is_placeholder(answer):
                    raise Missing
                check(answer)
        except (Missing, NotImplementedError):
            return Verdict(check.__name__, "missing", label("check missing"))
        except Wrong as wrong:
            return Verdict(check.__name__, wrong.key, str(wrong))
        except (Exception, SystemExit) as error:  # the answer's own, or what its values led to
            said = label("check raises", error=type(error).__name__, place=_place(error))
            return Verdict(check.__name__, "raises", f"{said} {error}".rstrip())
        return Verdict(check.__name__, "right", label("check right"))

    del judge.__wrapped__  # its signature is the one above
    return judge


def is_placeholder(value: object) -> bool:
    """Whether a value, or a function without a body, only marks where an answer should be."""
    return value is ... or value is None or value is NotImplemented


def _is_empty(function) -> bool:
    """Whether a function has no body: `...`, `pass`, a docstring, or `return None`."""
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    idle = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
    return code is not None and all(i.opname in idle for i in dis.get_instructions(code))


def _place(error) -> str:
    """The last line of the answer that was reached before the error, in words."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if not path.is_relative_to(LIB) and "site-packages" not in path.parts and frame.line:
            return label("check line", line=frame.line)
    return ""


def formula(text: str) -> str:
    """A formula as the subject of a verdict."""
    return label("check formula", formula=text)


def function(answer: object) -> Callable:
    """The answer, if it can be called."""
    if not callable(answer):
        raise Wrong("no function", given=type(answer).__name__)
    return answer


def layer(answer: object, *methods: str) -> Layer:
    """An instance of the answer, which is a class of layers, or the instance that it is."""
    made = answer() if isinstance(answer, type) else answer
    if not isinstance(made, Layer):
        raise Wrong("no layer", given=type(made).__name__)
    for method in methods:
        if not hasattr(made, method):
            raise Wrong("no method", name=method)
    return made


def perform(answer: Callable, *args: object, quiet: bool = False) -> object:
    """What the answer returns, as it is. It gets copies of arrays, and must leave them as they are.

    With `quiet` a warning of NumPy's counts as wrong. An answer without a body is missing.
    """
    try:
        inspect.signature(answer).bind(*args)
    except TypeError:
        raise Wrong("arguments", count=len(args)) from None
    except ValueError:  # written in C, without a signature
        pass
    handed = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
    try:
        with np.errstate(all="warn" if quiet else "ignore", under="ignore"):
            with warnings.catch_warnings():
                warnings.simplefilter("error" if quiet else "ignore", RuntimeWarning)
                value = answer(*handed)
    except RuntimeWarning as warning:
        raise Wrong("warns", warning=warning) from None
    for mine, theirs in zip(args, handed, strict=True):
        if mine is not theirs and not np.array_equal(mine, theirs, equal_nan=True):
            raise Wrong("writes")
    if is_placeholder(value) and (value is not None or _is_empty(answer)):
        raise Missing
    return value


def numbers(value: object) -> np.ndarray:
    """A value as an array of real numbers; one that is none is wrong, and `...` is missing."""
    if value is None:
        raise Wrong("none")
    try:
        array = np.asarray(value)
    except ValueError:  # rows of unequal length
        raise Wrong("no numbers", given=type(value).__name__) from None
    if array.dtype == object and any(v is ... or v is NotImplemented for v in array.ravel()):
        raise Missing
    if array.dtype.kind not in "biuf":
        raise Wrong("no numbers", given=f"{type(value).__name__}, dtype {array.dtype}")
    return array if array.dtype.kind == "f" else array.astype(float)


def call(answer: Callable, *args: object, quiet: bool = False) -> np.ndarray:
    """The array of numbers that the answer returns for these arguments."""
    return numbers(perform(answer, *args, quiet=quiet))


def number(answer: Callable, *args: object) -> float:
    """The single number that the answer returns for these arguments."""
    value = call(answer, *args)
    if value.size != 1:
        raise Wrong("shape", what=label("check output"), given=value.shape, expected=())
    return value.item()


def call_for(count: int, answer: Callable, *args: object) -> list[np.ndarray]:
    """The `count` arrays that the answer returns as a tuple."""
    value = perform(answer, *args)
    if value is None:
        raise Wrong("none")
    if not isinstance(value, tuple | list | np.ndarray) or len(value) != count:
        raise Wrong("parts", count=count, given=type(value).__name__)
    return [numbers(part) for part in value]
