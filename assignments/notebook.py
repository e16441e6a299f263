"""From a topic and a variant to notebooks: with solutions for the lecturer, without for students.

The cells carry nbgrader's metadata. What a student must not change (the texts, the given code, the
checks) is locked, and restored when grading.
"""

from __future__ import annotations

import json
import re
import textwrap
from hashlib import sha256

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from assignments.sandbox import SECONDS, patience
from assignments.topic import Question, Topic, Variant
from assignments.words import HEADER, POINTS, SETUP_WORDS, TEXT_STUB, WRITTEN

ESSAY, SETUP, GIVEN = "essay", "setup", "given"
STUB = "raise NotImplementedError()"  # what stands where an answer is to be written

SETUP_CODE = '''from copy import deepcopy

import numpy as np


def numeric(f, x, h=1e-5):
    """<<numeric>>"""
    x = np.array(x, dtype=float)
    slopes = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept + h
        above = f(x.copy())
        x[i] = kept - h
        slopes[i] = (above - f(x.copy())) / (2 * h)
        x[i] = kept
    return slopes


def compare(yours, other, tolerance=1e-5):
    """<<compare>>"""
    yours, other = np.asarray(yours, dtype=float), np.asarray(other, dtype=float)
    if yours.shape != other.shape:
        return f"<<shape>>"
    size = np.abs(other).max(initial=1e-300)
    if np.abs(yours - other).max(initial=0) <= tolerance * size:
        return None
    if not np.isfinite(yours).all():
        return "<<finite>>"
    if other.size > 1 and not yours.any():
        return "<<zero>>"
    if other.size > 1 and other.any():
        ratio = np.vdot(yours, other) / np.vdot(other, other)
        if np.abs(yours - ratio * other).max() <= tolerance * size * abs(ratio):
            return f"<<ratio>>"
    return f"<<differs>>"


def check(test, *names):
    """<<check>>"""

    def safe(name):
        def call(*arguments):
            answer = eval(name)(*deepcopy(arguments))
            if answer is None:
                raise NotImplementedError(f"<<nothing>>")
            return answer

        return call

    try:
        problem = test(*map(safe, names))
    except NotImplementedError as error:
        problem = str(error) or "<<empty>>"
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
    print(f"{names[0]}: " + (problem or "<<fine>>"))
'''


def _grading(
    grade_id: str, *, solution: bool = False, points: int | None = None, cell_type: str = "code"
) -> dict:
    """nbgrader's metadata of a cell; a cell that is no solution is locked."""
    meta = {
        "grade_id": grade_id, "schema_version": 3, "cell_type": cell_type, "task": False,
        "grade": points is not None, "solution": solution, "locked": not solution,
    }  # fmt: skip
    return {"nbgrader": meta | ({"points": points} if points is not None else {})}


def _text(grade_id: str, text: str, **grading: object) -> nbformat.NotebookNode:
    grading = _grading(grade_id, cell_type="markdown", **grading)
    return new_markdown_cell(text.strip(), id=grade_id, metadata=grading)


def _code(grade_id: str, text: str, **grading: object) -> nbformat.NotebookNode:
    return new_code_cell(text.strip(), id=grade_id, metadata=_grading(grade_id, **grading))


def check_id(question: Question) -> str:
    """The grade_id of a question's check; its points are that cell's in the gradebook."""
    return f"check-{question.name}"


def restored(topic: Topic, variant: Variant, language: str) -> dict[str, str]:
    """The code that belongs to the lecturer, by grade_id: it is run as it was given out."""
    setup = SETUP_CODE
    for name, word in SETUP_WORDS[language].items():
        setup = setup.replace(f"<<{name}>>", word)
    given = topic.fill(topic.given, variant, language)
    return {SETUP: setup.strip()} | ({GIVEN: given.strip()} if given else {})


def texts(topic: Topic, variant: Variant, language: str) -> dict[str, str]:
    """The texts that belong to the lecturer, by grade_id."""
    cells = source(topic, variant, language).cells
    return {c.id: c.source for c in cells if c.cell_type == "markdown" and c.id != ESSAY}


def check_code(topic: Topic, question: Question, variant: Variant, language: str) -> str:
    """The visible check of one question, as it stands in the notebook.

    It gets the functions that it calls from `check`, which gives them copies of their arguments.
    """
    body = topic.fill(question.check, variant, language).strip()
    called = [q.name for q in topic.questions if re.search(rf"\b{q.name}\(", body)]
    names = sorted(called, key=lambda name: name != question.name)  # its own function first
    listed = ", ".join(f'"{name}"' for name in names)
    return (
        f"def test({', '.join(names)}):\n{textwrap.indent(body, '    ')}\n\n\ncheck(test, {listed})"
    )


def digest(variant: Variant) -> str:
    """What tells one variant from another in a notebook that comes back."""
    return sha256(json.dumps(variant, sort_keys=True).encode()).hexdigest()[:16]


def source(topic: Topic, variant: Variant, language: str) -> nbformat.NotebookNode:
    """The lecturer's notebook: solutions between nbgrader's markers, and the rubric."""

    def fill(texts: dict[str, str]) -> str:
        return topic.fill(texts[language], variant, language).strip()

    header = HEADER[language].format(
        title=fill(topic.title),
        points=topic.points,
        minutes=topic.minutes,
        chapters=", ".join(str(int(c[:2])) for c in topic.chapters),
        objectives="\n".join(f"- {o}" for o in topic.objectives[language]),
        intro=fill(topic.intro),
        patience=f"{patience(SECONDS):g}",
        seconds=SECONDS,
    )
    cells = [_text("header", header)]
    cells += [_code(name, code) for name, code in restored(topic, variant, language).items()]
    for n, question in enumerate(topic.questions, 1):
        title = POINTS[language].format(n=n, name=question.name, points=question.points)
        cells.append(_text(f"text-{question.name}", title + "\n" + fill(question.text)))
        lines = topic.fill(question.function(), variant).rstrip().splitlines()
        body = ["    ### BEGIN SOLUTION", *lines[1:], "    ### END SOLUTION"]
        cells.append(_code(question.name, "\n".join([lines[0], *body]), solution=True))
        check = check_code(topic, question, variant, language)
        cells.append(_code(check_id(question), check, points=question.points))
    title = WRITTEN[language].format(n=len(topic.questions) + 1, points=topic.essay.points)
    cells.append(_text("text-essay", title + "\n" + fill(topic.essay.text)))
    rubric = f"### BEGIN SOLUTION\n{fill(topic.essay.rubric)}\n### END SOLUTION"
    cells.append(_text(ESSAY, rubric, solution=True, points=topic.essay.points))
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
        "assignment": {"topic": topic.name, "language": language, "variant": digest(variant)},
    }
    return new_notebook(cells=cells, metadata=metadata)


def release(notebook: nbformat.NotebookNode, language: str) -> nbformat.NotebookNode:
    """The students' version, made by nbgrader's own preprocessors."""
    from nbgrader.preprocessors import (  # slow to import, and needed here alone
        CheckCellMetadata,
        ClearOutput,
        ClearSolutions,
        ComputeChecksums,
        LockCells,
    )

    notebook = nbformat.from_dict(notebook)
    steps = (
        CheckCellMetadata(),
        ClearSolutions(text_stub=TEXT_STUB[language], code_stub={"python": STUB}),
        ClearOutput(),
        LockCells(),
        ComputeChecksums(),
    )
    for step in steps:
        notebook, _ = step.preprocess(notebook, {})
    return notebook
