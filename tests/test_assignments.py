"""The assignments: right answers get all points, wrong ones lose what they should, and no more.

`marks_in_process` judges as the grader does, with the code run here instead of in the sandbox: the
code is ours, and hundreds of programs have to be tried. The sandbox, hostile submissions and the
lecturer's whole round are in assignments/tests, which needs nbgrader and bubblewrap. SECRETS=20
tries twenty secrets instead of two.
"""

import dataclasses
import json
import os
import re

import nbformat
import numpy as np
import pytest
from test_notebooks import forbidden

pytest.importorskip("resource")  # assignments are graded on Linux
from assignments import judge, notebook, runner, sandbox
from assignments.topic import LANGUAGES
from assignments.topics import TOPICS
from assignments.words import SETUP_WORDS, said

SECRETS = [f"secret-{n}" for n in range(int(os.environ.get("SECRETS", "2")))]


def marks_in_process(topic, variant, codes, seed=0):
    """{question: verdict} of some function sources, at inputs drawn from a seed."""
    rng, heard, first = np.random.default_rng(seed), sandbox.Answers(ended="done"), 0
    space = {"np": np}
    for source in (*notebook.restored(topic, variant, "en").values(), *codes.values()):
        exec(source, space)
    expected, verdicts = topic.reference(variant), {}
    for question in topic.questions:
        cases = question.cases(variant, rng)
        for number, (_, args) in enumerate(cases, first):
            sent = json.loads(json.dumps([sandbox.encoded(a) for a in args]))
            try:
                with np.errstate(all="ignore"):
                    value = space[question.name](*runner.decode(sent, np))
                heard.values[number] = sandbox.decoded(runner.encode(value, np))
            except Exception as error:
                heard.errors[number] = runner.said(error)
        verdicts[question.name] = judge.judge(question, cases, expected, heard, first)
        first += len(cases)
    return verdicts


def lost(verdicts):
    return {name for name, verdict in verdicts.items() if not verdict.points}


each = pytest.mark.parametrize("name", TOPICS)
secretly = pytest.mark.parametrize("secret", SECRETS)


@each
@secretly
def test_the_reference_gets_all_points_and_the_release_none(name, secret):
    topic = TOPICS[name]
    variant = topic.variant(secret)
    assert lost(marks_in_process(topic, variant, topic.code(variant))) == set()
    stubs = {
        q.name: topic.fill(q.function("raise NotImplementedError()"), variant)
        for q in topic.questions
    }
    empty = marks_in_process(topic, variant, stubs)
    assert lost(empty) == set(stubs)
    assert {v.said for v in empty.values()} == {"placeholder"}


@each
@secretly
def test_planted_errors_lose_exactly_their_questions(name, secret):
    topic = TOPICS[name]
    variant = topic.variant(secret)
    assert len(topic.wrong) >= 8
    assert {w.question for w in topic.wrong} == {q.name for q in topic.questions}
    for number, wrong in enumerate(topic.wrong):
        codes = topic.planted(wrong, variant)
        for seed in range(number, number + 4):  # inputs differ by submission: none may be lucky
            assert lost(marks_in_process(topic, variant, codes, seed)) == set(wrong.loses), (
                variant,
                wrong,
            )


@each
@secretly
def test_right_answers_written_differently_get_all_points(name, secret):
    topic = TOPICS[name]
    variant = topic.variant(secret)
    assert {q for other in topic.alternatives for q in other} == {q.name for q in topic.questions}
    assert len(topic.alternatives) >= 2
    for bodies in topic.alternatives:
        verdicts = marks_in_process(topic, variant, topic.code(variant, bodies))
        assert {q: v.said for q, v in verdicts.items()} == dict.fromkeys(verdicts, "ok"), (
            variant,
            bodies,
        )


def test_feedback_names_a_factor_that_is_a_size_of_an_argument():
    topic = TOPICS["chain-rule"]
    variant = topic.variant("x")
    wrong = next(w for w in topic.wrong if w.old == " / len(y)")  # X (5, 4), W (4, 3)
    verdict = marks_in_process(topic, variant, topic.planted(wrong, variant))["layer"]
    assert (verdict.said, verdict.values["factor"]) == ("factor", "5")


def test_feedback_names_single_precision():
    topic = TOPICS["maxout"]
    variant = topic.variant("x")
    codes = topic.code(variant)
    codes["forward"] += "whole = forward\ndef forward(*a):\n    return whole(*map(np.float32, a))\n"
    verdict = marks_in_process(topic, variant, codes)["forward"]
    assert (verdict.said, verdict.points) == ("digits", 0)
    for language in LANGUAGES:
        assert "float32" in said(verdict.asdict(), language)


def run_notebook(cells):
    """What the cells print, one line per check."""
    said = []
    space = {"print": said.append}
    for source in cells:
        with np.errstate(all="ignore"):
            exec(source, space)
    return said


@each
@secretly
@pytest.mark.parametrize("language", LANGUAGES)
def test_visible_checks_pass_the_reference_and_not_the_release(name, secret, language):
    topic = TOPICS[name]
    solved = notebook.source(topic, topic.variant(secret), language)
    nbformat.validate(solved)
    words = SETUP_WORDS[language]
    said = run_notebook([c.source for c in solved.cells if c.cell_type == "code"])
    assert said == [f"{q.name}: {words['fine']}" for q in topic.questions]
    solution = re.compile(r"### BEGIN SOLUTION.*?### END SOLUTION", re.DOTALL)
    cells = [c.source for c in solved.cells if c.cell_type == "code"]
    said = run_notebook([solution.sub("raise NotImplementedError()", c) for c in cells])
    assert said == [f"{q.name}: {words['empty']}" for q in topic.questions]


def checks_say(topic, variant, codes, language="en"):
    """{question: what its visible check prints} of some function sources."""
    cells = [*notebook.restored(topic, variant, language).values(), *codes.values()]
    cells += [notebook.check_code(topic, q, variant, language) for q in topic.questions]
    return dict(line.split(": ", 1) for line in run_notebook(cells))


@each
def test_visible_checks_see_the_planted_errors_that_they_promise_to_see(name):
    topic = TOPICS[name]
    for number, wrong in enumerate(w for w in topic.wrong if w.seen):
        for draw in range(6):
            variant = topic.variant(f"{number}-{draw}")
            for language in LANGUAGES:
                said = checks_say(topic, variant, topic.planted(wrong, variant), language)
                problem = said[wrong.question]
                assert problem != SETUP_WORDS[language]["fine"], (variant, wrong)
                assert "NameError" not in problem, (variant, wrong)


SPOILS = """
def spoiling(function):
    def call(*arguments):
        answer = deepcopy(function(*arguments))
        for given in arguments:
            for array in given if isinstance(given, tuple) else [given]:
                if isinstance(array, np.ndarray):
                    array[...] = np.nan
        return answer
    return call
"""


@each
@secretly
def test_visible_checks_bear_functions_that_change_their_arguments(name, secret):
    topic, words = TOPICS[name], SETUP_WORDS["en"]
    codes = topic.code(topic.variant(secret))
    codes |= {q: f"{code}\n{SPOILS}\n{q} = spoiling({q})" for q, code in codes.items()}
    said = checks_say(topic, topic.variant(secret), codes)
    assert said == dict.fromkeys(codes, words["fine"])


@each
@pytest.mark.parametrize("language", LANGUAGES)
def test_visible_checks_say_in_words_that_nothing_is_returned(name, language):
    topic, words = TOPICS[name], SETUP_WORDS[language]
    codes = {q.name: q.function("None") for q in topic.questions}
    said = checks_say(topic, topic.variant("x"), codes, language)
    assert set(said) == set(codes)
    assert set(said.values()) <= {words["nothing"].format(name=q) for q in codes}


@pytest.mark.parametrize("language", LANGUAGES)
def test_visible_checks_compare_in_words(language):
    topic, words, space = TOPICS["maxout"], SETUP_WORDS[language], {}
    exec(notebook.restored(topic, topic.variant("x"), language)[notebook.SETUP], space)
    compare, ones = space["compare"], np.ones(3)
    assert compare(2 * ones, ones) == words["ratio"].format(ratio=2.0)
    assert compare(0 * ones, ones) == words["zero"]
    off = words["differs"].replace("{np.abs(yours - other).max():.2g}", "1")
    assert compare(2.0, 1.0) == compare(ones, 0 * ones) == off, "times what, for one number or 0"


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline", "!ls", "np.where?", "  ?np.where", "np.where??  ", "listed = !ls",
        "%time?", "took = %timeit -o 1", "files, = !ls",
        "get_ipython().run_line_magic('matplotlib', 'inline')", "x\u00a0=\u00a01",
    ],
)  # fmt: skip
def test_lines_for_ipython_alone_cost_no_cell(line, monkeypatch):
    monkeypatch.setattr(runner.builtins, "get_ipython", runner.Nothing(), raising=False)
    cell = "def f(x):\n    if x:  # why?\n        pass\n    <line>\n    return '1 ?'\n<line>"
    cell = cell.replace("<line>", line.strip())
    space = {"x": 1, "np": np}
    exec(runner.compiled(cell), space)
    assert space["f"](1) == "1 ?"


def texts(thing):
    """Every text of a topic in each language, wherever it stands: (language, text)."""
    if isinstance(thing, dict) and set(thing) == set(LANGUAGES):
        for language, said in thing.items():
            for text in [said] if isinstance(said, str) else said:
                yield language, text
    elif isinstance(thing, dict):
        for part in thing.values():
            yield from texts(part)
    elif dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from texts(getattr(thing, field.name))
    elif isinstance(thing, tuple):
        for part in thing:
            yield from texts(part)


@each
def test_texts_use_the_terms_of_the_glossary(name):
    found = list(texts(TOPICS[name]))
    assert len(found) >= 2 * (len(TOPICS[name].questions) + 7)
    for language, text in found:
        assert not list(forbidden(language, text)), text
