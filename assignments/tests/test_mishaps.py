"""What goes wrong in a lecturer's day: interrupted runs, changed rosters, files in odd places."""

import html
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import hostile
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_grading import TOPIC, submission

from assignments import gradebook, notebook, sandbox
from assignments.__main__ import main
from assignments.collect import Found, Who, collect, notebooks
from assignments.course import STUDENT_ID, Course, CourseError, as_text, write
from assignments.grade import marks, read
from assignments.words import TEXT_STUB, note, said

ROOT = Path(notebook.__file__).parents[1]
FOREVER = "import time\nwhile True:\n    time.sleep(1)"


@pytest.fixture
def course(tmp_path):
    return Course.new(tmp_path / "t", "en", ["chain-rule"], secret="s")


def right(course, essay="An answer.", extra=()):
    return submission(TOPIC.code(course.variant(TOPIC)), essay, extra)


def running(course, *options):
    """A `grade` of its own session that is at work on the second of two submissions."""
    write(course.path.parent / "in/s1.ipynb", right(course))
    write(course.path.parent / "in/s2.ipynb", right(course, extra=[FOREVER]))
    collect(course, TOPIC, course.path.parent / "in")
    command = [sys.executable, "-m", "assignments", "grade", str(course.path), "chain-rule"]
    run = subprocess.Popen(
        [*command, "--workers", "1", *options], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, start_new_session=True, text=True,
    )  # fmt: skip
    while not course.result(TOPIC, "s1").exists() and run.poll() is None:
        time.sleep(0.05)
    time.sleep(0.7)
    return run


@pytest.mark.parametrize("options", [(), ("--without-sandbox",)])
def test_ctrl_c_costs_nobody_points(course, options):
    run = running(course, *options)
    assert run.pid not in map(os.getsid, children(run.pid))  # out of the terminal's reach
    os.killpg(run.pid, signal.SIGINT)
    said = run.communicate(timeout=30)[1]
    assert run.returncode == 130
    assert said.splitlines()[-1] == "grade: stopped; give the same command again to go on"
    assert "Traceback" not in said
    assert set(course.results(TOPIC)) == {"s1"}


def children(pid):
    """All processes that descend from one."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if parent == pid:
            found += [int(stat.parent.name), *children(int(stat.parent.name))]
    return found


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("options", [(), ("--without-sandbox",)])
def test_nothing_runs_on_when_the_grader_is_killed(course, options):
    run = running(course, *options)
    left = children(run.pid)
    assert left
    run.kill()
    run.communicate()
    deadline = time.monotonic() + 5
    while any(map(alive, left)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, left))


@pytest.mark.parametrize(
    ("owner", "name", "value", "said"),
    [
        (sandbox, "RUNNER", Path("no-runner.py"), "expected a process that answers"),
        (sys, "platform", "darwin", "grading needs Linux, this is darwin"),
    ],
)
def test_where_nothing_can_run_nobody_gets_0_points(
    course, monkeypatch, capsys, owner, name, value, said
):
    write(course.path.parent / "in/s1.ipynb", right(course))
    collect(course, TOPIC, course.path.parent / "in")
    monkeypatch.setattr(owner, name, value)
    assert main(["grade", str(course.path), "chain-rule", "--without-sandbox"]) != 0
    assert said in capsys.readouterr().err
    assert not course.results(TOPIC)


def test_killed_from_outside_is_no_result(course):
    run = running(course)
    os.kill(children(run.pid)[0], signal.SIGKILL)
    said = run.communicate(timeout=30)[1]
    assert "s2: not graded: SandboxError: the process was killed from outside; grade again" in said
    assert run.returncode == 1 and set(course.results(TOPIC)) == {"s1"}


def test_a_loop_in_one_question_leaves_time_for_the_others(course):
    variant = course.variant(TOPIC)
    codes = TOPIC.code(variant)
    for name in ("derivative", "fork"):  # with more hidden inputs than there is time for
        codes[name] = f"def {name}(*args):\n    while True: pass"
    cells = [*notebook.restored(TOPIC, variant, "en").values(), *codes.values()]
    verdicts, heard = marks(TOPIC, variant, cells, "seed", seconds=6)
    assert heard.ended == "done"
    assert {v.question: v.said for v in verdicts} == {
        "derivative": "slow", "fork": "slow", "layer": "ok",
    }  # fmt: skip


def hand_in(course, folder="Sam Twin_103_assignsubmission_file_", essay="An answer."):
    """A download of Moodle's with one submission; when everything else is as it was."""
    path = course.path.parent / "download.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{folder}/chain-rule.ipynb", right(course, essay))
    return path


def roster(course, *lines):
    write(course.path / "roster.csv", "\n".join(["student_id,first_name,last_name,email", *lines]))


def do(command, course, *arguments):
    assert main([command, str(course.path), *map(str, arguments)]) == 0


def everywhere(course):
    """The students that anything tells of."""
    files = [*course.path.rglob("*.csv"), *(course.path / "moodle").glob("*")]
    text = "".join(f.read_text("utf-8-sig") for f in files if f.suffix == ".csv")
    folders = [p.name for s in ("submitted", "autograded") for p in (course.path / s).glob("*")]
    with gradebook.open_gradebook(course) as book:
        return text, {*folders, *course.results(TOPIC), *(s.id for s in book.students)}


@pytest.mark.parametrize("by", ["manual", "formgrader"])
def test_who_becomes_known_leaves_no_ghost(course, by):
    roster(course, "t1,Sam,Twin,one@x.org", "t2,Sam,Twin,two@x.org")
    download = hand_in(course)
    assert set(collect(course, TOPIC, download)) == {"moodle-103"}
    do("grade", course, "chain-rule")
    table = course.path / "manual/chain-rule.csv"
    if by == "manual":
        text = table.read_text("utf-8-sig").replace("moodle-103,,5,", "moodle-103,3.5,5,Good.")
        write(table, text)
    else:
        with gradebook.open_gradebook(course) as book:
            place = (notebook.ESSAY, TOPIC.name, TOPIC.name, "moodle-103")
            book.find_grade(*place).manual_score = 3.5
            book.find_comment(*place).manual_comment = "Good."
            book.db.commit()
    do("grades", course, "chain-rule")
    worksheet = course.path.parent / "worksheet.csv"
    head = "Identifier,Full name,Email address,Grade\n"
    write(worksheet, f"{head}Participant 103,Sam Twin,two@x.org,\n")
    do("collect", course, "chain-rule", download, "--worksheet", worksheet)
    do("grades", course)  # before it is graded again
    do("grade", course, "chain-rule")
    do("grades", course, "chain-rule", "--worksheet", worksheet)
    text, found = everywhere(course)
    assert "moodle-103" not in text and found == {"t1", "t2"}
    assert table.read_text("utf-8-sig").splitlines()[1].startswith("t2,3.5,5,Good.")
    assert gradebook.scores(course, TOPIC) == {"t2": hostile.FULL + 3.5}
    assert "two@x.org,18.5" in (course.path / "moodle/chain-rule.csv").read_text("utf-8")


def test_a_file_that_is_renamed_leaves_no_ghost(course, capsys):
    roster(course, "t1,Ada,Lovelace,", "t2,Sam,Twin,", "t3,Bo,Lee,")
    inbox = course.path.parent / "in"
    for name in ("HW1_final", "my homework", "guest", "copied"):
        write(inbox / f"{name}.ipynb", right(course, name))
    do("collect", course, "chain-rule", inbox)
    do("grade", course, "chain-rule")
    table = course.path / "manual/chain-rule.csv"
    write(table, table.read_text("utf-8-sig").replace("HW1_final,,5,", "HW1_final,3.5,5,"))
    (inbox / "HW1_final.ipynb").rename(inbox / "t1.ipynb")
    (inbox / "my homework.ipynb").rename(inbox / "t2_my homework.ipynb")
    shutil.copy(inbox / "copied.ipynb", inbox / "t3.ipynb")  # and handed in under both names
    capsys.readouterr()
    do("collect", course, "chain-rule", inbox)
    assert "t1: Collected before as HW1_final's" in capsys.readouterr().out
    do("grade", course, "chain-rule")
    do("grades", course, "chain-rule")
    assert everywhere(course)[1] == {"t1", "t2", "t3", "guest", "copied"}
    assert gradebook.scores(course, TOPIC)["t1"] == hostile.FULL + 3.5


def test_a_ghost_of_two_students_stays(course):
    roster(course, "t1,Ada,Lovelace,", "t2,Sam,Twin,")
    inbox = course.path.parent / "in"
    write(inbox / "HW1.ipynb", right(course))
    collect(course, TOPIC, inbox)
    shutil.copy(inbox / "HW1.ipynb", inbox / "t1.ipynb")
    (inbox / "HW1.ipynb").rename(inbox / "t2.ipynb")
    collect(course, TOPIC, inbox)
    assert course.submitted(TOPIC) == ["HW1", "t1", "t2"]


def test_a_name_that_stands_twice_is_called_ambiguous(course):
    roster(course, "t1,Sam,Twin,one@x.org", "t2,Sam,Twin,two@x.org")
    [found] = collect(course, TOPIC, hand_in(course))["moodle-103"]
    assert found == {"note": "ambiguous", "name": "Sam Twin", "n": 2}
    assert note(found, "ko").startswith("roster.csv에 Sam Twin 학생이 2명 있습니다")
    write(course.path.parent / "in/Sam Twin homework.ipynb", right(course))
    [[found]] = collect(course, TOPIC, course.path.parent / "in").values()
    assert (found["note"], found["n"]) == ("ambiguous", 2)


def test_points_of_the_student_win_over_a_ghosts(course):
    write(course.path / "manual/chain-rule.csv", "student_id,points\nghost,1\nt1,4\n")
    gradebook.hand_over(course, TOPIC, "ghost", "t1")
    lines = (course.path / "manual/chain-rule.csv").read_text("utf-8-sig").splitlines()
    assert lines[1:] == ["t1,4,,,,"]


def test_a_submission_may_be_deleted_by_hand(course):
    for name in ("s1", "s2"):
        write(course.path.parent / f"in/{name}.ipynb", right(course))
    collect(course, TOPIC, course.path.parent / "in")
    do("grade", course, "chain-rule")
    table = course.path / "manual/chain-rule.csv"
    write(table, table.read_text("utf-8-sig").replace("s2,,5", "s2,4,5"))
    shutil.rmtree(course.path / "submitted/s2")
    do("grade", course, "chain-rule")
    do("grades", course, "chain-rule")
    assert set(gradebook.scores(course, TOPIC)) == {"s1"}
    assert "s2" not in (course.path / "grades.csv").read_text("utf-8-sig")


STUB = TEXT_STUB["en"]


@pytest.mark.parametrize(
    "cells, essay, elsewhere",
    [
        ([("essay", STUB), ("", "Because of the chain rule.")], "Because of the chain rule.", True),
        ([("", "Because.")], "Because.", True),
        ([("essay", STUB), ("text-essay", "{text}\n\nBecause.")], "Because.", True),
        (
            [("", "Because."), ("", STUB), ("text-essay", "{text}"), ("", "{text}")],
            "Because.",
            True,
        ),
        ([("essay", "Because."), ("", "My notes.")], "Because.", False),
        ([("essay", "Because."), ("essay", "And so on.")], "Because.\n\nAnd so on.", False),
        ([("essay", STUB), ("header", "A title, changed."), ("text-fork", "x")], "", False),
    ],
)
def test_a_written_answer_is_found_wherever_it_stands(course, cells, essay, elsewhere):
    variant = course.variant(TOPIC)
    text = notebook.texts(TOPIC, variant, "en")["text-essay"]
    cells = [("markdown", source.replace("{text}", text), name) for name, source in cells]
    found = read(hostile.notebook(cells).encode(), TOPIC, variant, "en")
    assert found.essay == essay
    assert ({"note": "essay_elsewhere"} in found.notes) == elsewhere


def test_a_written_answer_elsewhere_waits_for_the_lecturer(course):
    cells = [("code", source, name) for name, source in TOPIC.code(course.variant(TOPIC)).items()]
    cells += [("markdown", STUB, "essay"), ("markdown", "Because.", "")]
    write(course.path.parent / "in/s1.ipynb", hostile.notebook(cells))
    collect(course, TOPIC, course.path.parent / "in")
    do("grade", course, "chain-rule")
    assert gradebook.marked(course, TOPIC)["s1"]["written"] is None
    assert "s1,,5,,,Because." in (course.path / "manual/chain-rule.csv").read_text("utf-8-sig")


def test_points_given_by_hand_in_place_of_automatic_ones_count_everywhere(course):
    answers = TOPIC.code(course.variant(TOPIC)) | {"fork": "def fork(x, w, v, y):\n    return x"}
    with zipfile.ZipFile(course.path.parent / "download.zip", "w") as archive:
        folder = "Ada Lovelace_7_assignsubmission_file_"
        archive.writestr(f"{folder}/chain-rule.ipynb", submission(answers, "An answer."))
    collect(course, TOPIC, course.path.parent / "download.zip")
    do("grade", course, "chain-rule")
    table = course.path / "manual/chain-rule.csv"
    write(table, table.read_text("utf-8-sig").replace("moodle-7,,5,", "moodle-7,4,5,"))
    with gradebook.open_gradebook(course) as book:
        book.find_grade("check-fork", TOPIC.name, TOPIC.name, "moodle-7").manual_score = 2.5
        book.db.commit()
    for command in ("feedback", "grades", "report"):
        do(command, course, "chain-rule")
    points = {q.name: q.points for q in TOPIC.questions} | {"fork": 2.5}
    total = sum(points.values()) + 4
    page = course.file("feedback", TOPIC, "moodle-7").with_suffix(".html").read_text("utf-8")
    assert f"<strong>{total:g} / 20</strong>" in page and "2. fork: 2.5 / 5" in page
    assert page.count("The points were given by hand.") == 1
    assert f"{total - 4:g} / 15" in (course.path / "report/chain-rule.html").read_text("utf-8")
    worksheet = (course.path / "moodle/chain-rule.csv").read_text("utf-8")
    assert f",{total:g},20," in worksheet and "fork 2.5/5, " in worksheet
    assert f",{total},20.0" in (course.path / "grades.csv").read_text("utf-8-sig")


def test_a_notebook_made_for_another_student_is_told(tmp_path):
    write(tmp_path / "r.csv", "student_id\n" + "\n".join(f"s{n}" for n in range(9)))
    course = Course.new(tmp_path / "t", "en", ["chain-rule"], tmp_path / "r.csv", "s", True)
    mine = course.variant(TOPIC, "s0")
    other = next(s for s in course.roster if course.variant(TOPIC, s) != mine)
    data = {}
    for path in course.release():
        with zipfile.ZipFile(path) as archive:
            data[path.stem] = archive.read("chain-rule/chain-rule.ipynb")
    assert read(data["s0"], TOPIC, mine, "en").notes == []
    notes = read(data[other], TOPIC, mine, "en").notes
    assert {"note": "others"} in notes
    assert note(notes[0], "en").startswith("This notebook was made for another student or another")
    told = json.loads(data["s0"])
    del told["metadata"]["assignment"]["variant"]  # given out before there was this
    assert read(json.dumps(told).encode(), TOPIC, mine, "en").notes == []


KOREAN = (
    "0027000,철수,김,kim@x.kr", "0027001,영희,이,lee@x.kr", "0027002,Ada,Lovelace,ada@x.org",
    "a.kim,María del Carmen,Ruiz,",
)  # fmt: skip


@pytest.mark.parametrize(
    "path, student",
    [
        ("김철수_12345_678901_chain-rule.ipynb", "0027000"),
        ("lovelaceada_LATE_12345_678901_chain-rule-1.ipynb", "0027002"),
        ("chain-rule_0027001_attempt_2027-04-01-12-00-00_chain-rule.ipynb", "0027001"),
        ("김철수_0027000_chain-rule.ipynb", "0027000"),
        ("0027000 김철수/chain-rule.ipynb", "0027000"),
        ("0027000-김철수.ipynb", "0027000"),
        ("김철수(0027000)/chain-rule.ipynb", "0027000"),
        ("[0027001] 과제.ipynb", "0027001"),
        ("0027001.ipynb.txt", "0027001"),
        ("이영희 0027001_1003_assignsubmission_file/chain-rule.ipynb", "0027001"),
        ("0027000_0027001.ipynb", "0027000"),  # the first, as it was
        ("both 0027000 0027001/x.ipynb", "unknown-"),
        ("박철수_12345_678901_x.ipynb", "박철수_12345_678901_x"),
        ("김철수 과제.ipynb", "0027000"),
        ("김 철수-과제 1.ipynb", "0027000"),
        ("Ada Lovelace homework.ipynb", "0027002"),
        ("Lovelace, Ada homework/x.ipynb", "0027002"),
        ("0027000,Kim.ipynb", "0027000"),
        ("0027000.김.ipynb", "0027000"),
        ("homework_a.kim_1.ipynb", "a.kim"),
        ("Ada Lovelace King_9_assignsubmission_file_/x.ipynb", "moodle-9"),  # a whole name
        ("homework of Ada Lovelace.ipynb", "unknown-"),
        ("María del Carmen Ruiz hw.ipynb", "a.kim"),
    ],
)
def test_names_of_other_systems_are_understood(course, path, student):
    roster(course, *KOREAN)
    found = Who(course, None).owner(path)[0]
    assert found.startswith(student) and (student.endswith("-") or found == student)


@pytest.mark.parametrize(
    "paths, students",
    [
        (("과제/0027000/x.ipynb", "과제/0027001/x.ipynb"), {"0027000", "0027001"}),
        (("과제/1/0027000.ipynb", "과제/1/0027001.ipynb"), {"0027000", "0027001"}),
        (("과제/김철수_7_assignsubmission_file_/x.ipynb",), {"0027000"}),
        (("0027000/0027000.ipynb", "0027000/chain-rule.ipynb"), {"0027000"}),
        (("newcomer/chain-rule.ipynb",), {"newcomer"}),
        (("과제/0027000.ipynb", "0027001.ipynb"), {"0027001", "과제"}),
    ],
)
def test_a_folder_around_everything_is_nobodys(course, paths, students):
    roster(course, *KOREAN)
    for path in paths:
        write(course.path.parent / "in" / path, right(course))
    assert set(collect(course, TOPIC, course.path.parent / "in")) == students


def stored(course, student="s1"):
    file = course.file("submitted", TOPIC, student)
    record = json.loads(file.with_name("collect.json").read_text("utf-8"))
    return file.read_text("utf-8"), file.with_name("timestamp.txt").read_text("utf-8"), record


def test_late_work_from_a_folder_keeps_moodles_number(course, capsys):
    roster(course, "ada,Ada,Lovelace,ada@x.org", "bo,Bo,Lee,bo@x.org")
    collect(course, TOPIC, hand_in(course, "Ada Lovelace_12_assignsubmission_file_"))
    for name in ("ada", "bo"):
        write(course.path.parent / f"in/{name}.ipynb", right(course, "Later."))
    collect(course, TOPIC, course.path.parent / "in")
    text, _, record = stored(course, "ada")
    assert "Later." in text and (record["moodle"], record["name"]) == ("12", "Ada Lovelace")
    do("grade", course, "chain-rule")
    do("feedback", course, "chain-rule")
    said = capsys.readouterr().out
    assert "chain-rule-feedback.zip: 1 pages; not handed in through Moodle: bo" in said


def test_a_better_submission_is_not_destroyed(course):
    inbox = course.path.parent / "in"
    file = inbox / "s1/chain-rule.ipynb"
    write(file, right(course, "First."))
    os.utime(file, (1.8e9, 1.8e9))
    assert collect(course, TOPIC, inbox) == {"s1": []}
    good = stored(course)
    file.rename(inbox / "s1/answer.docx")
    notes = collect(course, TOPIC, inbox)["s1"]
    assert [n["note"] for n in notes] == ["not_notebook", "kept"]
    assert stored(course)[:2] == good[:2]
    assert [n["note"] for n in stored(course)[2]["notes"]] == ["kept"]
    shutil.rmtree(inbox)
    write(file, right(course, "Older."))
    os.utime(file, (1.7e9, 1.7e9))
    assert [n["note"] for n in collect(course, TOPIC, inbox)["s1"]] == ["older"]
    assert stored(course)[:2] == good[:2] and stored(course)[2] == good[2]
    os.utime(file, (1.9e9, 1.9e9))
    assert collect(course, TOPIC, inbox) == {"s1": []}
    assert "Older." in stored(course)[0]
    assert all(note({"note": n, "name": "x"}, "ko") for n in ("kept", "older"))


@pytest.mark.parametrize("solved", ["code", "essay"])
def test_of_several_notebooks_the_untouched_one_comes_last(course, solved):
    course.release()
    untouched = course.file("release", TOPIC).read_text("utf-8")
    inbox = course.path.parent / "in"
    write(inbox / "s1/chain-rule.ipynb", untouched)
    write(inbox / "s1/broken-chain-rule.ipynb", "{")
    answer = right(course, STUB) if solved == "code" else untouched.replace(STUB, "Because.")
    write(inbox / "s1/Untitled1.ipynb", answer)
    os.utime(inbox / "s1/Untitled1.ipynb", (1.7e9, 1.7e9))
    [found] = collect(course, TOPIC, inbox)["s1"]
    assert found["name"] == "Untitled1.ipynb (2023-11-14 22:13 UTC)"
    assert stored(course)[0] == answer
    write(inbox / "s1/chain-rule.ipynb", right(course, "Named for the topic."))
    collect(course, TOPIC, inbox)
    assert "Named for the topic." in stored(course)[0]


PACKED = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


def packed(text, method=zipfile.ZIP_DEFLATED):
    """A zip with one notebook of a Korean name."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as archive:
        archive.writestr("과제.ipynb", text)
    return whole.getvalue()


@pytest.mark.parametrize("method", PACKED)
@pytest.mark.parametrize("byte", [0x00, 0x0E, 0xFF])  # 0x0E: LZMA, where another method was
def test_no_damage_to_a_students_zip_stops_collecting(method, byte):
    whole = packed("{'cells': []} " * 4, method)
    for place in range(len(whole)):
        damaged = whole[:place] + bytes([byte]) + whole[place + 1 :]
        found = Found("s1.zip", datetime.now(UTC), lambda damaged=damaged: damaged)
        assert len(notebooks(found)) == 1, (place, "one notebook, or one note")


@pytest.mark.parametrize("where", ["folder", "zip"])
def test_damaged_zips_do_not_stop_the_others(course, where):
    inbox, name = course.path.parent / "in", "과제".encode()
    whole, lzma = packed(right(course)), bytearray(packed(right(course), zipfile.ZIP_LZMA))
    lzma[60:80] = b"\xff" * 20
    for student, data in {
        "names": whole.replace(name, b"\xff" * 6),
        "inner": whole.replace(name, b"\xff" * 6, 1),  # before the file, not in the list at the end
        "lzma": lzma,
    }.items():
        write(inbox / f"{student}.zip", bytes(data))
    write(inbox / "who_sorts_last.ipynb", right(course))
    source = inbox
    if where == "zip":
        source = Path(shutil.make_archive(course.path.parent / "all", "zip", inbox))
    found = collect(course, TOPIC, source)
    assert {s: [n["note"] for n in notes] for s, notes in found.items()} == {
        "inner": ["not_json"], "lzma": ["not_json"], "names": ["not_notebook"],
        "who_sorts_last": [],
    }  # fmt: skip


def test_a_damaged_zip_of_the_class_is_named(course, capsys):
    path = course.path.parent / "all.zip"
    whole = packed(right(course))
    for damaged in (
        whole.replace("과제".encode(), b"\xff" * 6),
        whole.replace(b"PK\x01\x02", b"PK\xff\xff"),
    ):
        path.write_bytes(damaged)
        assert main(["collect", str(course.path), "chain-rule", str(path)]) == 1
        error = capsys.readouterr().err
        assert f"collect: expected a zip that is not damaged, given '{path}': " in error
        assert error.count("\n") == 1


def test_names_in_a_folder_may_be_in_cp949(course):
    roster(course, "kim,철수,김,", "lee,영희,이,", "park,Bo,Park,")
    inbox = course.path.parent / "in"
    write(inbox / "lee.ipynb", right(course))
    names = ["kim_과제.ipynb".encode("cp949"), "박철수".encode("cp949")[:3] + b".ipynb"]
    for name in (*names, "김철수/".encode() + "과제 2.ipynb".encode("cp949")):
        write(inbox / os.fsdecode(name), right(course))
    found = collect(course, TOPIC, inbox)
    [unknown] = found.keys() - {"kim", "lee"}
    assert [n["note"] for n in found[unknown]] == ["unknown"]
    assert [n["note"] for n in found["kim"]] == ["several"]
    assert stored(course, "kim")[2]["from"] in ("kim_과제.ipynb", "김철수/과제 2.ipynb")


def test_a_blank_cell_of_a_worksheet_is_nobodys_email(course):
    roster(course, "t1,Sam,Twin,", "t2,Sam,Twin,")
    worksheet = course.path.parent / "worksheet.csv"
    write(worksheet, "Identifier,Full name,Grade\nParticipant 103,Sam Twin, \n")
    assert set(collect(course, TOPIC, hand_in(course), worksheet)) == {"moodle-103"}


@pytest.mark.parametrize(
    "name",
    ["과" * 95, "과" * 51, "𠮷" * 63, f"x_{'1' * 250}_assignsubmission_file_"],
    ids=["too_long", "over_the_limit", "of_four_bytes", "moodles_number"],
)
def test_a_long_name_stops_nobody(course, name):
    path = course.path.parent / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for student in (name, "𠮷" * 50, "𠮷𠮷"):
            archive.writestr(f"{student}.ipynb", right(course))
    [odd] = collect(course, TOPIC, path).keys() - {"𠮷" * 50, "𠮷𠮷"}
    assert odd.startswith("unknown-")
    for student in (odd, "𠮷" * 50):
        write(course.result(TOPIC, student), "{}")  # the longest of the names that are made of it


def test_the_limit_of_an_id_is_told(course):
    assert STUDENT_ID.fullmatch("a" * 50) and not STUDENT_ID.fullmatch("a" * 51)
    roster(course, f"{'a' * 51},,,")
    with pytest.raises(CourseError, match="line 2: expected a student_id of up to 50 letters"):
        _ = course.roster


@given(st.text(st.one_of(st.sampled_from("\x00\x01\x1f\x7f\t\r\n =+-@'a"), st.characters())))
@example("\x01 a")
@example("\x00 =1")
def test_a_table_may_be_written_again_and_again(cell):
    assert as_text(as_text(cell)) == as_text(cell)
    assert as_text(cell)[:1] not in ("=", "+", "-", "@", "\t")


def test_the_time_in_a_zip_is_local(course, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    try:
        own, path = io.BytesIO(), course.path.parent / "all.zip"
        with zipfile.ZipFile(own, "w") as archive:
            old = zipfile.ZipInfo("chain-rule.ipynb", (2020, 1, 1, 0, 0, 0))
            archive.writestr(old, right(course))
        with zipfile.ZipFile(path, "w") as archive:
            when = (2027, 4, 1, 12, 0, 0)
            archive.writestr(zipfile.ZipInfo("s1.ipynb", when), right(course))
            archive.writestr(zipfile.ZipInfo("s2.zip", when), own.getvalue())
        collect(course, TOPIC, path)
    finally:
        monkeypatch.undo()
        time.tzset()
    for student in ("s1", "s2"):
        assert stored(course, student)[1] == "2027-04-01 03:00:00 UTC\n"


def test_a_notebook_that_became_text_is_taken(course):
    write(course.path.parent / "in/s1/chain-rule.ipynb.txt", right(course))
    assert collect(course, TOPIC, course.path.parent / "in") == {"s1": []}


def test_commands_that_cannot_work_say_so_in_one_line(course, capsys):
    for arguments, wanted in (
        (["grade", course.path, "chain-rule", "--workers", "0"], "--workers of 1 or more, given 0"),
        (["grade", course.path, "chain-rule", "--workers", "-1"], "of 1 or more, given -1"),
        (["grade", course.path, "chain-rule", "--seconds", "0"], "--seconds above 0, given 0"),
        (["collect", course.path, "chain-rule", "no.zip"], "zip, found nothing at 'no.zip'"),
    ):
        assert main(list(map(str, arguments))) == 1
        error = capsys.readouterr().err
        assert wanted in error and error.count("\n") == 1


def test_what_nobody_handed_in_gives_nobody_0_points(tmp_path, capsys):
    course = Course.new(tmp_path / "t", "en", ["chain-rule", "sigmoid"], secret="s")
    roster(course, "s1,Ada,Lovelace,", "s2,Bo,Lee,")
    write(tmp_path / "in/s1.ipynb", right(course))
    collect(course, TOPIC, tmp_path / "in")
    for name, wanted in (
        ("sigmoid", "expected submissions of sigmoid; run `collect` first"),
        ("chain-rule", "expected graded submissions of chain-rule; run `grade` first"),
    ):
        for command in ("feedback", "report", "grades"):
            assert main([command, str(course.path), name]) == 1
            assert capsys.readouterr().err == f"{command}: {wanted}\n"
    do("grade", course, "chain-rule")
    do("grades", course)
    assert "sigmoid" not in (course.path / "grades.csv").read_text("utf-8-sig")


def test_a_console_that_cannot_show_a_name_stops_no_command(tmp_path):
    made = subprocess.run(
        [sys.executable, "-m", "assignments", "new", "강의", "--lang", "ko", "--topics", "lstm"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
        capture_output=True, encoding="ascii",
    )  # fmt: skip
    assert (made.returncode, made.stderr) == (0, "")
    assert r"\uac15\uc758: 1 assignments" in made.stdout


def test_excel_reads_every_table(course):
    write(course.path.parent / "in/s1.ipynb", right(course))
    collect(course, TOPIC, course.path.parent / "in")
    do("grade", course, "chain-rule")
    do("grades", course)
    for name in ("roster.csv", "grades.csv", "manual/chain-rule.csv"):
        assert (course.path / name).read_bytes().startswith(b"\xef\xbb\xbf"), name


def verdicts_of(course, **codes):
    """What is said about each question where some functions are other ones."""
    variant = course.variant(TOPIC)
    cells = list(notebook.restored(TOPIC, variant, "en").values())
    cells += (TOPIC.code(variant) | codes).values()
    return {v.question: v for v in marks(TOPIC, variant, cells, "seed")[0]}


@pytest.mark.parametrize(
    "body, said_of_it",
    [
        ("y = x", "nothing"),
        ("print(x)", "nothing"),
        ("return 'abc'", "not_numbers"),
        ("return lambda t: t", "not_numbers"),
        ("return 1.0, None, 2.0", "not_numbers"),
        ("raise ValueError('None of these')", "error"),
    ],
)
def test_what_is_no_number_is_said_in_words(course, body, said_of_it):
    verdict = verdicts_of(course, derivative=f"def derivative(x):\n    {body}")["derivative"]
    assert verdict.said == said_of_it
    assert "Error" not in said(verdict.asdict(), "en") or said_of_it == "error"


def page_of(course, cells):
    """The feedback of a notebook with these code cells, as text, by heading."""
    write(course.path.parent / "in/s1.ipynb", cells)
    collect(course, TOPIC, course.path.parent / "in")
    do("grade", course, "chain-rule", "--seconds", "12")
    do("feedback", course, "chain-rule")
    text = course.file("feedback", TOPIC, "s1").with_suffix(".html").read_text("utf-8")
    parts = html.unescape(text).split("<h2>")
    return {part.split(":")[0].split("<")[0]: part for part in parts}


def test_what_could_not_be_read_is_said_once(course):
    page = page_of(course, "no notebook")
    assert "The file is not a notebook that can be read." in page["Notes"]
    for n, question in enumerate(TOPIC.questions, 1):
        part = page[f"{n}. {question.name}"]
        assert "<p>Not graded: no notebook could be read (see above).</p>" in part
        assert "There is no function" not in part


def test_errors_of_cells_name_their_question_and_no_other(course):
    variant = course.variant(TOPIC)
    codes = TOPIC.code(variant)
    given = notebook.restored(TOPIC, variant, "en")
    cells = [("code", source, name) for name, source in given.items()]
    cells += [("code", "def fork(x, w, v, y)\n    return x", "fork"), ("code", "import pandas", "")]
    cells += [("code", FOREVER, ""), ("code", codes["layer"], "layer")]
    page = page_of(course, hostile.notebook([("markdown", "A title.", ""), *cells]))
    first = len(given) + 1
    assert "The cell of `fork` stopped with an error: SyntaxError" in page["Notes"]
    assert f"Code cell {first + 1} of the notebook stopped with an error: Mod" in page["Notes"]
    assert f"Code cell {first + 2} of the notebook did not finish within 2 s" in page["Notes"]
    assert "TimeIsUp" not in page["Notes"] and "<cell" not in page["Notes"]
    assert "The cell of `fork` stopped" in page["2. fork"]
    assert "There is no function `derivative`" in page["1. derivative"]
    assert "stopped" not in page["1. derivative"] + page["3. layer"]
    item = {"note": "cell_slow", "questions": [], "number": 3, "seconds": "10", "error": "x"}
    assert note(item, "ko") == "노트북의 3번째 코드 셀이 10초 안에 끝나지 않아 멈추었습니다."


@pytest.mark.parametrize(
    "language, words", [("en", "{} seconds|all of|none"), ("ko", "{}초|모든 종류의 입력|0점")]
)
def test_the_rules_are_told_with_the_numbers_of_the_code(course, language, words):
    page = (ROOT / f"book/{language}/lecturers.md").read_text("utf-8")
    header = notebook.texts(TOPIC, course.variant(TOPIC), language)["header"]
    wanted = words.format(f"{sandbox.patience(sandbox.SECONDS):g}").split("|")
    for text in (page, header):
        told = " ".join(text.split())
        assert [w for w in [*wanted, f"{sandbox.SECONDS}"] if w not in told] == []
