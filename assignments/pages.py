"""The pages: feedback for each student, a report on the class for the lecturer, as plain HTML.

Both are made from results alone. What a student wrote is shown escaped, in a page without scripts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from html import escape
from pathlib import Path

from assignments import gradebook
from assignments.course import Course, write
from assignments.topic import Topic
from assignments.words import blank, note, page, said

WRAP = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.6 system-ui, sans-serif; max-width: 60rem; margin: auto; padding: 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .4rem .8rem; }}
tr {{ border-bottom: 1px solid #8886; }}
pre {{ overflow-x: auto; padding: .6rem; border: 1px solid #8886; white-space: pre-wrap; }}
meter {{ width: 100%; min-width: 8rem; }}
</style></head><body><main>
{body}
</main></body></html>
"""


def _page(language: str, title: str, parts: list[str]) -> str:
    body = "\n".join([f"<h1>{escape(title)}</h1>", *parts])
    return WRAP.format(language=language, title=escape(title), body=body)


def _items(lines: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _table(head: list[str], rows: list[list[str]]) -> str:
    """A table; cells are HTML already."""
    top = "".join(f"<th>{escape(h)}</th>" for h in head)
    lines = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"


def explained(result: dict, verdict: dict, language: str) -> str:
    """What is said about one question; where its cell did not run, why."""
    mine = [n for n in result["notes"] if verdict["question"] in n.get("questions", ())]
    cells = [note(n, language) for n in mine]
    return said(verdict, language, cells[0] if cells else "")


def feedback(course: Course, topic: Topic) -> list[Path]:
    """Write a page for each graded submission; return their paths."""
    language, pages = course.language, []
    for student, result in gradebook.marked(course, topic).items():
        points, comment = result["written"], result["comment"]
        if points is None:
            most = topic.points - topic.essay.points
            total = page("so_far", language, points=f"{result['points']:g}", maximum=most)
        else:
            total = f"{result['points'] + points:g} / {topic.points}"
        parts = [f"<p>{escape(student)}: <strong>{total}</strong></p>"]
        if result["notes"]:
            parts += [f"<h2>{page('notes', language)}</h2>"]
            parts += [_items([note(n, language) for n in result["notes"]])]
        for n, verdict in enumerate(result["questions"], 1):
            name = verdict["question"]
            title = f"{n}. {name}: {verdict['points']:g} / {verdict['maximum']}"
            parts += [f"<h2>{escape(title)}</h2>"]
            parts += [f"<p>{page('by_hand', language)}</p>"] if verdict["by_hand"] else []
            parts += [f"<p>{escape(explained(result, verdict, language))}</p>"]
            if name in result["code"]:
                parts += [f"<pre>{escape(result['code'][name])}</pre>"]
        shown = "–" if points is None else f"{points:g}"
        title = f"{len(result['questions']) + 1}. {page('written', language)}"
        parts += [f"<h2>{title}: {shown} / {topic.essay.points}</h2>"]
        parts += [f"<p>{page('waiting', language)}</p>"] if points is None else []
        parts += [f"<p>{page('comment', language)}: {escape(comment)}</p>"] if comment else []
        parts += [f"<pre>{escape(result['essay'])}</pre>"] if result["essay"] else []
        title = f"{topic.title[language]}: {page('feedback', language)}"
        pages.append(course.file("feedback", topic, student).with_suffix(".html"))
        write(pages[-1], _page(language, title, parts))
    return pages


def line(result: dict, language: str) -> str:
    """One line about a submission, for the report and the terminal."""
    wrong = [v for v in result["questions"] if v["said"] != "ok"]
    parts = [note(n, language) for n in result["notes"]]
    parts += [f"{v['question']}: {said(v, language)}" for v in wrong]
    return " · ".join(parts) or said({"said": "ok", "values": {}, "question": ""}, language)


def common(results: dict[str, dict], question: str, language: str) -> list[tuple[int, str, str]]:
    """The commonest wrong answers to a question: how many, what is wrong, the shortest example."""
    found = defaultdict(list)
    for result in results.values():
        verdict = next(v for v in result["questions"] if v["question"] == question)
        if verdict["said"] not in ("ok", "placeholder", "unread"):
            code = result["code"].get(question, "")
            found[said(verdict, language)].append((len(code), code))
    ranked = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(len(codes), sentence, min(codes)[1]) for sentence, codes in ranked[:5]]


def identical(results: dict[str, dict], language: str) -> list[tuple[str, list[str]]]:
    """Groups of students whose code or whose written answer is the same, and what is the same."""
    groups = defaultdict(list)
    for student, result in sorted(results.items()):
        tried = any(v["said"] != "placeholder" for v in result["questions"])
        if result["alike"] and tried:
            groups["same_code", result["alike"]].append(student)
        if not blank(result["essay"], language):
            groups["same_text", "".join(result["essay"].split())].append(student)
    return [(kind, students) for (kind, _), students in groups.items() if len(students) > 1]


def report(course: Course, topic: Topic) -> Path:
    """Write the report on the class: distribution, commonest errors, identical work, everybody."""
    language, results = course.language, gradebook.marked(course, topic)
    collected, roster = course.submitted(topic), course.roster
    parts = [f"<p>{page('submissions', language, n=len(collected))}</p>"]
    for key, names in (
        ("ungraded", sorted(set(collected) - results.keys())),
        ("nothing", sorted(roster.keys() - set(collected))),
    ):
        if names:
            text = page(key, language, n=len(names), names=", ".join(names))
            parts.append(f"<p>{escape(text)}</p>")
    auto = topic.points - topic.essay.points
    counts = Counter(result["points"] for result in results.values())
    most = max(counts.values(), default=1)
    bars = [[f"{p:g} / {auto}", _bar(counts[p], most, str(counts[p]))] for p in sorted(counts)]
    parts += [f"<h2>{page('distribution', language)}</h2>"]
    parts += [_table([page("points", language), page("count", language)], bars)]
    rows, details = [], []
    for question in topic.questions:
        right = sum(
            v["points"] > 0
            for result in results.values()
            for v in result["questions"]
            if v["question"] == question.name
        )
        share = right / max(len(results), 1)
        rows.append([f"<code>{question.name}</code>", _bar(share, 1, f"{share:.0%}")])
        details.append(f"<h3><code>{question.name}</code></h3>")
        wrong = common(results, question.name, language)
        details += [] if wrong else [f"<p>{page('none', language)}</p>"]
        for n, sentence, code in wrong:
            text = f"{page('times', language, n=n)}: {escape(sentence)}"
            example = f"<summary>{text}</summary><pre>{escape(code)}</pre>"
            details.append(f"<details>{example}</details>")
    parts += [f"<h2>{page('by_question', language)}</h2>"]
    parts += [_table([page("question", language), page("share", language)], rows)]
    parts += [f"<h2>{page('common', language)}</h2>", *details]
    same = identical(results, language)
    parts += [f"<h2>{page('identical', language)}</h2>"]
    parts += [f"<p>{page('identical_text', language)}</p>"]
    lines = [f"{page(kind, language)}: {', '.join(students)}" for kind, students in same]
    parts += [_items(lines or [page("none", language)])]
    everybody = [
        [escape(s), f"{r['points']:g} / {auto}", escape(line(r, language))]
        for s, r in results.items()
    ]
    head = [page(key, language) for key in ("student", "points", "line")]
    parts += [f"<h2>{page('students', language)}</h2>", _table(head, everybody)]
    path = course.path / "report" / f"{topic.name}.html"
    title = f"{topic.title[language]}: {page('report', language)}"
    write(path, _page(language, title, parts))
    return path


def _bar(value: float, most: float, label: str) -> str:
    return f'{label} <meter min="0" max="{most}" value="{value}">{label}</meter>'
