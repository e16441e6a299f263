"""The exercises: what stands in a chapter passes its own check, and slips are called by name.

The right answer is the one that the chapter prints in its folded solution; `answers` makes wrong
ones of it by changing a few characters, and holds right ones that look nothing like it.
"""

import ast
import dis
import math
import re
import sys
import time
import warnings
from pathlib import Path
from types import CodeType

import numpy as np
import pytest
from answers import OTHERS, SLIPS

from lib import check, language
from lib.check.comparing import compare, in_digits
from lib.check.differences import backward
from lib.check.judge import Verdict, Wrong
from lib.layers import Linear

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book"))
import notebooks  # noqa: E402

CHECK = re.compile(r"check\.(\w+)\((\w+)\)\s*")
FENCE = re.compile(r"^(~~~|```)python\n(.*?)^\1$", re.M | re.S)


def found_in(name: str) -> dict[str, tuple[str, str]]:
    """The checks of a chapter: for each, the name of the answer and the label of the exercise."""
    cells = notebooks.read("en", name).cells
    found, last = {}, ""
    for cell in cells:
        if cell.cell_type == "markdown":
            last = ([last, *re.findall(r"\{exercise\}.*\n:label: (\S+)", cell.source)])[-1]
        elif match := CHECK.fullmatch(cell.source):
            found[match[1]] = (match[2], last)
    return found


CHAPTERS = {name: found_in(name) for name in notebooks.chapters()}
PLACES = {key: (name, *rest) for name, found in CHAPTERS.items() for key, rest in found.items()}
every_exercise = pytest.mark.parametrize("key", PLACES)


@pytest.fixture(autouse=True)
def english():
    yield
    language.use("en")


def names_in(code: CodeType) -> set[str]:
    """The global names that a piece of code asks for, and those that the functions in it do."""
    inner = [names_in(const) for const in code.co_consts if isinstance(const, CodeType)]
    asked = [
        i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    ]
    return set(asked).union(*inner)


def surroundings(name: str, source: str) -> dict:
    """What a solution finds in its chapter: the imports, and the statements whose names it uses."""
    cells = [c for c in notebooks.read("en", name).cells if c.cell_type == "code"]
    nodes = [node for c in cells if "-stub-" not in c.id for node in ast.parse(c.source).body]
    needed, kept = names_in(compile(source, name, "exec")), []
    for node in reversed(nodes):
        targets = [part for target in getattr(node, "targets", []) for part in ast.walk(target)]
        defines = {getattr(part, "id", None) for part in targets} | {getattr(node, "name", None)}
        defines -= {None}
        if isinstance(node, ast.Import | ast.ImportFrom) or defines & needed:
            kept.insert(0, node)
            needed |= names_in(compile(ast.Module([node], []), name, "exec"))
    space: dict = {}
    exec(compile(ast.Module(kept, []), name, "exec"), space)
    return space


def solution(key: str, lang: str = "en") -> str:
    """The code that the chapter shows as the solution: the part that defines things."""
    name, answer, label = PLACES[key]
    text = "\n".join(
        c.source for c in notebooks.read(lang, name).cells if c.cell_type == "markdown"
    )
    block = re.search(rf"^(`{{3,}})\{{solution\}} {label}\n(.*?)^\1$", text, re.M | re.S)[2]
    source = "\n".join(code for _, code in FENCE.findall(block))
    kept = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    nodes = [node for node in ast.parse(source).body if isinstance(node, kept)]
    return "\n".join(ast.get_source_segment(source, node) for node in nodes)


SPACES: dict[str, dict] = {}  # by exercise; what the right answer needs serves the wrong ones


def judge(key: str, source: str, lang: str = "en") -> Verdict:
    """The verdict of the check on an answer given as source, in the chapter's surroundings."""
    name, answer, _ = PLACES[key]
    if key not in SPACES:
        SPACES[key] = surroundings(name, solution(key))
    space = dict(SPACES[key])
    exec(source, space)
    language.use(lang)
    return getattr(check, key)(space[answer])


@every_exercise
@pytest.mark.parametrize("lang", language.LANGUAGES)
def test_the_solution_shown_passes_within_a_second(key, lang):
    source = solution(key, lang)
    judge(key, source)  # the first time also runs what the chapter prepares
    start = time.process_time()  # not that of the neighbours
    verdict = judge(key, source, lang)
    assert verdict.right, verdict
    assert time.process_time() - start < 1


@every_exercise
@pytest.mark.parametrize("lang", language.LANGUAGES)
def test_the_placeholder_is_no_error(key, lang):
    name, answer, _ = PLACES[key]
    code = [c for c in notebooks.read(lang, name).cells if c.cell_type == "code"]
    (stub,) = [c.source for c in code if "-stub-" in c.id and f" {answer}(" in c.source]
    words = {"ko": "아직 답이 없습니다", "en": "no answer yet"}[lang]
    assert judge(key, stub, lang).key == "missing" and words in repr(judge(key, stub, lang))
    body = re.compile(r"return \.\.\.(, \.\.\.)*$", re.M)
    for empty in ("pass", "return None", "return NotImplemented", "raise NotImplementedError"):
        assert judge(key, body.sub(empty, stub), lang).key == "missing", empty
    for nothing in (None, ..., NotImplemented):
        assert getattr(check, key)(nothing).key == "missing"


@pytest.mark.parametrize(
    ("key", "right", "wrong", "verdict"),
    [(key, *slip) for key, slips in SLIPS.items() for slip in slips],
)
def test_a_slip_is_called_by_its_name(key, right, wrong, verdict):
    source = solution(key)
    assert right in source
    for lang in language.LANGUAGES:
        found = judge(key, source.replace(right, wrong), lang)
        assert found.key == verdict, found
        assert bool(re.search("[가-힣]", found.text)) == (lang == "ko") and "{" not in found.text


def test_every_exercise_has_typical_slips():
    assert set(SLIPS) == set(PLACES) == set(check.__all__)
    assert min(len(slips) for slips in SLIPS.values()) >= 4


DIFFERENCES = [
    ([2, 4, 6], [1, 2, 3], {}, "large", "2 times too large."),
    ([2, 4, 6], [1, 2, 3], {"sizes": {"examples": 2}}, "large", "; 2 is the number of examples."),
    ([1, 2, 3], [5, 10, 15], {"sizes": {"features": 5}}, "small", "; 5 is the number of features."),
    ([-1, -2], [1, 2], {}, "sign", "wrong sign"),
    ([-2, -4], [1, 2], {}, "sign factor", "off by a factor of 2"),
    ([0, 0], [1, 2], {}, "zero", "0 everywhere"),
    ([1, 9], [1, 3], {}, "squared", "square of"),
    ([1, 3], [1, 9], {}, "root", "square root of"),
    ([0.5, 0.25], [2, 4], {}, "inverse", "reciprocal"),
    ([2, 3.5], [1.5, 3], {}, "offset", "off by 0.5 everywhere"),
    ([[1, 2], [3, 4]], [[1, 3], [2, 4]], {}, "transposed", "rows and columns"),
    ([[1, 2, 3]], [[1], [2], [3]], {}, "transposed", "rows and columns"),
    ([[1, 2], [3, 4]], [[4, 6]], {}, "not summed", "shape (2, 2) where (1, 2)"),
    ([[1, 2], [3, 4]], [3, 7], {}, "not summed", "shape (2, 2) where (2,)"),
    ([1, 2, 3], [[1, 2, 3]], {}, "shape", "shape (3,) where (1, 3)"),
    ([1, np.nan], [1, 2], {"at": np.array([0, 1e3])}, "not finite", "at x = 1000: nan"),
    ([1, -np.inf], [1, 2], {}, "not finite", "at [1]: -inf"),
    ([6, 5, 0, 1], [-1, -1, 0, 1], {"at": np.array([-2, -1, 0, 1])}, "below 0", "6 at x = -2"),
    ([-1, 0, 9], [-1, 0, 1], {"at": np.array([-1, 0, 1])}, "above 0", "9 at x = 1"),
    ([1, 2.1, 3], [1, 2, 3], {}, "value", "2.1 at [1] where 2 was"),
    (7.0, 5.0, {}, "value", "the output is 7 where 5 was"),
    (10.0, 5.0, {}, "large", "2 times"),
    ([1, 1], [2, 5], {"slips": {"sign": [1, 1]}}, "sign", "wrong sign"),
]


@pytest.mark.parametrize(("given", "expected", "options", "key", "words"), DIFFERENCES)
def test_a_difference_is_called_by_its_name(given, expected, options, key, words):
    given, expected = np.array(given, float), np.array(expected, float)
    compare(expected, expected, "it", **options)
    compare(expected * (1 + 1e-9), expected, "it", **options)
    with pytest.raises(Wrong) as wrong:
        compare(given, expected, language.label("check output"), **options)
    assert wrong.value.key == key and words in str(wrong.value)


def test_two_numbers_are_shown_in_digits_that_differ():
    assert in_digits(1.0, 1.5) == {"given": "1", "expected": "1.5"}
    assert in_digits(1.0, 1 + 1e-9) == {"given": "1", "expected": "1.000000001"}


class Slow(Linear):
    """A right layer, of which the ones below are wrong in one line."""

    def __init__(self):
        super().__init__(3, 2, rng=0)


class MeanOverBatch(Slow):
    def backward(self, dy):
        dx = super().backward(dy)
        self.bias.grad = self.bias.grad / len(dy)
        return dx


class Overwrites(Slow):
    def backward(self, dy):
        self.weight.grad = 0.0
        return super().backward(dy)


class LastOnly(Slow):
    def backward(self, dy):
        dx = super().backward(dy)
        dx[:-1] = 0
        return dx


class Clumsy(Slow):
    def backward(self, dy):
        dx = super().backward(dy)
        dy *= 0
        return dx


@pytest.mark.parametrize(
    ("layer", "key", "words"),
    [
        (MeanOverBatch, "batch", "gradient of bias is 5 times too small; 5 is the number of ex"),
        (Overwrites, "not added", "gradient of weight overwrites"),
        (
            LastOnly,
            "batch",
            "right for one example, but not for a batch of five: the gradient of x",
        ),
        (Clumsy, "writes", "it writes into an array that it was given"),
    ],
)
def test_a_wrong_way_back_is_found(layer, key, words):
    def draw(n):
        return np.random.default_rng(n).normal(size=(n, 3))

    backward(Slow(), draw, {})
    with pytest.raises(Wrong) as wrong:
        backward(layer(), draw, {})
    assert wrong.value.key == key and words in str(wrong.value)


def never_ends(x):
    return never_ends(x)


def leaves(x):
    sys.exit(3)


def divides(x):
    return 1 / 0


HOSTILE = {
    "a number": (3.0, "no function", "given float"),
    "an array": (np.ones(3), "no function", "given ndarray"),
    "a text": ("log_sigmoid", "no function", "given str"),
    "no arguments": (lambda: 1.0, "arguments", "1 positional"),
    "None": (lambda x: None if x is x else x, "none", "return"),
    "text": (lambda x: "0.5", "no numbers", "str"),
    "complex": (lambda x: x + 1j, "no numbers", "complex"),
    "ragged": (lambda x: [[1], [1, 2]], "no numbers", "list"),
    "a dictionary": (lambda x: {"y": x}, "no numbers", "dict"),
    "itself": (lambda x: lambda: x, "no numbers", "function"),
    "a matrix": (lambda x: np.ones((2, 2)), "shape", "shape (2, 2) where ()"),
    "deep": (never_ends, "raises", "RecursionError in the line `return never_ends(x)`"),
    "exit": (leaves, "raises", "SystemExit in the line `sys.exit(3)`"),
    "error": (divides, "raises", "ZeroDivisionError in the line `return 1 / 0`. division by zero"),
    "math": (math.exp, "no arrays", "one number, but not for an array"),
    "if": (lambda x: x if x > 0 else 0 * x, "no arrays", "one number, but not for an array"),
    "mixes": (lambda x: x - np.mean(x), "no arrays", "entries it should treat one by one"),
    "huge": (lambda x: np.full(np.shape(x), 1e308), "zero", "0 everywhere"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_bad_input_ends_in_a_sentence(name, capsys):
    answer, key, words = HOSTILE[name]
    verdict = check.log_sigmoid(answer)
    assert verdict.key == key and words in verdict.text, verdict
    assert capsys.readouterr() == ("", "") and not verdict.right


def test_the_answer_may_not_change_its_arguments_nor_leave_a_mark():
    def greedy(x):
        x -= np.maximum(x, 0)
        return x

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = np.geterr()
        assert check.log_sigmoid(greedy).key == "writes"
        assert check.log_sigmoid(lambda x: -np.logaddexp(0, -x)).right  # with the grid as it was
        assert check.log_sigmoid(lambda x: np.log(-np.abs(x))).key == "not finite"
        assert np.geterr() == before
    with pytest.raises(KeyboardInterrupt):  # a reader may stop an answer that does not end
        check.log_sigmoid(interrupted)


def interrupted(x):
    raise KeyboardInterrupt


def test_a_verdict_is_shown_as_text_and_as_a_paragraph():
    verdict = check.log_sigmoid("<b>")
    assert repr(verdict).startswith("✗ log_sigmoid: a function was expected")
    assert verdict._repr_html_().startswith("<p>✗ <code>log_sigmoid</code>: a function")
    assert "&lt;b&gt;" in Verdict("x", "raises", "<b>")._repr_html_()


def test_every_message_is_used_and_every_one_used_is_there():
    source = "".join(f.read_text(encoding="utf-8") for f in (ROOT / "lib" / "check").glob("*.py"))
    asked = set(re.findall(r"""label\(f?"check ([^"{]+)["{]""", source))
    asked |= set(re.findall(r'Wrong\("([^"]+)"', source))
    messages = [
        k.removeprefix("check ") for k in language.glossary()["labels"] if k[:6] == "check "
    ]
    for key in messages:
        assert f'"{key}"' in source or any(key.startswith(start) for start in asked), key
    assert {key.strip() for key in asked} <= {m for m in messages} | {"is", "lines"}


@every_exercise
def test_another_right_answer_passes_too(key):
    verdict = judge(key, f"import math\n{OTHERS[key]}")
    assert verdict.right, verdict
