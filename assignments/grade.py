"""Grade the submissions of a topic: run each in the sandbox, judge its numbers, write its result.

A result is one JSON file, written whole or not at all. It is taken for done as long as neither the
submission, the variant nor this package has changed since; so a run that was stopped goes on where
it was, and a new submission is graded again.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np

from assignments import notebook, sandbox
from assignments.course import Course, write
from assignments.judge import Verdict, judge
from assignments.topic import Topic, Variant
from assignments.words import blank, readable

SHOWN = 20_000  # characters of an answer that go into results


@dataclass
class Submission:
    """What a notebook file holds, read without believing it."""

    cells: list[str] = field(default_factory=list)  # code to run
    places: list[dict] = field(default_factory=list)  # the questions and the place of each
    code: dict[str, str] = field(default_factory=dict)  # the solution cell of each question
    essay: str = ""
    notes: list[dict] = field(default_factory=list)


def read(data: bytes, topic: Topic, variant: Variant, language: str) -> Submission:
    """The cells of a submission, with the lecturer's in their original form; never raises."""
    found = Submission()
    try:
        whole = json.loads(data.decode("utf-8-sig"))
        cells = [_cell(cell) for cell in whole["cells"]]
        metadata = whole.get("metadata", {})
        kernel, origin = metadata.get("kernelspec", {}), metadata.get("assignment", {})
        spoken = str(kernel.get("language") or kernel.get("name") or "python")
        topic_of_origin = str(origin.get("topic", topic.name))
        drawn = origin.get("variant")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        found.notes.append({"note": "not_json"})
        return found
    if not spoken.lower().startswith("python"):
        found.notes.append({"note": "kernel", "name": readable(spoken)[:40]})
    if topic_of_origin != topic.name:
        found.notes.append({"note": "other", "name": readable(topic_of_origin)[:40]})
    elif drawn is not None and drawn != notebook.digest(variant):
        found.notes.append({"note": "others"})

    ours = notebook.restored(topic, variant, language)
    checks = {notebook.check_id(q): q for q in topic.questions}
    found.cells, found.places = list(ours.values()), [{}] * len(ours)
    seen: dict[str, int] = {}
    count = 0
    changed = []
    for kind, source, grade_id in cells:
        seen[grade_id] = seen.get(grade_id, 0) + 1
        if kind != "code":
            continue
        count += 1
        if grade_id in ours:
            changed += [grade_id] if source.strip() != ours[grade_id] else []
        elif grade_id in checks:
            was = notebook.check_code(topic, checks[grade_id], variant, language)
            changed += [grade_id] if source.strip() != was else []
        else:
            names = [
                q.name for q in topic.questions if grade_id == q.name or f"def {q.name}(" in source
            ]
            found.cells.append(source)
            found.places.append({"questions": names, "number": count})
            found.code |= dict.fromkeys(names, source[:SHOWN])
    texts = notebook.texts(topic, variant, language)
    found.essay, elsewhere = _essay(cells, texts, language)
    if elsewhere:
        found.notes.append({"note": "essay_elsewhere"})
    names = [q.name for q in topic.questions]
    deleted = [n for n in names if n not in found.code]
    twice = [n for n in names if seen.get(n, 0) > 1]
    for note, which in (("deleted", deleted), ("duplicated", twice), ("given", changed)):
        if which:
            found.notes.append({"note": note, "names": ", ".join(which)})
    if len(found.cells) == len(ours):
        found.notes.append({"note": "no_code"})
    return found


def _essay(cells: list[tuple], ours: dict[str, str], language: str) -> tuple[str, bool]:
    """The written answer, and whether it stood elsewhere than in its cell."""
    here, there = [], []
    for kind, source, grade_id in cells:
        if kind == "code" or blank(source, language):
            continue
        if grade_id == notebook.ESSAY:
            here.append(source)
            continue
        for text in ours.values():  # an answer may stand below the question, in its cell
            source = source.replace(text, "")
        if source.strip() and (grade_id not in ours or grade_id == f"text-{notebook.ESSAY}"):
            there.append(source.strip())
    return "\n\n".join(here or there)[:SHOWN], bool(there and not here)


def _cell(cell: dict) -> tuple[str, str, str]:
    """(type, source, grade_id) of a cell; a TypeError or KeyError if it is none."""
    source = cell["source"]
    source = source if isinstance(source, str) else "".join(source)
    meta = cell.get("metadata", {}).get("nbgrader", {})
    return str(cell["cell_type"]), readable(source), str(meta.get("grade_id", ""))


@cache
def version() -> str:
    """A digest of this package: what it grades differently must be graded again."""
    here = Path(__file__).parent
    files = sorted([*here.glob("*.py"), *here.glob("topics/*.py")])
    return sha256(b"".join(f.read_bytes() for f in files)).hexdigest()


def digest(course: Course, topic: Topic, student: str) -> str:
    """What a result depends on."""
    file = course.file("submitted", topic, student)
    parts = [file.read_bytes(), file.with_name("collect.json").read_bytes(), version().encode()]
    parts.append(json.dumps(course.variant(topic, student), sort_keys=True).encode())
    return sha256(b"\0".join(parts)).hexdigest()


def marks(
    topic: Topic,
    variant: Variant,
    cells: list[str],
    seed: object,
    *,
    seconds: float = sandbox.SECONDS,
    safe: bool = True,
) -> tuple[list[Verdict], sandbox.Answers]:
    """Run `cells` and judge each question at inputs drawn from `seed`."""
    number = int.from_bytes(sha256(repr(seed).encode()).digest(), "big")
    rng = np.random.default_rng(number)
    cases = {q.name: q.cases(variant, rng) for q in topic.questions}
    calls = [(name, args) for name, drawn in cases.items() for _, args in drawn]
    heard = sandbox.answers(cells, calls, seconds=seconds, safe=safe)
    expected, verdicts, first = topic.reference(variant), [], 0
    for question in topic.questions:
        drawn = cases[question.name]
        verdicts.append(judge(question, drawn, expected, heard, first))
        first += len(drawn)
    return verdicts, heard


def grade_one(course: Course, topic: Topic, student: str, *, seconds: float, safe: bool) -> dict:
    """The result of one submission, as it is stored."""
    file = course.file("submitted", topic, student)
    collected = course.collected(topic, student)
    stamp, variant = digest(course, topic, student), course.variant(topic, student)
    found = Submission(notes=[])
    if data := file.read_bytes():
        found = read(data, topic, variant, course.language)
    seed = (course.settings["secret"], topic.name, student, stamp)
    if found.cells:
        verdicts, heard = marks(topic, variant, found.cells, seed, seconds=seconds, safe=safe)
        verdicts = [v.asdict() for v in verdicts]
    else:
        heard = sandbox.Answers(ended="done")
        verdicts = [Verdict(q.name, 0, q.points, "unread").asdict() for q in topic.questions]
    notes = collected["notes"] + found.notes + _stopped(found, heard.cells, seconds)
    if heard.ended != "done":
        notes.append({"note": f"ended_{heard.ended}"})
    return {
        "student": student, "digest": stamp, "moodle": collected["moodle"],
        "name": collected["name"], "questions": verdicts, "notes": notes,
        "points": sum(v["points"] for v in verdicts),
        "code": found.code, "essay": found.essay, "alike": alike(found.code),
    }  # fmt: skip


def _stopped(found: Submission, errors: dict[int, str], seconds: float) -> list[dict]:
    """Notes on the cells that stopped, each with its questions and its place in the notebook."""
    notes = []
    for number, error in sorted(errors.items()):
        place = found.places[number] if 0 <= number < len(found.places) else {}
        if place and not error.startswith("NotImplementedError"):
            kind = "cell_slow" if error.startswith("TimeIsUp") else "cell"
            limit = f"{sandbox.patience(seconds):g}"
            notes.append({"note": kind, **place, "error": error, "seconds": limit})
    return notes[:5]


def alike(code: dict[str, str]) -> str:
    """A digest of the code without comments, layout and the names of local variables."""
    shapes = []
    for name, source in sorted(code.items()):
        try:
            shapes.append(name + _shape(source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            shapes.append(name + source)
    return sha256("\0".join(shapes).encode(errors="replace")).hexdigest() if shapes else ""


def _shape(source: str) -> str:
    """The syntax tree as text, with names numbered in the order in which they appear."""
    tree, names = ast.parse(source), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.setdefault(node.id, f"v{len(names)}")
        elif isinstance(node, ast.arg):
            node.arg = names.setdefault(node.arg, f"v{len(names)}")
    return ast.dump(tree)


def pending(course: Course, topic: Topic) -> list[str]:
    """The students whose submission has no result yet, or one that is out of date."""
    done = course.results(topic)
    return [
        student
        for student in course.submitted(topic)
        if done.get(student, {}).get("digest") != digest(course, topic, student)
    ]


def grade(
    course: Course,
    topic: Topic,
    students: list[str],
    *,
    workers: int = 2,
    seconds: float = sandbox.SECONDS,
    safe: bool = True,
) -> Iterator[dict]:
    """Grade these students' submissions; each result is stored before it is given out.

    One that the grader itself fails on comes as {"student", "failed"}; nothing is stored for it.
    """
    sandbox.require(safe)

    def one(student: str) -> dict:
        try:
            result = grade_one(course, topic, student, seconds=seconds, safe=safe)
        except Exception as error:  # a fault of ours with this one must not stop the others
            return {"student": student, "failed": f"{type(error).__name__}: {error}"}
        write(course.result(topic, student), json.dumps(result, ensure_ascii=False, indent=1))
        return result

    with ThreadPoolExecutor(workers) as pool:
        tasks = [pool.submit(one, student) for student in students]
        try:
            for task in as_completed(tasks):
                yield task.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            sandbox.stop()  # after Ctrl-C: nothing is stored of those that it ends
