"""The lecturer's round, one command each: `python -m assignments COMMAND --help`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tqdm import tqdm

from assignments.course import Course, CourseError
from assignments.sandbox import SECONDS, SandboxError
from assignments.topic import LANGUAGES, Topic
from assignments.topics import TOPICS


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    whole = argparse.ArgumentParser(prog="python -m assignments", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str, topic: bool = True) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.add_argument("course", type=Path, help="the course's folder")
        if topic:
            one.add_argument("topic", help="the assignment, for example chain-rule")
        return one

    new = command("new", "make a course: draw variants, write notebooks with solutions", False)
    new.add_argument("--lang", choices=LANGUAGES, required=True, help="the language of it all")
    new.add_argument("--topics", nargs="+", default=[], metavar="TOPIC", help=", ".join(TOPICS))
    rosters = new.add_mutually_exclusive_group()
    rosters.add_argument("--roster", type=Path, metavar="CSV", help="who takes part")
    rosters.add_argument(
        "--per-student", type=Path, metavar="CSV", help="the same, and a variant for each of them"
    )
    command("release", "write what students get: notebooks without solutions, as zips", False)
    collect = command("collect", "take submissions from a folder or a zip, Moodle's too")
    collect.add_argument("source", type=Path, help="the folder or zip")
    grade = command("grade", "grade what was collected and is not graded yet")
    grade.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="at a time")
    grade.add_argument(
        "--seconds", type=float, default=SECONDS, help=f"for one notebook (default {SECONDS})"
    )
    grade.add_argument("--again", action="store_true", help="grade all of them again")
    grade.add_argument(
        "--without-sandbox", action="store_true", help="run students' code as yourself: it can "
        "then read and write all that you can, gradebook included"
    )  # fmt: skip
    command("feedback", "write an HTML page for each student, and a zip of them for Moodle")
    grades = command("grades", "write grades.csv, and with a topic Moodle's worksheet", False)
    grades.add_argument("topic", nargs="?", help="the assignment, for Moodle")
    for one in (collect, grades):
        one.add_argument("--worksheet", type=Path, metavar="CSV", help="Moodle's grading worksheet")
    command("report", "write the report on the class")
    return whole


def main(arguments: list[str] | None = None) -> int:
    """Do one command; 0 if all is well, 1 if something needs to be looked at."""
    sys.stdout.reconfigure(errors="backslashreplace")  # a name that the console cannot show
    options = parser().parse_args(arguments)
    try:
        return COMMANDS[options.command](options)
    except (CourseError, SandboxError, OSError) as error:
        print(f"{options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{options.command}: stopped; give the same command again to go on", file=sys.stderr)
        return 130


def do_new(options: argparse.Namespace) -> int:
    """Make a course."""
    course = Course.new(
        options.course, options.lang, options.topics,
        options.roster or options.per_student, per_student=bool(options.per_student),
    )  # fmt: skip
    for topic in course.topics.values():
        print(f"{topic.name}: {topic.points} points, {topic.minutes} minutes")
    print(f"{course.path}: {len(course.topics)} assignments, {len(course.roster)} students")
    return 0


def do_release(options: argparse.Namespace) -> int:
    """Write the zips."""
    zips = Course(options.course).release()
    print(f"{options.course / 'zips'}: {len(zips)} zips")
    return 0


def do_collect(options: argparse.Namespace) -> int:
    """Take in submissions, and say what is odd about them."""
    from assignments.collect import collect
    from assignments.words import note

    course = Course(options.course)
    found = collect(course, course.topic(options.topic), options.source, options.worksheet)
    for student, notes in found.items():
        for item in notes:
            print(f"{student}: {note(item, course.language)}")
    print(f"{len(found)} submissions collected")
    return 0


def collected(options: argparse.Namespace) -> tuple[Course, Topic]:
    """The course and the topic. Raises CourseError where nothing of it was collected."""
    course = Course(options.course)
    topic = course.topic(options.topic)
    if not course.submitted(topic):
        raise CourseError(f"expected submissions of {topic.name}; run `collect` first")
    return course, topic


def graded(options: argparse.Namespace) -> tuple[Course, Topic]:
    """The course and the topic. Raises CourseError where nothing of it was graded.

    Were it in the gradebook all the same, everybody would have 0 points.
    """
    course, topic = collected(options)
    if not course.results(topic):
        raise CourseError(f"expected graded submissions of {topic.name}; run `grade` first")
    return course, topic


def do_grade(options: argparse.Namespace) -> int:
    """Grade, with progress; say what is odd; bring manual/ and the gradebook up to date."""
    from assignments import gradebook
    from assignments.grade import grade, pending
    from assignments.pages import line

    if options.workers < 1:
        raise CourseError(f"expected --workers of 1 or more, given {options.workers}")
    if not options.seconds > 0:
        raise CourseError(f"expected --seconds above 0, given {options.seconds:g}")
    course, topic = collected(options)
    everybody = course.submitted(topic)
    todo = everybody if options.again else pending(course, topic)
    print(f"{len(everybody)} submissions, {len(everybody) - len(todo)} graded before")
    safe, failed, odd = not options.without_sandbox, [], []
    how = {"workers": options.workers, "seconds": options.seconds, "safe": safe}
    with tqdm(grade(course, topic, todo, **how), total=len(todo), unit="submission") as bar:
        for result in bar:
            if "failed" in result:
                failed.append(result)
            elif result["notes"]:
                odd.append(result)
    path = gradebook.write_manual(course, topic)  # what is graded is kept before it is told
    gradebook.update(course, topic)
    for result in sorted(odd, key=lambda result: result["student"]):
        print(f"{result['student']}: {line(result, course.language)}")
    for result in failed:
        print(f"{result['student']}: not graded: {result['failed']}", file=sys.stderr)
    print(f"{path}: fill in points and comments for the written answers")
    return 1 if failed else 0


def do_feedback(options: argparse.Namespace) -> int:
    """Write the pages for students."""
    from assignments import gradebook, pages

    course, topic = graded(options)
    gradebook.update(course, topic)
    written = len(pages.feedback(course, topic))
    print(f"{course.path / 'feedback'}: {written} pages")
    path, absent = gradebook.feedback_zip(course, topic)
    left_out = f"; not handed in through Moodle: {', '.join(absent)}" if absent else ""
    print(f"{path}: {written - len(absent)} pages{left_out}")
    return 0


def do_grades(options: argparse.Namespace) -> int:
    """Write the tables."""
    from assignments import gradebook

    course, topic = graded(options) if options.topic else (Course(options.course), None)
    path, waiting = gradebook.grades(course)
    print(f"{path}: {waiting} submissions with a written answer not graded yet")
    if topic:
        path, filled, waiting = gradebook.moodle(course, topic, options.worksheet)
        left_out = f"; {waiting} left out, whose written answer is not graded yet" * bool(waiting)
        print(f"{path}: {filled} grades for Moodle{left_out}")
    return 0


def do_report(options: argparse.Namespace) -> int:
    """Write the report."""
    from assignments import gradebook, pages

    course, topic = graded(options)
    gradebook.update(course, topic)
    print(pages.report(course, topic))
    return 0


COMMANDS = {
    "new": do_new, "release": do_release, "collect": do_collect, "grade": do_grade,
    "feedback": do_feedback, "grades": do_grades, "report": do_report,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
