"""Points on their way out: manual points in, nbgrader's gradebook, CSV for nbgrader and Moodle.

The results are the record. This module writes them into nbgrader's gradebook through its API, and
the submissions into autograded/, so that formgrader opens on the course; points that somebody
gives there stay. The other way to grade by hand is manual/TOPIC.csv, in any spreadsheet; where it
has points, they count.
"""

from __future__ import annotations

import io
import math
import os
import re
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import nbformat

from assignments import notebook
from assignments.course import MARK, Course, CourseError, Student, as_text, read_csv, table, write
from assignments.topic import Topic
from assignments.words import blank, page

MANUAL = ("student_id", "points", "maximum", "comment", "changed", "answer")
COLUMNS = (  # those of `nbgrader export`
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip
WORKSHEET = (  # Moodle's, in English
    "Identifier", "Full name", "Email address", "Grade", "Maximum Grade", "Last modified (grade)",
    "Feedback comments",
)  # fmt: skip
GRADE_COLUMN = {"Grade", "성적", "점수"}
COMMENT_COLUMN = {"Feedback comments", "피드백 댓글", "피드백 의견"}
TO_DO = "yes"


def manual(course: Course, topic: Topic) -> dict[str, tuple[float, str]]:
    """The points and comments that manual/TOPIC.csv gives, by student.

    Raises CourseError for points that are no number between 0 and the maximum.
    """
    path, given = course.path / "manual" / f"{topic.name}.csv", {}
    if not path.exists():
        return given
    students = {f.stem for f in course.result(topic, "").parent.glob("*.json")}
    students |= set(course.submitted(topic))
    for number, row in enumerate(_by_hand(path), 2):
        text = (row["points"] or "").strip()
        if not text:
            continue
        try:
            points = float(text)
        except ValueError:
            points = math.nan
        if not 0 <= points <= topic.essay.points:
            raise CourseError(
                f"{path}, line {number}: expected points from 0 to {topic.essay.points}, "
                f"given {text!r}"
            )
        if (student := row["student_id"].strip()) not in students:
            raise CourseError(
                f"{path}, line {number}: expected a student who handed in, given {student!r} "
                f"(has a spreadsheet changed it, 0123 to 123?)"
            )
        given[student] = points, (row.get("comment") or "").strip()
    return given


def _by_hand(path: Path) -> list[dict[str, str]]:
    """The rows of manual/TOPIC.csv; CourseError where a spreadsheet has spoilt its columns."""
    rows = read_csv(path)
    if rows and (missing := {"student_id", "points"} - rows[0].keys()):
        raise CourseError(
            f"{path}: expected the columns student_id and points, separated by commas; "
            f"found no {' and no '.join(sorted(missing))}"
        )
    return rows


def write_manual(course: Course, topic: Topic) -> Path:
    """Write manual/TOPIC.csv anew, with the answers there are; what somebody filled in stays.

    An answer that is another one than before is marked as changed.
    """
    path = course.path / "manual" / f"{topic.name}.csv"
    before = {row["student_id"]: row for row in _by_hand(path)} if path.exists() else {}
    lines: list = [MANUAL]
    for student, result in course.results(topic).items():
        if unanswered(course, result) and student not in before:
            continue
        old, answer = before.pop(student, {}), as_text(result["essay"])
        points, comment = old.get("points", ""), old.get("comment", "")
        new = points and as_text(old.get("answer", "")) != answer
        changed = TO_DO if new else old.get("changed", "")
        lines.append((student, points, topic.essay.points, comment, changed, answer))
    kept = [row for s, row in before.items() if row["points"] or s in course.roster]
    lines += [[row.get(c, "") for c in MANUAL] for row in kept]
    write(path, MARK + table(lines))
    return path


def hand_over(course: Course, topic: Topic, ghost: str, student: str) -> None:
    """Give the points by hand on what was collected as `ghost`'s to the student whose it is.

    Points that the student has already stay.
    """
    path = course.path / "manual" / f"{topic.name}.csv"
    rows = {r["student_id"]: r for r in _by_hand(path)} if path.exists() else {}
    row = rows.pop(ghost, {})
    if not row.get("points") and (course.path / "gradebook.db").exists():
        row |= _in_formgrader(course, topic, ghost)
    if row.get("points") and not rows.get(student, {}).get("points"):
        rows[student] = rows.get(student, {}) | row | {"student_id": student}
    if rows or path.exists():
        lines = [[row.get(c) or "" for c in MANUAL] for _, row in sorted(rows.items())]
        write(path, MARK + table([MANUAL, *lines]))


def _in_formgrader(course: Course, topic: Topic, student: str) -> dict[str, str]:
    """The points and the comment that somebody gave in formgrader, as columns of manual/."""
    from nbgrader.api import MissingEntry

    place = (notebook.ESSAY, topic.name, topic.name, student)
    with open_gradebook(course) as book:
        try:
            points, comment = book.find_grade(*place).manual_score, book.find_comment(*place)
        except MissingEntry:
            return {}
        return {} if points is None else {"points": f"{points:g}", "comment": comment.comment or ""}


def open_gradebook(course: Course):
    """nbgrader's gradebook of the course, to be used with `with`."""
    try:
        from nbgrader.api import Gradebook  # slow to import, and needed here alone
    except ImportError:
        raise CourseError(
            "expected nbgrader, found none; the results are kept. Install it, and grade again: "
            'pip install -e ".[assignments]" -c constraints.txt'
        ) from None

    here = str(Path(sys.executable).parent)  # nbgrader calls `alembic`, which lies beside Python
    if here not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = here + os.pathsep + os.environ["PATH"]
    return Gradebook(f"sqlite:///{course.path.resolve()}/gradebook.db")


def update(course: Course, topic: Topic) -> None:
    """Bring the gradebook and autograded/ up to the results and the manual points."""
    results, points = course.results(topic), manual(course, topic)
    with open_gradebook(course) as book, book.db.no_autoflush:
        book.update_or_create_assignment(topic.name)
        book.update_or_create_notebook(topic.name, topic.name)
        place = (topic.name, topic.name)
        for question in topic.questions:
            name = notebook.check_id(question)
            book.update_or_create_grade_cell(
                name, *place, max_score=question.points, cell_type="code"
            )
            book.update_or_create_solution_cell(question.name, *place)
        essay = {"max_score": topic.essay.points, "cell_type": "markdown"}
        book.update_or_create_grade_cell(notebook.ESSAY, *place, **essay)
        book.update_or_create_solution_cell(notebook.ESSAY, *place)
        roster = course.roster
        for student in roster.keys() | results.keys():
            who = roster.get(student) or Student(student, last_name=results[student]["name"])
            names = {c: getattr(who, c) for c in ("first_name", "last_name", "email")}
            book.update_or_create_student(student, **names)
        for left in book.assignment_submissions(topic.name):
            if left.student.id not in results:
                book.remove_submission(topic.name, left.student.id)
        for student in book.students:
            if student.id not in roster.keys() | results.keys() and not student.submissions:
                book.remove_student(student.id)
        for student, result in results.items():
            stamp = course.file("submitted", topic, student).with_name("timestamp.txt")
            when = stamp.read_text(encoding="utf-8").strip()
            book.update_or_create_submission(topic.name, student, timestamp=when)
            for verdict in result["questions"]:
                grade = book.find_grade(f"check-{verdict['question']}", *place, student)
                grade.auto_score, grade.needs_manual_grade = verdict["points"], False
            grade = book.find_grade(notebook.ESSAY, *place, student)
            if student in points:
                grade.manual_score, text = points[student]
                book.find_comment(notebook.ESSAY, *place, student).manual_comment = text
            grade.auto_score = 0 if unanswered(course, result) else None
            grade.needs_manual_grade = grade.manual_score is None and grade.auto_score is None
            write(course.file("autograded", topic, student), _autograded(course, topic, result))
        book.db.commit()


def unanswered(course: Course, result: dict) -> bool:
    """Whether there is no written answer for a person to grade."""
    return blank(result["essay"], course.language)


def _autograded(course: Course, topic: Topic, result: dict) -> str:
    """The submission as formgrader shows it: our cells, the student's answers."""
    variant = course.variant(topic, result["student"])
    whole = notebook.release(notebook.source(topic, variant, course.language), course.language)
    answers = result["code"] | {notebook.ESSAY: fenced(result["essay"])}
    for cell in whole.cells:
        if cell.id in answers:
            cell.source = answers[cell.id]
    return nbformat.writes(whole) + "\n"


def fenced(text: str) -> str:
    """Text as a block of code: formgrader would run a script in it, in the lecturer's session."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def marked(course: Course, topic: Topic) -> dict[str, dict]:
    """The results with the points of the gradebook, where those that somebody gave there count.

    Each has also `written`, the points of the written answer (None: not graded yet), `comment`,
    and for each question, whether its points were given `by_hand`.
    """
    results = course.results(topic)
    if not results:
        return {}
    with open_gradebook(course) as book:
        for student, result in results.items():
            place = (topic.name, topic.name, student)
            for verdict in result["questions"]:
                grade = book.find_grade(f"check-{verdict['question']}", *place)
                verdict["by_hand"] = grade.score != verdict["points"]
                verdict["points"] = grade.score
            result["points"] = sum(v["points"] for v in result["questions"])
            grade = book.find_grade(notebook.ESSAY, *place)
            waits = grade.manual_score is None and grade.auto_score is None
            result["written"] = None if waits else grade.score
            result["comment"] = book.find_comment(notebook.ESSAY, *place).comment or ""
    return results


def grades(course: Course) -> tuple[Path, int]:
    """Write grades.csv in nbgrader's columns; return it and how many answers still wait."""
    from nbgrader.api import MissingEntry

    lines, waiting = [COLUMNS], 0
    for topic in course.topics.values():
        if course.results(topic):
            update(course, topic)
    with open_gradebook(course) as book:
        for assignment in book.assignments:
            for student in book.students:
                row = dict.fromkeys(COLUMNS, "") | {
                    "assignment": assignment.name, "student_id": student.id,
                    "last_name": student.last_name, "first_name": student.first_name,
                    "email": student.email, "max_score": assignment.max_score,
                    "raw_score": 0.0, "late_submission_penalty": 0.0, "score": 0.0,
                }  # fmt: skip
                try:
                    handed_in = book.find_submission(assignment.name, student.id)
                except MissingEntry:
                    pass
                else:
                    penalty = handed_in.late_submission_penalty or 0.0
                    row |= {
                        "timestamp": handed_in.timestamp, "raw_score": handed_in.score,
                        "late_submission_penalty": penalty,
                        "score": max(0.0, handed_in.score - penalty),
                    }  # fmt: skip
                    waiting += handed_in.needs_manual_grade
                lines.append([row[c] for c in COLUMNS])
    path = course.path / "grades.csv"
    write(path, MARK + table(lines))
    return path, waiting


def scores(course: Course, topic: Topic) -> dict[str, float]:
    """The points of everybody who handed this topic in, from the gradebook."""
    with open_gradebook(course) as book:
        return {s.student.id: float(s.score) for s in book.assignment_submissions(topic.name)}


def moodle(course: Course, topic: Topic, worksheet: Path | None) -> tuple[Path, int, int]:
    """Write moodle/TOPIC.csv, to be uploaded as a grading worksheet.

    Return how many have a grade and how many have none, as their written answer waits for its
    points. Into the worksheet that Moodle gave out, grades and comments are filled in, whatever its
    language; without one, the English columns are written for those whose number is known from
    their submission. Raises CourseError for a worksheet without a column for grades.
    """
    results, points, filled, waiting = marked(course, topic), scores(course, topic), 0, 0
    path = course.path / "moodle" / f"{topic.name}.csv"
    by_number = {r["moodle"]: s for s, r in results.items() if r["moodle"]}
    by_email = {s.email.casefold(): s.student_id for s in course.roster.values() if s.email}
    rows = read_csv(worksheet) if worksheet else _rows(course, topic, by_number)
    header = list(rows[0]) if rows else list(WORKSHEET)
    grade = next((c for c in header if c in GRADE_COLUMN), None)
    comment = next((c for c in header if c in COMMENT_COLUMN), None)
    if grade is None:
        raise CourseError(
            f"{worksheet}: expected a column {' or '.join(sorted(GRADE_COLUMN))}, "
            f"found {', '.join(header)}"
        )
    for row in rows:
        values = [str(v or "").strip() for v in row.values()]
        number = re.search(r"(\d+)$", values[0])
        student = by_number.get(number[1]) if number else None
        for value in values:
            student = student or by_email.get(value.casefold())
        if student in points:
            if results[student]["written"] is None:
                waiting += 1
            else:
                filled += 1
                row[grade] = f"{points[student]:g}"
            if comment:
                row[comment] = _in_short(course, topic, results[student])
    write(path, table([header, *([row[c] for c in header] for row in rows)]))
    return path, filled, waiting


def _in_short(course: Course, topic: Topic, result: dict) -> str:
    """The points of each question in one line, and the comment on the written answer."""
    points = [f"{q['question']} {q['points']:g}/{q['maximum']}" for q in result["questions"]]
    shown = "–" if result["written"] is None else f"{result['written']:g}"
    points.append(f"{page('written', course.language)} {shown}/{topic.essay.points}")
    return ", ".join(points) + (f". {result['comment']}" if result["comment"] else "")


def _rows(course: Course, topic: Topic, by_number: dict[str, str]) -> list[dict[str, object]]:
    """Lines of a worksheet of our own."""
    now, roster = datetime.now(UTC).strftime("%A, %d %B %Y, %I:%M %p"), course.roster
    return [
        dict(zip(WORKSHEET, (
            f"Participant {number}",
            roster[s].name if s in roster else course.results(topic)[s]["name"],
            roster[s].email if s in roster else "", "", topic.points, now, "",
        ), strict=True))
        for number, s in sorted(by_number.items())
    ]  # fmt: skip


def feedback_zip(course: Course, topic: Topic) -> tuple[Path, list[str]]:
    """All feedback of a topic, named so that Moodle gives each page to its student.

    Return the students as well that are not in it, because Moodle's number is not known.
    """
    path, whole = course.path / "moodle" / f"{topic.name}-feedback.zip", io.BytesIO()
    absent = []
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, result in course.results(topic).items():
            file = course.file("feedback", topic, student).with_suffix(".html")
            if result["moodle"] and file.exists():
                folder = f"{result['name']}_{result['moodle']}_assignsubmission_file"
                archive.write(file, f"{folder}/{file.name}")
            else:
                absent.append(student)
    write(path, whole.getvalue())
    return path, absent
