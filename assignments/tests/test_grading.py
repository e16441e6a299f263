"""The lecturer's round with honest, broken and hostile submissions, in the sandbox.

One course is made, everybody hands in, everything is graded once; then each test looks at one
thing. Needs bubblewrap, as grading does.
"""

import csv
import hashlib
import html
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import hostile
import nbformat
import pytest
from nbconvert import HTMLExporter

from assignments import gradebook, notebook, pages, sandbox
from assignments.__main__ import main
from assignments.collect import Who, collect
from assignments.course import Course, CourseError, write
from assignments.grade import alike, grade, pending
from assignments.topics import TOPICS
from assignments.words import note

SECONDS = 12
TOPIC = TOPICS["chain-rule"]


def submission(answers, essay="", extra=()):
    """A notebook with these answers, as JupyterLab would store it."""
    cells = [("code", source, "") for source in extra]
    cells += [("code", source, name) for name, source in answers.items()]
    return hostile.notebook([*cells, ("markdown", essay, "essay")])


def fingerprint(folder):
    """Every file of a folder with a digest of what is in it."""
    files = sorted(p for p in Path(folder).rglob("*") if p.is_file())
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def round_of(tmp_path_factory):
    """The course, and everything collected and graded."""
    base = tmp_path_factory.mktemp("round")
    course = Course.new(base / "term", "en", ["chain-rule"], secret="a term's secret")
    variant = course.variant(TOPIC)
    answers = TOPIC.code(variant)
    stubs = {name: f"def {name}(*args):\n    raise NotImplementedError()" for name in answers}
    server = socket.create_server(("127.0.0.1", 0))
    called = []

    def listen():
        while True:
            try:
                called.append(server.accept()[1])
            except OSError:
                return

    threading.Thread(target=listen, daemon=True).start()
    inbox, outside = base / "inbox", base / "outside"
    outside.mkdir()
    where = {"port": server.getsockname()[1], "course": course.path, "outside": outside}
    for name, (code, right, _) in hostile.ATTACKS.items():
        given = {True: answers, False: stubs, None: {}}[right]
        essay = "<script>alert(1)</script>"
        write(inbox / name / "chain-rule.ipynb", submission(given, essay, [code.format(**where)]))
    for name, (file, content, _, _) in hostile.files(answers).items():
        write(inbox / name / file, content)
    (inbox / "symbolic_link").mkdir()
    (inbox / "symbolic_link/chain-rule.ipynb").symlink_to(course.file("source", TOPIC).resolve())
    for n in range(3):
        write(inbox / f"honest{n}" / "chain-rule.ipynb", submission(answers, f"My answer {n}."))
    write(course.path / "roster.csv", "student_id,first_name,last_name,email\nhonest0,김,철수,\n")
    notes = collect(course, TOPIC, inbox)
    gradebook.update(course, TOPIC)
    before = fingerprint(base)
    results = {
        r["student"]: r for r in grade(course, TOPIC, course.submitted(TOPIC), seconds=SECONDS)
    }
    after = fingerprint(base)
    server.close()
    return {
        "course": course, "notes": notes, "results": results, "called": called,
        "changed": {p for p in after if before.get(p) != after[p]} | (before.keys() - after.keys()),
        "outside": outside,
    }  # fmt: skip


def test_the_corpus_is_large_enough():
    assert len(hostile.ATTACKS) + len(hostile.files()) >= 60


def test_nobody_is_left_out(round_of):
    failed = {s: r["failed"] for s, r in round_of["results"].items() if "failed" in r}
    assert failed == {}
    assert set(round_of["results"]) == {
        p.name for p in (round_of["course"].path / "submitted").iterdir()
    }


@pytest.mark.parametrize("name", hostile.ATTACKS)
def test_an_attack_gains_nothing(round_of, name):
    deserved, result = hostile.ATTACKS[name][2], round_of["results"][name]
    allowed = {0, hostile.FULL} if deserved is None else {deserved}
    assert result["points"] in allowed, result
    assert all(v["points"] == 0 for v in result["questions"] if v["said"] != "ok")


@pytest.mark.parametrize("name", hostile.files())
def test_a_broken_file_gets_what_it_deserves_and_a_note(round_of, name):
    course = round_of["course"]
    _, _, points, wanted = hostile.files(TOPIC.code(course.variant(TOPIC)))[name]
    result = round_of["results"][name]
    assert result["points"] == points, result
    assert wanted is None or wanted in [n["note"] for n in result["notes"]], result["notes"]


def test_honest_submissions_are_not_harmed(round_of):
    for n in range(3):
        result = round_of["results"][f"honest{n}"]
        assert result["points"] == hostile.FULL
        assert [i for i in result["notes"] if i["note"] != "unknown"] == []


def test_a_link_is_not_followed(round_of):
    result = round_of["results"]["symbolic_link"]
    assert result["points"] == 0
    assert "link" in [n["note"] for n in result["notes"]]


def test_nothing_is_touched_but_results(round_of):
    results = round_of["course"].path / "results"
    assert {p for p in round_of["changed"] if not Path(p).is_relative_to(results)} == set()
    assert list(round_of["outside"].iterdir()) == []
    assert round_of["called"] == []


def test_nothing_secret_gets_out(round_of):
    course = round_of["course"]
    told = json.dumps({k: r for k, r in round_of["results"].items() if "honest" not in k})
    assert course.settings["secret"] not in told
    assert "My answer" not in told
    for name in ("reads_the_course", "writes_the_gradebook"):
        errors = [n["error"] for n in round_of["results"][name]["notes"] if n["note"] == "cell"]
        assert errors[0].startswith(("FileNotFoundError", "OSError: [Errno 30] Read-only")), errors


@pytest.mark.parametrize("language", ["ko", "en"])
def test_everybody_has_a_line_in_the_report(round_of, language):
    for result in round_of["results"].values():
        line = pages.line(result, language)
        assert len(line) >= 5 and "{" not in line.replace("{}", "").split(": ")[0], line
        for item in result["notes"]:
            assert note(item, language)


def test_feedback_and_report_show_no_script_and_no_solution(round_of):
    course = round_of["course"]
    gradebook.update(course, TOPIC)
    written = [*pages.feedback(course, TOPIC), pages.report(course, TOPIC)]
    assert len(written) == len(round_of["results"]) + 1
    solution = hidden_lines(TOPIC, course.variant(TOPIC))
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        attack = hostile.ATTACKS.get(path.parts[-3])
        if attack and attack[1] is not True:  # who wrote the solution may read it
            assert not [s for s in solution if html.escape(s) in text]


def test_formgrader_shows_answers_as_text(round_of):
    course = round_of["course"]
    gradebook.update(course, TOPIC)
    shown = HTMLExporter().from_filename(course.file("autograded", TOPIC, "script_in_everything"))
    assert "&lt;script&gt;alert(1)" in shown[0] and "<script>alert(1)" not in shown[0]
    assert gradebook.fenced("a\n```\n<b>").startswith("````text\n")


def test_identical_work_is_flagged(round_of):
    results = {s: r for s, r in round_of["results"].items() if s.startswith("honest")}
    for order in (sorted(results), sorted(results, reverse=True)):  # grading ends in any order
        flagged = pages.identical({s: results[s] for s in order}, "en")
        assert flagged == [("same_code", ["honest0", "honest1", "honest2"])]
    renamed = dict(results["honest0"]["code"])
    renamed["layer"] = renamed["layer"].replace("dZ", "upstream") + "# mine\n"
    assert alike(renamed) == results["honest0"]["alike"]
    assert alike(renamed | {"fork": "def fork(x, w, v, y):\n    return x"}) != alike(renamed)


def test_a_stopped_run_goes_on_where_it_was(round_of):
    course = round_of["course"]
    assert pending(course, TOPIC) == []
    course.result(TOPIC, "honest1").unlink()
    write(course.file("submitted", TOPIC, "honest2"), submission({}))
    assert pending(course, TOPIC) == ["honest1", "honest2"]
    kept = course.result(TOPIC, "honest0").stat().st_mtime_ns
    assert main(["grade", str(course.path), "chain-rule", "--seconds", str(SECONDS)]) == 0
    assert pending(course, TOPIC) == []
    assert course.result(TOPIC, "honest0").stat().st_mtime_ns == kept
    assert course.results(TOPIC)["honest1"]["points"] == hostile.FULL
    assert course.results(TOPIC)["honest2"]["points"] == 0


def test_killed_midway_nothing_is_lost(tmp_path):
    course = Course.new(tmp_path / "t", "ko", ["chain-rule"], secret="s")
    answers = TOPIC.code(course.variant(TOPIC))
    for n in range(12):
        write(tmp_path / f"in/s{n}.ipynb", submission(answers, "답"))
    collect(course, TOPIC, tmp_path / "in")
    command = [sys.executable, "-m", "assignments", "grade", str(course.path), "chain-rule"]
    root = str(Path(notebook.__file__).parents[1])
    run = subprocess.Popen(
        command, stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": root}
    )
    folder = course.path / "results/chain-rule"
    while len(list(folder.glob("*.json"))) < 3 and run.poll() is None:
        threading.Event().wait(0.05)
    run.kill()
    run.wait()
    done = course.results(TOPIC)  # whole files, every one
    assert 3 <= len(done) < 12
    assert len(pending(course, TOPIC)) == 12 - len(done)
    list(grade(course, TOPIC, pending(course, TOPIC)))
    assert {r["points"] for r in course.results(TOPIC).values()} == {hostile.FULL}


def hidden_lines(topic, variant):
    """Lines of the reference solutions that give an answer away."""
    lines = set()
    for source in topic.code(variant).values():
        lines |= {line.strip() for line in source.splitlines()[1:]}
    return {line for line in lines if len(line) > 30}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_solution_and_no_rubric_in_a_release(tmp_path, language):
    course = Course.new(tmp_path / "t", language, secret="another")
    zips = course.release()
    assert len(zips) == len(TOPICS) >= 10
    for topic, path in zip(course.topics.values(), zips, strict=True):
        with zipfile.ZipFile(path) as archive:
            inside = {i.filename: archive.read(i).decode() for i in archive.infolist()}
        assert set(inside) == {
            f"{topic.name}/{n}" for n in (f"{topic.name}.ipynb", "requirements.txt", "README.md")
        }
        released = nbformat.reads(inside[f"{topic.name}/{topic.name}.ipynb"], as_version=4)
        text = "\n".join(c.source for c in released.cells) + course.file(
            "release", topic
        ).read_text("utf-8")
        assert "SOLUTION" not in text
        assert topic.essay.rubric[language][:20] not in text
        variant = course.variant(topic)
        given = topic.fill(topic.given, variant) + "".join(
            notebook.check_code(topic, q, variant, language) for q in topic.questions
        )
        leaked = {s for s in hidden_lines(topic, variant) if s in text and s not in given}
        assert leaked == set()
        checked = {s for s in hidden_lines(topic, variant) if s in given}
        assert checked == set(), "a check holds a line of the solution"
        assert course.settings["secret"] not in text


def test_variants_differ_and_are_kept(tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_bytes(
        "student_id,first_name,last_name,email\nkim,철수,김,kim@x.kr\nlee,Bo,Lee,\n".encode("cp949")
    )
    course = Course.new(tmp_path / "t", "ko", ["lstm"], roster, per_student=True)
    topic = TOPICS["lstm"]
    assert course.roster["kim"].name == "김철수" and course.roster["lee"].name == "Bo Lee"
    drawn = [course.variant(topic, s) for s in ("", "kim", "lee")]
    assert len({json.dumps(v) for v in drawn}) >= 2
    write(course.path / "roster.csv", (course.path / "roster.csv").read_text("utf-8") + "new,,,\n")
    zips = course.release()
    assert [p.name for p in zips] == ["kim.zip", "lee.zip", "new.zip"]
    again = Course(course.path)
    assert [again.variant(topic, s) for s in ("", "kim", "lee")] == drawn


def test_last_years_answers_do_not_fit():
    fits = 0
    for topic in TOPICS.values():
        variants = [json.dumps(topic.variant(f"term {n}"), sort_keys=True) for n in range(30)]
        fits += 30 - len(set(variants))
    assert fits <= 15  # of 300 draws


def test_moodle_there_and_back(tmp_path, capsys):
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "student_id,first_name,last_name,email\nkim,철수,김,kim@x.kr\n"
        'ada,Ada,"Lovelace, Countess",ada@x.org\nt1,Sam,Twin,one@x.org\nt2,Sam,Twin,two@x.org\n'
        "idle,No,Body,idle@x.org\n", encoding="utf-8",
    )  # fmt: skip
    course = Course.new(tmp_path / "t", "ko", ["chain-rule"], roster, secret="m")
    right = submission(TOPIC.code(course.variant(TOPIC)), "답입니다.")
    wrong = submission({}, "")
    hand_in = {
        "김철수_101_assignsubmission_file_/chain-rule.ipynb": right,
        "Ada Lovelace Countess_102_assignsubmission_file_chain-rule (1).ipynb": right,
        "Sam Twin_103_assignsubmission_file_/a.ipynb": wrong,
        "Sam Twin_104_assignsubmission_file_/a.ipynb": right,
        "Stranger_105_assignsubmission_file_/chain-rule.ipynb": right,
        "../../evil_106_assignsubmission_file_/chain-rule.ipynb": right,
        "__MACOSX/._x": "",
    }
    download = tmp_path / "Course-Chain rule-77.zip"
    with zipfile.ZipFile(download, "w") as archive:
        for name, content in hand_in.items():
            archive.writestr(name, content)
        old = zipfile.ZipInfo("x_107_assignsubmission_file_/chain-rule.ipynb")
        archive.writestr(old, right)
    raw = download.read_bytes()  # a name in CP949 without a sign of it, as old Windows writes
    download.write_bytes(raw.replace(b"x_107_", "박".encode("cp949")[:1] + b"_107_"))
    worksheet = tmp_path / "worksheet.csv"
    worksheet.write_text(
        "식별번호,성명,이메일 주소,성적,최고점,최종 수정 (성적),피드백 댓글\n"
        "참여자 101,김철수,kim@x.kr,,20,-,\n참여자 103,Sam Twin,one@x.org,,20,-,\n"
        "참여자 104,Sam Twin,two@x.org,,20,-,\n참여자 109,No Body,idle@x.org,,20,-,\n",
        encoding="utf-8-sig",
    )  # fmt: skip
    found = collect(course, TOPIC, download, worksheet)
    assert {"kim", "ada", "t1", "t2", "moodle-105"} <= set(found)
    assert not (tmp_path / "evil").exists() and not list(tmp_path.parent.glob("evil*"))
    assert all(p.is_relative_to(course.path) for p in course.path.rglob("*"))
    assert [n["note"] for n in found["moodle-105"]] == ["unknown"]
    assert main(["grade", str(course.path), "chain-rule"]) == 0
    said = capsys.readouterr().out
    assert "moodle-105: roster.csv에 없는 제출자입니다: Stranger" in said and "ada:" not in said
    table = course.path / "manual/chain-rule.csv"
    table.write_text(table.read_text("utf-8-sig").replace("kim,,", "kim,4,", 1), encoding="utf-8")
    assert main(["feedback", str(course.path), "chain-rule"]) == 0
    assert main(["grades", str(course.path), "chain-rule", "--worksheet", str(worksheet)]) == 0
    rows = [
        line.split(",")
        for line in (course.path / "moodle/chain-rule.csv").read_text("utf-8").splitlines()
    ]
    assert rows[0][0] == "식별번호"
    assert {r[0]: r[3] for r in rows[1:]} == {
        "참여자 101": "19", "참여자 103": "0", "참여자 104": "", "참여자 109": "",
    }  # fmt: skip
    assert "2 grades for Moodle; 1 left out, whose written" in capsys.readouterr().out
    comments = {r[0]: ",".join(r[6:]) for r in rows[1:]}
    first = TOPIC.questions[0]
    assert f"{first.name} {first.points}/{first.points}, " in comments["참여자 101"]
    assert "글로 답하기 –/5" in comments["참여자 104"]
    assert "글로 답하기 4/5" in comments["참여자 101"] and not comments["참여자 109"]
    assert f"{first.name} 0/{first.points}, " in comments["참여자 103"]
    with (course.path / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        grades = {row["student_id"]: row for row in csv.DictReader(file)}
    assert list(grades["ada"]) == list(gradebook.COLUMNS)
    assert grades["ada"]["last_name"] == "Lovelace, Countess"
    assert {s: float(grades[s]["score"]) for s in ("kim", "ada", "idle")} == {
        "kim": 19,
        "ada": 15,
        "idle": 0,
    }
    with zipfile.ZipFile(course.path / "moodle/chain-rule-feedback.zip") as archive:
        assert "김철수_101_assignsubmission_file/chain-rule.html" in archive.namelist()
    page = course.file("feedback", TOPIC, "kim").with_suffix(".html").read_text("utf-8")
    assert '<html lang="ko">' in page and "19 / 20" in page
    page = course.file("feedback", TOPIC, "t2").with_suffix(".html").read_text("utf-8")
    assert "<strong>지금까지 15 / 15</strong>" in page


@pytest.mark.parametrize(
    "path, student",
    [
        ("s1/chain-rule.ipynb", "s1"),
        ("s1/deep/er/x.ipynb", "s1"),
        ("s1.ipynb", "s1"),
        ("s1_chain-rule.ipynb", "s1"),
        ("s1 (2).ipynb", "s1"),
        ("김철수.ipynb", "s2"),
        ("철수 김/a.ipynb", "s2"),
        ("다른사람/a.ipynb", "다른사람"),
        ("../s1/a.ipynb", "unknown-"),
        ("김 철수_12_assignsubmission_file_/a.ipynb", "s2"),
        ("누구_12_assignsubmission_file_a.ipynb", "moodle-12"),
    ],
)
def test_whose_a_file_is(tmp_path, path, student):
    write(tmp_path / "r.csv", "student_id,first_name,last_name,email\ns1,A,B,\ns2,철수,김,\n")
    course = Course.new(tmp_path / "t", "ko", ["lstm"], tmp_path / "r.csv")
    found = Who(course, None).owner(path)[0]
    assert found.startswith(student) and (student.endswith("-") or found == student)


def test_points_by_hand_are_checked_and_survive(tmp_path, capsys):
    course = Course.new(tmp_path / "t", "en", ["chain-rule"], secret="h")
    write(tmp_path / "in/s1.ipynb", submission(TOPIC.code(course.variant(TOPIC)), "=HYPERLINK(1)"))
    collect(course, TOPIC, tmp_path / "in")
    assert main(["grade", str(course.path), "chain-rule"]) == 0
    table = course.path / "manual/chain-rule.csv"
    assert "'=HYPERLINK(1)" in table.read_text("utf-8-sig")
    for bad in ("6", "-1", "five", "nan"):
        write(table, f"student_id,points\ns1,{bad}\n")
        with pytest.raises(CourseError, match="expected points from 0 to 5"):
            gradebook.update(course, TOPIC)
    for spoilt, words in (
        ("student_id;points\ns1;4\n", "expected the columns student_id and points"),
        ("student_id,points\n1,4\n", "expected a student who handed in, given '1'"),
    ):
        write(table, spoilt)
        with pytest.raises(CourseError, match=words):
            gradebook.update(course, TOPIC)
    write(table, "student_id;points\ns1;4\n")
    assert main(["grade", str(course.path), "chain-rule", "--again"]) == 1
    assert "expected the columns student_id" in capsys.readouterr().err
    assert table.read_text("utf-8") == "student_id;points\ns1;4\n", "nothing is lost"
    write(table, "student_id,points,comment,answer\ns1,2.5,Half.,old answer\n")
    assert main(["grade", str(course.path), "chain-rule", "--again"]) == 0
    assert "s1,2.5,5,Half.,yes," in table.read_text("utf-8-sig")
    assert gradebook.scores(course, TOPIC) == {"s1": 17.5}


def test_refuses_without_bubblewrap(tmp_path, monkeypatch, capsys):
    course = Course.new(tmp_path / "t", "en", ["chain-rule"], secret="b")
    write(tmp_path / "in/s1.ipynb", submission(TOPIC.code(course.variant(TOPIC))))
    collect(course, TOPIC, tmp_path / "in")
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    assert main(["grade", str(course.path), "chain-rule"]) == 1
    assert "expected bubblewrap" in capsys.readouterr().err
    assert course.results(TOPIC) == {}
    assert main(["grade", str(course.path), "chain-rule", "--without-sandbox"]) == 0
    assert course.results(TOPIC)["s1"]["points"] == hostile.FULL


def test_wrong_commands_say_what_was_expected(tmp_path, capsys):
    assert main(["new", str(tmp_path / "t"), "--lang", "en", "--topics", "lstn"]) == 1
    assert "expected topics of chain-rule" in capsys.readouterr().err
    assert main(["grade", str(tmp_path), "lstm"]) == 1
    assert "expected a course folder" in capsys.readouterr().err
    assert main(["new", str(tmp_path / "t"), "--lang", "en", "--topics", "lstm"]) == 0
    assert main(["new", str(tmp_path / "t"), "--lang", "en"]) == 1
    assert "a new or an empty folder" in capsys.readouterr().err
    assert main(["collect", str(tmp_path / "t"), "lstm", str(tmp_path / "nowhere")]) == 1
    assert "expected a folder or a zip" in capsys.readouterr().err
    for text, said in (
        ("name\nx\n", "expected a column student_id"),
        ("student_id\n../x\n", "line 2: expected a student_id"),
        ("student_id\na\na\n", "line 3: 'a' is there twice"),
    ):
        write(tmp_path / "r.csv", text)
        arguments = [
            "new",
            str(tmp_path / "u"),
            "--lang",
            "ko",
            "--roster",
            str(tmp_path / "r.csv"),
        ]
        assert main(arguments) == 1
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_lecturers_page_works_as_it_stands(tmp_path, monkeypatch, language):
    """Every command of the page after the installation, in its order, with the files it names."""
    root = Path(notebook.__file__).parents[1]
    text = (root / f"book/{language}/lecturers.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    commands = [c for b in blocks for c in b.splitlines() if c.startswith("python -m assignments")]
    assert [shlex.split(c)[3] for c in commands] == [
        "new", "release", "collect", "grade", "feedback", "grades", "report",
    ]  # fmt: skip
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path / "roster.csv", "student_id,first_name,last_name,email\ns1,Ada,Lovelace,a@x.kr\n"
    )
    header = "Identifier,Full name,Email address,Grade,Maximum Grade,Feedback comments\n"
    write(tmp_path / "worksheet.csv", header + "Participant 7,Ada Lovelace,a@x.kr,,20,\n")
    for command in commands:
        if " collect " in command:
            course = Course(tmp_path / "2027-spring")
            with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
                right = submission(TOPIC.code(course.variant(TOPIC)), "In words.")
                archive.writestr("Ada Lovelace_7_assignsubmission_file_/chain-rule.ipynb", right)
        assert main(shlex.split(command)[3:]) == 0, command
    with (tmp_path / "2027-spring/grades.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(r for r in csv.DictReader(file) if r["assignment"] == "chain-rule")
    assert (row["student_id"], float(row["score"])) == ("s1", hostile.FULL)
    table = (tmp_path / "2027-spring/moodle/chain-rule.csv").read_text("utf-8")
    assert table.splitlines()[1].startswith("Participant 7,Ada Lovelace,a@x.kr,,20,")
