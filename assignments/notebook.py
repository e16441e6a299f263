"""From a topic and a variant to notebooks: with solutions for the lecturer, without for students.

The cells carry nbgrader's metadata. What a student must not change (the texts, the given code, the
checks) is locked, and restored when grading.
"""

from __future__ import annotations

import textwrap

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from assignments.topic import Question, Topic, Variant

ESSAY, SETUP, GIVEN = "essay", "setup", "given"

SETUP_CODE = '''import numpy as np


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
    ratio = np.vdot(yours, other) / np.vdot(other, other)
    if np.abs(yours - ratio * other).max() <= tolerance * size * abs(ratio):
        return f"<<ratio>>"
    return f"<<differs>>"


def check(name, test):
    """<<check>>"""
    try:
        problem = test()
    except NotImplementedError:
        problem = "<<empty>>"
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
    print(f"{name}: " + (problem or "<<fine>>"))
'''
SETUP_WORDS = {
    "ko": {
        "numeric": "수를 하나 돌려주는 f의, 배열 x에서의 기울기를 중심 차분으로 어림합니다.",
        "compare": "두 값이 같으면 None, 다르면 어떻게 다른지 말해 줍니다.",
        "check": "문제 하나를 가볍게 검사합니다. 성적은 다른 입력으로 따로 채점합니다.",
        "shape": "모양이 {other.shape}이어야 하는데 {yours.shape}입니다",
        "finite": "NaN이나 무한대가 있습니다",
        "ratio": "기대한 값의 {ratio:.4g}배입니다",
        "differs": "가장 크게는 {np.abs(yours - other).max():.2g}만큼 다릅니다",
        "empty": "아직 답하지 않았습니다",
        "fine": "여기까지는 맞습니다",
    },
    "en": {
        "numeric": "The gradient at the array x of f, which returns a number, by central differences.",
        "compare": "None if the two agree; otherwise how they differ.",
        "check": "A light check of one question. The grade comes from other inputs.",
        "shape": "the shape should be {other.shape}, but is {yours.shape}",
        "finite": "there is a NaN or an infinity",
        "ratio": "it is {ratio:.4g} times what is expected",
        "differs": "it is off by up to {np.abs(yours - other).max():.2g}",
        "empty": "not answered yet",
        "fine": "fine so far",
    },
}
HEADER = {
    "ko": """# {title}

{points}점 · 약 {minutes}분 · 책의 {chapters}장

**이 과제를 마치면** 다음을 할 수 있습니다.

{objectives}

{intro}

**푸는 법.** `raise NotImplementedError()`를 답으로 바꾸세요. 함수의 이름과 인수는 그대로 두고, 필요한 셀은 얼마든지 더해도 됩니다. 각 문제 아래의
셀은 가벼운 검사이며 답을 담고 있지 않습니다. 성적은 여러분이 보지 못한 입력에서 함수가 돌려주는 수로 매깁니다. NumPy만 쓰세요(`lib`은 채점할 때 없습니다).
다 풀면 위에서 아래로 다시 실행해 보고, 이 노트북 파일을 내세요.""",
    "en": """# {title}

{points} points · about {minutes} minutes · chapter {chapters} of the book

**After this assignment** you can

{objectives}

{intro}

**How to work.** Replace `raise NotImplementedError()` by your answer. Keep the names and arguments of the functions; add as many cells as
you like. The cell below each question is a light check that holds no answer. The grade comes from the numbers that
your functions return at inputs you have not seen. Use NumPy alone (`lib` is not there when grading). At the end, run everything
from the top once more and hand in this notebook file.""",
}
POINTS = {"ko": "## {n}. `{name}` ({points}점)\n", "en": "## {n}. `{name}` ({points} points)\n"}
WRITTEN = {
    "ko": "## {n}. 글로 답하기 ({points}점)\n",
    "en": "## {n}. In words ({points} points)\n",
}
TEXT_STUB = {"ko": "*여기에 답을 쓰세요.*", "en": "*Write your answer here.*"}


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


def check_code(topic: Topic, question: Question, variant: Variant) -> str:
    """The visible check of one question, as it stands in the notebook."""
    body = textwrap.indent(topic.fill(question.check, variant).strip(), "    ")
    return f'def test():\n{body}\n\n\ncheck("{question.name}", test)'


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
    )
    cells = [_text("header", header)]
    cells += [_code(name, code) for name, code in restored(topic, variant, language).items()]
    for n, question in enumerate(topic.questions, 1):
        title = POINTS[language].format(n=n, name=question.name, points=question.points)
        cells.append(_text(f"text-{question.name}", title + "\n" + fill(question.text)))
        lines = topic.fill(question.function(), variant).rstrip().splitlines()
        body = ["    ### BEGIN SOLUTION", *lines[1:], "    ### END SOLUTION"]
        cells.append(_code(question.name, "\n".join([lines[0], *body]), solution=True))
        check = check_code(topic, question, variant)
        cells.append(_code(check_id(question), check, points=question.points))
    title = WRITTEN[language].format(n=len(topic.questions) + 1, points=topic.essay.points)
    cells.append(_text("text-essay", title + "\n" + fill(topic.essay.text)))
    rubric = f"### BEGIN SOLUTION\n{fill(topic.essay.rubric)}\n### END SOLUTION"
    cells.append(_text(ESSAY, rubric, solution=True, points=topic.essay.points))
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
        "assignment": {"topic": topic.name, "language": language},
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
        ClearSolutions(
            text_stub=TEXT_STUB[language], code_stub={"python": "raise NotImplementedError()"}
        ),
        ClearOutput(),
        LockCells(),
        ComputeChecksums(),
    )
    for step in steps:
        notebook, _ = step.preprocess(notebook, {})
    return notebook
