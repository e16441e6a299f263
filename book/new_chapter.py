"""Begin a chapter: both languages with the frame of section titles, and a place in _toc.yml.

    python book/new_chapter.py 22-name

The notebooks run as they are. Where something has to be written stands an ellipsis, and a test
names every page that still has one.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).parent))

import notebooks  # noqa: E402
from lib.language import LANGUAGES, glossary  # noqa: E402

NAME = re.compile(r"(\d\d)-[a-z0-9]+(-[a-z0-9]+)*")

WORDS = {
    "ko": {
        "will": "**할 일** …\n\n**배울 것** …\n\n**필요한 것** …",
        "predict": "먼저 예측해 보세요",
        "exercises": ("이해: …", "유도: …", "코드: …", "탐구: …"),
        "alt": "시그모이드의 미분계수를 그린 종 모양 곡선. 장의 질문에 답하는 그림으로 바꾸세요.",
        "columns": "주장 | 판정 | 확인한 것",
    },
    "en": {
        "will": "**You will** …\n\n**You will learn** …\n\n**You need** …",
        "predict": "Predict first",
        "exercises": ("Understand: …", "Derive: …", "Code: …", "Investigate: …"),
        "alt": "The slope of the sigmoid, a bell. Put the figure here that answers the question.",
        "columns": "claim | verdict | what we saw",
    },
}
IMPORTS = """\
import matplotlib.pyplot as plt
import numpy as np

from lib import plots
from lib.activations import Sigmoid

plots.use_style()"""
FIGURE = """\
x = np.linspace(-8, 8, 201)
sigmoid = Sigmoid()
fig, ax = plt.subplots()
ax.plot(x, sigmoid.df(x, sigmoid.f(x)))
ax.set_xlabel("x")
plt.show()"""


def pages(name: str, language: str) -> list:
    """The cells of the new notebook in one language."""
    say, number = WORDS.get(language, WORDS["en"]), int(name[:2])
    short = name[3:]
    frame = {key: value[language] for key, value in glossary()["frame"].items()}

    def box(title: str, kind: str, body: str = "…") -> str:
        return f":::{{admonition}} {title}\n:class: {kind}\n\n{body}\n:::"

    exercises = "\n\n".join(
        f"```{{exercise}} {title}\n:label: ex-{number:02}-{short}-{i}\n\n…\n```\n\n"
        f"```{{solution}} ex-{number:02}-{short}-{i}\n:class: dropdown\n\n…\n```"
        for i, title in enumerate(say["exercises"], 1)
    )
    bibliography = "```{bibliography}\n:filter: docname in docnames\n```"
    alt = {"mystnb": {"image": {"alt": say["alt"]}}}
    opening = box(frame["in this chapter"], "tip", say["will"])
    first = f"# {number}. …\n\n…\n\n{opening}"
    language_cell = f'from lib import language\n\nlanguage.use("{language}")'
    cells = [
        ("markdown", first, {}),
        ("code", language_cell, {"tags": ["language"]}),
        ("code", IMPORTS, {}),
        ("markdown", f"## {frame['source']}\n\n…", {}),
        ("markdown", f"## …\n\n$$\nx\n$$ (eq-{short})\n\n…", {}),
        ("markdown", box(say["predict"], "note"), {}),
        ("code", FIGURE, alt),
        ("markdown", "…", {}),
        ("markdown", f"## {frame['test']}\n\n{box(say['predict'], 'note')}", {}),
        (
            "markdown",
            f"## {frame['verdict']}\n\n| {say['columns']} |\n|---|---|---|",
            {},
        ),
        ("markdown", f"## {frame['summary']}\n\n- …", {}),
        ("markdown", f"## {frame['exercises']}\n\n{exercises}", {}),
        ("markdown", f"## {frame['reading']}\n\n- …\n\n{bibliography}", {}),
    ]
    make = {
        "markdown": nbformat.v4.new_markdown_cell,
        "code": nbformat.v4.new_code_cell,
    }
    return [
        make[kind](source, id=f"{name[:2]}-{i:02}", metadata=metadata)
        for i, (kind, source, metadata) in enumerate(cells)
    ]


def add_to_contents(name: str, toc: str) -> str:
    """_toc.yml with the chapter at its place in every language."""
    for language in LANGUAGES:
        lines = re.findall(rf"^ *- file: book/{language}/\d\d-.*\n", toc, re.M)
        before = [line for line in lines if line.split("/")[-1] < name]
        if not before:
            raise SystemExit(
                f"new-chapter: no chapter of {language} stands before {name}"
            )
        entry = before[-1][: before[-1].index("book/")] + f"book/{language}/{name}\n"
        toc = toc.replace(before[-1], before[-1] + entry)
    return toc


def begin(name: str) -> None:
    """Write the files, run them and record the twins. SystemExit for a name that cannot be used."""
    if not NAME.fullmatch(name):
        raise SystemExit(
            f"new-chapter: expected two digits and a name, as in 22-attention; given {name!r}"
        )
    if taken := [known for known in notebooks.chapters() if known[:2] == name[:2]]:
        raise SystemExit(f"new-chapter: the number of {name} is taken by {taken[0]}")
    toc = notebooks.BOOK.parent / "_toc.yml"
    contents = add_to_contents(name, toc.read_text(encoding="utf-8"))
    for language in LANGUAGES:
        notebook = nbformat.v4.new_notebook(cells=pages(name, language))
        notebooks.write(language, name, notebook)
    toc.write_text(contents, encoding="utf-8")
    notebooks.run(name)
    notebooks.seen(name)
    print(
        f"{name} is in _toc.yml and runs; write where an ellipsis stands, in each language"
    )


def main(arguments: list[str] | None = None):
    parser = argparse.ArgumentParser(
        prog="book/new_chapter.py", description=__doc__.split("\n")[0]
    )
    parser.add_argument("name", help="two digits and a name, as in 22-attention")
    begin(parser.parse_args(arguments).name)


if __name__ == "__main__":
    main()
