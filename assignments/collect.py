"""Find the submissions of one topic in a folder or a zip, and whose they are.

Understood are: a folder per student, files named STUDENT.ipynb or STUDENT_anything.ipynb, and
Moodle's download, with or without folders (`Full Name_1234_assignsubmission_file_`); with a roster
also names of files and folders that hold a student's id or begin with the full name, as Canvas and
Blackboard write them, and one folder around it all. Names in a zip are only read, never used as a
path; sizes are bounded; links are not followed. Whatever somebody handed in leaves a note, so that
it has a line in the report.
"""

from __future__ import annotations

import io
import json
import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from assignments import gradebook
from assignments.course import STUDENT_ID, Course, CourseError, read_csv, write
from assignments.grade import read
from assignments.notebook import STUB
from assignments.topic import Topic
from assignments.words import blank

LIMIT = 10 * 2**20  # bytes of one notebook
STAMP = "%Y-%m-%d %H:%M:%S UTC\n"
FILES = 100  # files of one student that are looked at
MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d{1,20})_assignsubmission_(?:file|onlinetext)")
NOTEBOOK = (".ipynb", ".ipynb.txt")  # some browsers add .txt
WORDS = r"[_\s()\[\].,-]+"  # what stands between the words of a name
IGNORED = re.compile(r"(^|/)(__MACOSX|\.[^/]*)(/|$)|\.csv$")


@dataclass(frozen=True)
class Found:
    """One file: its path inside what was handed over, its time, and how to read it.

    `read` returns the bytes, or the key of a note that says why not.
    """

    path: str
    time: datetime
    read: Callable[[], bytes | str]


def in_folder(folder: Path) -> Iterator[Found]:
    """The files of a folder, their names decoded; links appear, but are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or path.is_file():

            def read(path=path) -> bytes | str:
                if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
                    return "link"
                with path.open("rb") as file:
                    data = file.read(LIMIT + 1)
                return "too_large" if len(data) > LIMIT else data

            time = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
            names = map(decoded, map(os.fsencode, path.relative_to(folder).parts))
            yield Found("/".join(names), time, read)


def in_zip(archive: zipfile.ZipFile) -> Iterator[Found]:
    """The files of a zip, their names decoded as whoever wrote them may have meant."""
    for info in archive.infolist():
        if info.is_dir():
            continue

        def read(info=info) -> bytes | str:
            if stat.S_ISLNK(info.external_attr >> 16):
                return "link"
            try:
                with archive.open(info) as file:
                    data = file.read(LIMIT + 1)
            except Exception:  # damage raises a dozen kinds, and must not stop the others
                return "not_json"
            return "too_large" if len(data) > LIMIT else data

        time = datetime(*_sane(info.date_time)).astimezone(UTC)  # a zip holds local time
        yield Found(decoded_name(info), time, read)


def _sane(when: tuple) -> tuple:
    """A zip's time, which may be nonsense, as arguments of datetime."""
    try:
        datetime(*when)
    except ValueError:
        return (1980, 1, 1)
    return when


def decoded_name(info: zipfile.ZipInfo) -> str:
    """The name of a file in a zip; what is not said to be UTF-8, zipfile took for CP437."""
    try:
        return decoded(info.filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437"))
    except UnicodeEncodeError:  # the zip gives the name in UTF-8 as well
        return decoded(info.filename.encode())


def decoded(name: bytes) -> str:
    """A name in UTF-8, or in CP949 as older Windows writes it, composed as Hangul syllables."""
    for encoding in ("utf-8", "cp949"):
        try:
            return unicodedata.normalize("NFC", name.decode(encoding))
        except UnicodeDecodeError:
            continue
    return name.decode("cp437")  # which takes all bytes, and keeps two names apart


def plain(name: str) -> str:
    """A name without spaces, case and punctuation, for comparing."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFC", name)).casefold()


class Who:
    """Whose a file is, from the first part of its path, the roster, and Moodle's worksheet."""

    def __init__(self, course: Course, worksheet: Path | None):
        self.roster, self.names, emails = course.roster, {}, {}
        for student in self.roster.values():
            if student.email:
                emails[student.email.casefold()] = student.student_id
            first, last = student.first_name, student.last_name
            for name in {plain(first + last), plain(last + first)} - {""}:
                self.names.setdefault(name, set()).add(student.student_id)
        self.participants = {}
        for row in read_csv(worksheet) if worksheet else ():
            values = [str(v).strip() for v in row.values() if v]
            number = re.search(r"(\d+)$", values[0]) if values else None
            known = [emails[v.casefold()] for v in values if v.casefold() in emails]
            if number and known:
                self.participants[number[1]] = known[0]

    def meant(self, name: str, whole: bool = False) -> set[str]:
        """The students of the roster that a name may mean: by id, by the full name, in part."""
        for candidate in (name, name.split("_")[0]):
            if candidate in self.roster:
                return {candidate}
        for separators in (r"[_\s()\[\]-]+", WORDS):  # an id may hold a point
            if ids := {p for p in re.split(separators, name) if p in self.roster}:
                return ids
        return self.called(name, whole)

    def called(self, name: str, whole: bool = False) -> set[str]:
        """The students of the roster with this full name, or, but for `whole`, with its start."""
        words = [] if whole else [w for w in re.split(WORDS, name) if w]
        starts = ["".join(words[:n]) for n in range(6, 0, -1)]
        for candidate in (name, name.split("_")[0], *starts):
            if same := self.names.get(plain(candidate)):
                return same
        return set()

    def unwrapped(self, everything: list[Found]) -> list[Found]:
        """The same files without the folders around all of them, if students' names are inside."""
        inside = everything
        while inside and all("/" in f.path for f in inside):
            tops = {f.path.split("/")[0] for f in inside}
            if len(tops) > 1 or any(MOODLE.match(top) or self.meant(top) for top in tops):
                break
            inside = [replace(f, path=f.path.partition("/")[2]) for f in inside]
            if any(MOODLE.match(f.path) or self.owner(f.path)[0] in self.roster for f in inside):
                return inside
        return everything

    def owner(self, path: str) -> tuple[str, str, str]:
        """(student, Moodle's number or "", the name as it stands there)."""
        first = path.split("/")[0]
        if match := MOODLE.match(first):
            number, name = match["id"], match["name"]
            same = self.meant(name, whole=True)  # Moodle writes nothing after it
            if number in self.participants:
                return self.participants[number], number, name
            return (*same, number, name) if len(same) == 1 else (f"moodle-{number}", number, name)
        name = first if "/" in path else re.sub(r"\.ipynb(\.txt)?$|\.[^.]*$", "", first)
        name = re.sub(r"\s*\(\d\d?\)$", "", name)  # a browser's second download
        same = self.meant(name)
        if len(same) == 1:
            return (*same, "", name)
        if STUDENT_ID.fullmatch(name):
            return name, "", name
        return f"unknown-{sha256(name.encode(errors='replace')).hexdigest()[:8]}", "", name


def notebooks(found: Found) -> list[tuple[str, datetime, bytes | str]]:
    """The notebook that a file is, or those in a student's own zip: names and contents."""
    if not found.path.lower().endswith(".zip"):
        return [(found.path, found.time, found.read())]
    data = found.read()
    if isinstance(data, str):
        return [(found.path, found.time, data)]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = [
                (f"{found.path}/{f.path}", found.time, f.read())  # handed in with the zip
                for f in sorted(list(in_zip(archive))[:FILES], key=lambda f: f.time)
                if f.path.lower().endswith(NOTEBOOK) and not IGNORED.search(f.path)
            ]
    except Exception:  # as above: damage of any kind
        inside = []
    return inside or [(found.path, found.time, "not_notebook")]


def chosen(
    files: list[tuple], course: Course, topic: Topic, student: str
) -> tuple[str, datetime, bytes | str]:
    """Of several notebooks: one with an answer in it, one named for the topic, the newest."""
    variant = course.variant(topic, student)
    empty = topic.code(variant, dict.fromkeys((q.name for q in topic.questions), STUB))

    def answered(data: bytes) -> bool:
        found = read(data, topic, variant, course.language)
        tried = any(code.strip() != empty[name].strip() for name, code in found.code.items())
        return tried or not blank(found.essay, course.language)

    def rank(file):
        name, time, data = file
        can_be_read = isinstance(data, bytes)
        named = topic.name in name.rsplit("/", 1)[-1]
        return can_be_read and answered(data), named, can_be_read, time

    return sorted(files, key=rank)[-1]


def collect(
    course: Course, topic: Topic, source: Path, worksheet: Path | None = None
) -> dict[str, list[dict]]:
    """Put what is in `source` below submitted/; return the notes by student.

    Raises CourseError if `source` is neither a folder nor a zip that can be read, or has no files.
    """
    who, by_student = Who(course, worksheet), {}
    archive = None
    if source.is_dir():
        everything = in_folder(source)
    elif source.is_file() and zipfile.is_zipfile(source):
        try:
            archive = zipfile.ZipFile(source)
        except Exception as error:  # as above
            what = f"expected a zip that is not damaged, given {str(source)!r}: {error}"
            raise CourseError(what) from None
        everything = in_zip(archive)
    else:
        what = "given" if source.exists() else "found nothing at"
        raise CourseError(f"expected a folder or a zip, {what} {str(source)!r}")
    for found in who.unwrapped([f for f in everything if not IGNORED.search(f.path)]):
        owner = who.owner(found.path)
        files = by_student.setdefault(owner[0], (owner, []))[1]
        if len(files) < FILES:
            files.append(found)
    if not by_student:
        raise CourseError(f"expected submissions in {str(source)!r}, found no file")
    said = {}
    for student, (owner, files) in sorted(by_student.items()):
        said[student] = _take(course, topic, owner, files, who)
    if archive:
        archive.close()
    owners = {(o[1], o[2]): o[0] for o, _ in by_student.values()}
    for ghost, student in _lay_ghosts(course, topic, owners, who.roster).items():
        said[student].append({"note": "renamed", "name": ghost})
    return said


def _lay_ghosts(course, topic, owners: dict[tuple, str], roster) -> dict[str, str]:
    """Forget what was collected before under another name, when its owner was not known.

    It is a student's of the roster, too, if the file is the same to the byte and nobody else's.
    """
    same, laid = {}, {}
    for student in set(owners.values()) & roster.keys():
        same.setdefault(course.file("submitted", topic, student).read_bytes(), []).append(student)
    for ghost in set(course.submitted(topic)) - set(owners.values()) - roster.keys():
        record = course.collected(topic, ghost)
        data = course.file("submitted", topic, ghost).read_bytes()
        twins = same.get(data, []) if data and not record["moodle"] else []
        student = owners.get((record["moodle"], record["name"]))
        if student or len(twins) == 1:
            laid[ghost] = student = student or twins[0]
            gradebook.hand_over(course, topic, ghost, student)
            course.forget(topic, ghost)
    return laid


def _take(course, topic, owner, files, who: Who) -> list[dict]:
    """Store one student's submission with its notes."""
    (student, number, name), notes = owner, []
    if who.roster and student not in who.roster:
        n = len(who.called(name, whole=bool(number)))
        notes.append({"note": "ambiguous" if n > 1 else "unknown", "name": name, "n": n})
    file, whose = course.file("submitted", topic, student), list(notes)
    before = {"moodle": "", "from": "", "notes": []}
    if file.with_name("collect.json").exists():
        before = course.collected(topic, student)
    if not number and before["moodle"]:
        number, name = before["moodle"], before["name"]
    wanted = [f for f in files if f.path.lower().endswith((*NOTEBOOK, ".zip"))]
    candidates = [notebook for f in wanted for notebook in notebooks(f)]
    if candidates:
        path, time, data = candidates[0]
        if len(candidates) > 1:
            path, time, data = chosen(candidates, course, topic, student)
            shown = f"{path.rsplit('/', 1)[-1]} ({time:%Y-%m-%d %H:%M} UTC)"
            notes.append({"note": "several", "number": len(candidates), "name": shown})
    else:
        path, time, data = files[0].path, files[0].time, "not_notebook"
    if isinstance(data, str):
        notes.append({"note": data, "name": path, "limit": LIMIT // 2**20})
        data = b""
    elif not data:
        notes.append({"note": "empty"})
    record = {"from": path, "moodle": number, "name": name, "notes": notes}
    if note := _worse(file, data, time):
        notes.append({"note": note, "name": path})
        kept = [n for n in before["notes"] if n["note"] not in ("unknown", "ambiguous", "kept")]
        record |= {"from": before["from"], "notes": whose + kept}
        record["notes"] += [n for n in notes if n["note"] == "kept"]
    else:
        write(file, data)
        write(file.with_name("timestamp.txt"), time.strftime(STAMP))
    write(file.with_name("collect.json"), json.dumps(record, ensure_ascii=False))
    return notes


def _worse(file: Path, data: bytes, time: datetime) -> str:
    """Why what was collected before stays, as the key of a note; "" if the new one replaces it."""
    stored = file.read_bytes() if file.exists() else b""
    if stored == data or not _has_cells(stored):
        return ""
    if not _has_cells(data):
        return "kept"
    stamp = file.with_name("timestamp.txt")
    before = stamp.read_text(encoding="utf-8") if stamp.exists() else ""
    known = time.year > 1980  # a zip may hold no times
    return "older" if known and time.strftime(STAMP) < before else ""


def _has_cells(data: bytes) -> bool:
    """Whether a file is a notebook."""
    try:
        return isinstance(json.loads(data.decode("utf-8-sig"))["cells"], list)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
