"""What a topic is made of, and how a variant of it is drawn and filled in.

Texts and code hold `<<name>>` where a variant puts its value; a value may differ by language.
"""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

FINE = 1e-11  # the tolerance of a derivative: a difference quotient has fewer digits than that
LANGUAGES = ("ko", "en")
Texts = dict[str, str]  # a text in each language
Variant = dict[str, object]  # what a draw decided; goes into course.json
Case = tuple[str, tuple]  # a key of words.KINDS, and the arguments of one call


@dataclass(frozen=True)
class Source:
    """A function of one argument, given as text because it is called inside the sandbox as well."""

    text: str


@dataclass(frozen=True)
class Draw:
    """A seed: the function gets `numpy.random.default_rng(seed)`."""

    seed: int


@dataclass(frozen=True)
class Question:
    """One function to write. The hidden inputs are `cases(variant, rng)`; `tolerance` is relative.

    `judge(args, got, expected)`, where given, replaces the comparison with the reference; it
    returns a message key of words.SAID ("ok" if all is well). `judge_all(answers)` may add what no
    single answer shows; it is asked where each of them is right.
    """

    name: str
    points: int
    text: Texts
    signature: str
    solution: str  # the body, without indentation
    check: str  # body of the visible check: returns None, or what `compare` says
    cases: Callable[[Variant, np.random.Generator], list[Case]]
    tolerance: float = 1e-7
    judge: Callable | None = None
    judge_all: Callable | None = None

    def function(self, body: str | None = None) -> str:
        """The function's whole source, by default with the reference solution as its body."""
        lines = (body or self.solution).strip("\n").splitlines()
        return "\n".join([f"def {self.signature}:", *("    " * bool(s) + s for s in lines)]) + "\n"


@dataclass(frozen=True)
class Essay:
    """The question that a person grades: its text, and the rubric, which students do not see."""

    points: int
    text: Texts
    rubric: Texts


@dataclass(frozen=True)
class Wrong:
    """A planted error: in the solution of `question`, `old` becomes `new`; it must lose `loses`.

    Where it is `seen`, the visible check of `question` has to notice it as well.
    """

    question: str
    old: str
    new: str
    loses: tuple[str, ...] = ()
    seen: bool = False

    def __post_init__(self):
        object.__setattr__(self, "loses", self.loses or (self.question,))


def differences(*names: str) -> str:
    """The last line of a planted error: each gradient of `loss(*names)` by `numeric`."""
    called = f"loss({', '.join(names)})"
    return "return " + ", ".join(f"numeric(lambda {name}: {called}, {name})" for name in names)


@dataclass(frozen=True)
class Topic:
    """One assignment. `given` is code that students get and may use; it is restored when grading.

    `alternatives` are other right answers: for each, bodies by question. `says` is what checks say
    in words of their own, by the name that stands for it in their code.
    """

    name: str
    chapters: tuple[str, ...]
    minutes: int
    title: Texts
    objectives: dict[str, list[str]]
    intro: Texts
    draw: Callable[[random.Random], Variant]
    questions: tuple[Question, ...]
    essay: Essay
    wrong: tuple[Wrong, ...]
    alternatives: tuple[dict[str, str], ...]
    given: str = ""
    says: dict[str, Texts] = field(default_factory=dict)
    values: Callable[[Variant], dict] = field(default=lambda variant: {})

    @property
    def points(self) -> int:
        """The sum over all questions, the manually graded one included."""
        return sum(q.points for q in self.questions) + self.essay.points

    def variant(self, secret: str, student: str = "") -> Variant:
        """What the secret draws for this topic, or for one student of it."""
        return self.draw(random.Random(f"{secret}/{self.name}/{student}"))

    def fill(self, text: str, variant: Variant, language: str = "en") -> str:
        """`text` with the variant's values; all lines of a value are indented like its place.

        Raises KeyError for a <<name>> that nobody gives.
        """
        values = variant | self.says | self.values(variant)

        def value(match: re.Match) -> str:
            found = values[match["name"]]
            found = str(found[language] if isinstance(found, dict) else found)
            return match["indent"] + found.replace("\n", "\n" + match["indent"])

        return re.sub(r"(?P<indent>(?m:^ +)|)<<(?P<name>\w+)>>", value, text)

    def code(self, variant: Variant, bodies: dict[str, str] | None = None) -> dict[str, str]:
        """The source of every function by question; `bodies` replace reference solutions."""
        bodies = bodies or {}
        return {q.name: self.fill(q.function(bodies.get(q.name)), variant) for q in self.questions}

    def planted(self, wrong: Wrong, variant: Variant) -> dict[str, str]:
        """The reference with one planted error. Raises ValueError if its text is not there."""
        solution = next(q.solution for q in self.questions if q.name == wrong.question)
        if solution.count(wrong.old) != 1:
            raise ValueError(
                f"{self.name}: expected {wrong.old!r} once in the solution of "
                f"{wrong.question}, found it {solution.count(wrong.old)} times"
            )
        return self.code(variant, {wrong.question: solution.replace(wrong.old, wrong.new)})

    def reference(self, variant: Variant) -> Callable[[str, tuple], object]:
        """`call(question, args)`: what the reference solution answers, outside any sandbox."""
        space: dict = {"np": np}
        for source in (self.fill(self.given, variant), *self.code(variant).values()):
            exec(source, space)

        def call(question: str, args: tuple) -> object:
            with np.errstate(all="ignore"):
                return space[question](*map(live, args))

        return call


def live(argument: object) -> object:
    """What a function receives: a copy of an array, a generator for a seed, a function for text."""
    if isinstance(argument, Draw):
        return np.random.default_rng(argument.seed)
    if isinstance(argument, Source):
        return eval(argument.text, {"np": np})
    return copy.deepcopy(argument)
