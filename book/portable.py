"""Notebooks for other places: Colab, a laptop without a network, a reader's download folder.

    python book/portable.py OUT                 a folder for each language, as Colab opens them
    python book/portable.py OUT --push          and put them on the branch `notebooks` of origin
    python book/portable.py OUT --zip           a zip for each language, with `lib` as a wheel
    python book/portable.py OUT --zip --wheels  and with all that it needs, for this system

The notebooks of the book use MyST: boxes, exercises, citations and numbered formulas that plain
Markdown does not know, and `lib`, which is not everywhere. A portable notebook says the same in
plain Markdown, and its first cell installs `lib` where it is missing. Code and outputs stay.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import nbformat
import yaml
from pybtex.backends.markdown import Backend
from pybtex.database import parse_file

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from book_citations import BookStyle  # noqa: E402
from book_exercises import without_solutions  # noqa: E402
from book_languages.catalogue import read_own  # noqa: E402
from book_languages.languages import SOURCE  # noqa: E402
from book_languages.numbering import written_title  # noqa: E402

import claims  # noqa: E402
import notebooks  # noqa: E402
import repository  # noqa: E402
from lib.language import LANGUAGES  # noqa: E402

BLOCK = re.compile(
    r"^(?P<fence>:{3,}|`{3,}|~{3,})\{(?P<name>[\w-]+)\} *(?P<title>.*)\n"
    r"(?P<body>(?:.*\n)*?)(?P=fence)$",
    re.M,
)
OPTION = re.compile(r"^:([\w-]+): *(.*)\n", re.M)
ROLE = re.compile(r"\{(cite|eq|ref|doc)\}`([^`]+)`")
NUMBERED = re.compile(r"\n\$\$ \(([\w-]+)\)")
WHEEL = "gradient_course_lib"
COLAB_BRANCH = "notebooks"


@cache
def words(language: str) -> dict[str, str]:
    """The interface words of a language, by their English."""
    return {} if language == SOURCE else read_own(notebooks.BOOK.parent, language)


@cache
def works() -> dict[str, tuple[str, str]]:
    """For each work in references.bib: its label, as in He et al. 2015, and its line in a list."""
    data = parse_file(notebooks.BOOK / "references.bib")
    entries = BookStyle().format_bibliography(data, list(data.entries))
    return {
        e.key.lower(): (e.label, e.text.render(Backend()).replace("\n", " "))
        for e in entries
    }


@cache
def numbers(language: str) -> dict[str, str]:
    """The number of every labelled formula and exercise of a language, as in 3.2."""
    found = {}
    for name in notebooks.chapters():
        chapter = int(name[:2])
        text = "\n".join(markdown(notebooks.read(language, name)))
        exercises = [b["body"] for b in BLOCK.finditer(text) if b["name"] == "exercise"]
        for labels in (
            NUMBERED.findall(text),
            [dict(OPTION.findall(body))["label"] for body in exercises],
        ):
            found |= {label: f"{chapter}.{i}" for i, label in enumerate(labels, 1)}
    return found


def markdown(notebook) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def plain(text: str, language: str, cited: set[str]) -> str:
    """A text without MyST; what it cites is added to `cited`. ValueError for what is unknown."""

    def say(english: str) -> str:
        return words(language).get(english, english)

    def block(match: re.Match) -> str:
        body = match["body"]
        options = dict(OPTION.findall(body))
        body = OPTION.sub("", body).strip()
        name, title = match["name"], match["title"]
        if name == "admonition":
            lines = [f"**{title}**", "", *body.splitlines()]
            return "\n".join(f"> {line}".rstrip() for line in lines)
        if name == "exercise":
            number = say("Exercise %s") % numbers(language)[options["label"]]
            return f"### {number} · {title}\n\n{body}"
        if name == "solution":
            return (
                f"<details><summary>{say('Solution')}</summary>\n\n{body}\n\n</details>"
            )
        if name == "bibliography":
            listed = sorted(works()[key] for key in cited)
            return "\n".join(f"- [{label}] {line}" for label, line in listed)
        if name == "claims":
            return list_of_claims(language, cited)
        raise ValueError(
            f"portable: no plain form for the directive {name!r} in {text[:60]!r}"
        )

    def role(match: re.Match) -> str:
        name, content = match.groups()
        if name == "cite":
            keys = [key.strip().lower() for key in content.split(",")]
            cited.update(keys)
            return f"[{'; '.join(works()[key][0] for key in keys)}]"
        if name == "eq":
            return f"({numbers(language)[content]})"
        if name == "ref":
            return say("Exercise %s") % numbers(language)[content]
        title, _, target = content.rstrip(">").rpartition(" <")
        if target not in notebooks.chapters():
            return title
        own = chapter_title(language, target) if not title else title
        return f"[{own}]({target}.ipynb)"

    def number(match: re.Match) -> str:
        return f"\n\\tag{{{numbers(language)[match[1]]}}}\n$$"

    return NUMBERED.sub(number, ROLE.sub(role, BLOCK.sub(block, text)))


def chapter_title(language: str, name: str) -> str:
    first = markdown(notebooks.read(language, name))[0]
    return written_title(first, question=True)


def list_of_claims(language: str, cited: set[str]) -> str:
    """Each claim of the sources, the verdicts of the chapters that test it, and their numbers."""
    lines = []
    for name, findings in claims.by_claim(language).items():
        lines.append(f"- **{name}** {claims.ledger()['claims'][name][language]}")
        for chapter, row, finding in findings:
            link = f"[{int(chapter[:2])}]({chapter}.ipynb)"
            lines.append(f"  - {row.words} ({link}): {row.seen}")
            lines += [f"    - {line}" for line in claims.evidence(finding, language)]
    return plain("\n".join(lines), language, cited)


def setup_cell(package: str):
    """The cell that installs `lib` where it is missing, and does nothing where it is not."""
    source = (
        "try:  # the course's own package; this installs it where it is missing\n"
        "    import lib.language\n"
        "except ImportError:\n"
        f"    %pip install -q {package}"
    )
    return nbformat.v4.new_code_cell(source, id="setup", metadata={"tags": ["setup"]})


def portable(language: str, name: str, package: str | None, solutions: bool = True):
    """A notebook in plain Markdown that installs `package` where `lib` is missing."""
    notebook, cited = notebooks.read(language, name), set()
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = cell.source if solutions else without_solutions(cell.source)
            cell.source = plain(text, language, cited).strip()
    notebook.cells = [cell for cell in notebook.cells if cell.source]
    if package:
        notebook.cells.insert(1, setup_cell(package))
    return notebook


def with_solutions() -> bool:
    """Whether the configuration of the book shows them."""
    text = (notebooks.BOOK.parent / "_config.yml").read_text(encoding="utf-8")
    return not yaml.safe_load(text)["sphinx"]["config"]["hide_solutions"]


def write(out: Path, package: str | None) -> None:
    """All notebooks of all languages, in a folder for each language."""
    solutions = with_solutions()
    for language in LANGUAGES:
        (out / language).mkdir(parents=True, exist_ok=True)
        for name in notebooks.chapters():
            nbformat.write(
                portable(language, name, package, solutions),
                out / language / f"{name}.ipynb",
            )


def push(out: Path, where: repository.Repository) -> None:
    """Make the folder the whole content of the branch, as one commit without a past."""
    root = notebooks.BOOK.parent
    with tempfile.TemporaryDirectory() as folder:
        environ = os.environ | {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        for who in ("AUTHOR", "COMMITTER"):
            environ[f"GIT_{who}_NAME"], environ[f"GIT_{who}_EMAIL"] = (
                "nox",
                "nox@localhost",
            )

        def git(*arguments: str) -> str:
            command = ["git", *arguments]
            run = subprocess.run(
                command, cwd=root, env=environ, check=True, stdout=subprocess.PIPE
            )
            return run.stdout.decode().strip()

        git("--work-tree", str(out.resolve()), "add", "--all", "--force", ".")
        message = f"Portable notebooks of {where.commit}"
        commit = git("commit-tree", git("write-tree"), "-m", message)
        git("push", "--force", "origin", f"{commit}:refs/heads/{COLAB_BRANCH}")


def wheels(folder: Path, everything: bool) -> Path:
    """Build the wheel of `lib`; with `everything`, add the wheels of all that is needed."""
    pip = [sys.executable, "-m", "pip"]
    root = notebooks.BOOK.parent
    subprocess.run(
        [*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, root],
        check=True,
    )
    (wheel,) = folder.glob(f"{WHEEL}-*.whl")
    if everything:
        needed = [
            str(wheel),
            "jupyterlab",
            "jupyterlab-myst",
            "-c",
            str(root / "constraints.txt"),
        ]
        subprocess.run([*pip, "download", "-q", "-d", folder, *needed], check=True)
    return wheel


def archive(out: Path, everything: bool) -> list[Path]:
    """A zip for each language: the notebooks, the wheels, and a text that says what to do."""
    made = []
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        wheel = wheels(work, everything)
        write(work, wheel.name)
        for language in LANGUAGES:
            path = out / f"gradients-{language}.zip"
            path.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
                zipped.writestr(
                    "README.txt",
                    READ_ME.get(language, READ_ME["en"]).format(wheel=wheel.name),
                )
                for file in sorted([*work.glob("*.whl"), *(work / language).iterdir()]):
                    zipped.write(file, file.name)
            made.append(path)
    return made


READ_ME = {
    "ko": """\
기울기는 왜 사라지고 폭발하는가: 노트북 모음

NumPy, Matplotlib, ipywidgets, tqdm, PyYAML, threadpoolctl, JupyterLab이 이미 있으면 네트워크 없이
다음 명령만으로 충분합니다.

    pip install --no-index --find-links . {wheel}
    jupyter lab

다른 휠(.whl)도 들어 있는 모음이라면 빈 환경에서도 네트워크 없이 모두 설치할 수 있습니다.

    pip install --no-index --find-links . {wheel} jupyterlab jupyterlab-myst
""",
    "en": """\
Why gradients vanish and explode: the notebooks

Where NumPy, Matplotlib, ipywidgets, tqdm, PyYAML, threadpoolctl and JupyterLab are installed, this
is enough, without a network:

    pip install --no-index --find-links . {wheel}
    jupyter lab

If other wheels (.whl) are in this archive too, an empty environment needs no network either:

    pip install --no-index --find-links . {wheel} jupyterlab jupyterlab-myst
""",
}


def main(arguments: list[str] | None = None):
    parser = argparse.ArgumentParser(
        prog="book/portable.py", description=__doc__.split("\n")[0]
    )
    parser.add_argument(
        "out", type=Path, help="folder to write to; it is made if need be"
    )
    parser.add_argument("--zip", action="store_true", help="a zip for each language")
    parser.add_argument(
        "--push", action="store_true", help="to the branch that Colab opens"
    )
    parser.add_argument(
        "--wheels", action="store_true", help="with everything that is needed"
    )
    given = parser.parse_args(arguments)
    if given.wheels and not given.zip:
        parser.error("--wheels: expected together with --zip")
    if given.zip:
        for path in archive(given.out, given.wheels):
            print(f"{path}: {path.stat().st_size / 2**20:.1f} MB")
        return
    where = repository.find()
    if where is None:
        raise SystemExit(
            "portable: the notebooks install lib from the repository, and there is none: expected "
            "a git remote named origin, or BOOK_REPOSITORY=https://github.com/owner/name"
        )
    write(given.out, f"{where.package!r}")
    count = len(LANGUAGES) * len(notebooks.chapters())
    print(f"{given.out}: {count} notebooks, lib from {where.package}")
    if given.push:
        push(given.out, where)


if __name__ == "__main__":
    main()
