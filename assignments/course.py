"""One folder is one course: where everything lies, what was drawn, and who takes part."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from assignments import notebook
from assignments.topic import LANGUAGES, Topic, Variant
from assignments.topics import TOPICS
from assignments.words import README, TEXT_STUB

ROSTER = ("student_id", "first_name", "last_name", "email")
MARK = "\ufeff"  # tells Excel that a table is UTF-8
STUDENT_ID = re.compile(r"\w[\w.@-]{0,49}")  # a file name has 255 bytes, a character up to 4

CONFIG = """# nbgrader's settings: `jupyter lab` in this folder, menu Nbgrader, Formgrader.
c = get_config()
c.CourseDirectory.course_id = {term!r}
c.ClearSolutions.code_stub = {{"python": "raise NotImplementedError()"}}
c.ClearSolutions.text_stub = {stub!r}
"""


class CourseError(ValueError):
    """Something in the folder or on the command line is not as expected."""


def write(path: Path, data: str | bytes) -> None:
    """Write a file whole or not at all: beside its place first, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    beside.write_bytes(data if isinstance(data, bytes) else data.encode())
    os.replace(beside, path)


@dataclass(frozen=True)
class Student:
    """One line of the roster."""

    student_id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""

    @property
    def name(self) -> str:
        """The full name, Korean names in Korean order."""
        hangul = any("가" <= c <= "힣" for c in self.last_name)
        whole = self.last_name + self.first_name
        return whole if hangul else f"{self.first_name} {self.last_name}".strip()


def read_csv(path: Path) -> list[dict[str, str]]:
    """The lines of a CSV file in UTF-8 or, as Excel writes it in Korea, CP949."""
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "cp949"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return list(csv.DictReader(io.StringIO(text, newline="")))
    raise CourseError(f"{path}: expected text in UTF-8 or CP949")


def read_roster(path: Path) -> dict[str, Student]:
    """Students by id. Raises CourseError for a missing column and for odd or repeated ids."""
    students = {}
    for number, row in enumerate(read_csv(path), 2):
        student = Student(**{c: (row.get(c) or "").strip() for c in ROSTER})
        if "student_id" not in row:
            raise CourseError(f"{path}: expected a column student_id, found {', '.join(row)}")
        if not STUDENT_ID.fullmatch(student.student_id):
            raise CourseError(
                f"{path}, line {number}: expected a student_id of up to 50 letters, digits "
                f"and . @ - _, given {student.student_id!r}"
            )
        if student.student_id in students:
            raise CourseError(f"{path}, line {number}: {student.student_id!r} is there twice")
        students[student.student_id] = student
    return students


class Course:
    """A course folder that exists. Raises CourseError if there is none at `path`."""

    def __init__(self, path: Path | str):
        self.path = Path(path)
        file = self.path / "course.json"
        if not file.is_file():
            raise CourseError(
                f"expected a course folder with a course.json, given {str(path)!r}; "
                "`python -m assignments new` makes one"
            )
        self.settings = json.loads(file.read_text(encoding="utf-8"))

    @classmethod
    def new(
        cls,
        path: Path | str,
        language: str,
        topics: Iterable[str] = (),
        roster: Path | None = None,
        secret: str | None = None,
        per_student: bool = False,
    ) -> Course:
        """Make the folder, draw the variants, write the notebooks with solutions."""
        path, topics = Path(path), list(topics) or list(TOPICS)
        if language not in LANGUAGES:
            raise CourseError(f"expected a language of {', '.join(LANGUAGES)}, given {language!r}")
        if unknown := [t for t in topics if t not in TOPICS]:
            raise CourseError(f"expected topics of {', '.join(TOPICS)}; given {', '.join(unknown)}")
        if path.exists() and any(path.iterdir()):
            raise CourseError(f"expected a new or an empty folder, given {str(path)!r}")
        students = read_roster(roster) if roster else {}
        path.mkdir(parents=True, exist_ok=True)
        os.chmod(path, 0o700)
        settings = {
            "term": path.resolve().name,
            "language": language,
            "secret": secret or secrets.token_hex(16),
            "per_student": per_student,
            "variants": {t: {} for t in topics},
        }
        write(path / ".gitignore", "*\n")  # it holds solutions and grades
        lines = [ROSTER, *([getattr(s, c) for c in ROSTER] for s in students.values())]
        write(path / "roster.csv", MARK + table(lines))
        stub = TEXT_STUB[language]
        write(path / "nbgrader_config.py", CONFIG.format(term=settings["term"], stub=stub))
        write(path / "course.json", json.dumps(settings))
        course = cls(path)
        course.draw()
        for topic in course.topics.values():
            solved = notebook.source(topic, course.variant(topic), language)
            write(course.file("source", topic), nbformat.writes(solved) + "\n")
        return course

    @property
    def language(self) -> str:
        """ "ko" or "en"."""
        return self.settings["language"]

    @property
    def topics(self) -> dict[str, Topic]:
        """The topics of this course, by name."""
        return {name: TOPICS[name] for name in self.settings["variants"]}

    @property
    def roster(self) -> dict[str, Student]:
        """The students, by id, as roster.csv lists them now."""
        return read_roster(self.path / "roster.csv")

    def topic(self, name: str) -> Topic:
        """One topic of this course. Raises CourseError for another name."""
        if name not in self.topics:
            raise CourseError(f"expected a topic of {', '.join(self.topics)}; given {name!r}")
        return self.topics[name]

    def draw(self) -> None:
        """Draw what is not drawn yet (students may join late), and store it."""
        for name, drawn in self.settings["variants"].items():
            for student in ["", *(self.roster if self.settings["per_student"] else ())]:
                if student not in drawn:
                    drawn[student] = TOPICS[name].variant(self.settings["secret"], student)
        write(self.path / "course.json", json.dumps(self.settings, ensure_ascii=False, indent=1))

    def variant(self, topic: Topic, student: str = "") -> Variant:
        """What was drawn for a student; where nothing was, for the whole term."""
        drawn = self.settings["variants"][topic.name]
        return drawn.get(student, drawn[""])

    def file(self, step: str, topic: Topic, student: str = "") -> Path:
        """Where a notebook lies, in nbgrader's layout."""
        return self.path / step / student / topic.name / f"{topic.name}.ipynb"

    def result(self, topic: Topic, student: str) -> Path:
        """Where the result of grading a submission lies."""
        return self.path / "results" / topic.name / f"{student}.json"

    def results(self, topic: Topic) -> dict[str, dict]:
        """The results of what is in submitted/, by student."""
        files = {s: self.result(topic, s) for s in self.submitted(topic)}
        return {
            s: json.loads(f.read_text(encoding="utf-8")) for s, f in files.items() if f.exists()
        }

    def submitted(self, topic: Topic) -> list[str]:
        """The students of whom something was collected."""
        return sorted(
            p.parents[1].name for p in self.path.glob(f"submitted/*/{topic.name}/collect.json")
        )

    def collected(self, topic: Topic, student: str) -> dict:
        """What was noted down when this submission was collected."""
        file = self.file("submitted", topic, student).with_name("collect.json")
        return json.loads(file.read_text(encoding="utf-8"))

    def forget(self, topic: Topic, student: str) -> None:
        """Remove a submission and all that was made of it."""
        for step in ("submitted", "autograded", "feedback"):
            folder = self.file(step, topic, student).parent
            shutil.rmtree(folder, ignore_errors=True)
            if folder.parent.exists() and not any(folder.parent.iterdir()):
                folder.parent.rmdir()
        self.result(topic, student).unlink(missing_ok=True)

    def release(self) -> list[Path]:
        """Write the notebooks without solutions, and a zip of each: per student where asked."""
        self.draw()
        zips = []
        for topic in self.topics.values():
            students = self.roster if self.settings["per_student"] else {"": None}
            for student in students:
                solved = notebook.source(topic, self.variant(topic, student), self.language)
                text = nbformat.writes(notebook.release(solved, self.language)) + "\n"
                name = f"{topic.name}/{student}.zip" if student else f"{topic.name}.zip"
                zips.append(self.path / "zips" / name)
                write(zips[-1], self._zipped(topic, text))
            shared = notebook.source(topic, self.variant(topic), self.language)
            text = nbformat.writes(notebook.release(shared, self.language)) + "\n"
            write(self.file("release", topic), text)
        return zips

    def _zipped(self, topic: Topic, text: str) -> bytes:
        """The zip that students get; the same bytes for the same contents."""
        title = topic.title[self.language]
        files = {
            f"{topic.name}.ipynb": text,
            "requirements.txt": "numpy>=2\n",
            "README.md": README[self.language].format(title=title, topic=topic.name),
        }
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(zipfile.ZipInfo(f"{topic.name}/{name}"), content)
        return whole.getvalue()


def table(lines: Iterable[Iterable[object]]) -> str:
    """CSV text of some lines; no cell is taken for a formula by a spreadsheet."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(map(as_text, line) for line in lines)
    return text.getvalue()


def as_text(cell: object) -> object:
    """A cell without control characters but plain ends of lines, and that starts no formula."""
    if not isinstance(cell, str):
        return cell
    cell = cell.replace("\r\n", "\n").replace("\r", "\n")
    cell = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", cell).strip()  # tabs and ends of lines stay
    return "'" + cell if cell[:1] in ("=", "+", "-", "@") else cell
