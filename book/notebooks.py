"""The chores of the notebooks: run them, copy code between twins, record a comparison.

    python book/notebooks.py run [NAME ...]          execute in place and store the outputs
    python book/notebooks.py twin SOURCE [NAME ...]  copy the code of a language to its twins
    python book/notebooks.py seen [NAME ...]         both texts say the same: I have compared them

NAME is a chapter such as 02-sigmoid; without one, all chapters. `twins.yml` holds, for each page,
the hash of its text when the pair was last compared; a test fails when one has changed since.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import re
import sys
from pathlib import Path

import nbformat
import yaml
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from lib.language import LANGUAGES

BOOK = Path(__file__).parent
STATE = BOOK / "twins.yml"


def chapters(names=()) -> list[str]:
    """The file names without suffix, checked. Raises SystemExit for one that is in no language."""
    known = sorted(
        {path.stem for lang in LANGUAGES for path in (BOOK / lang).glob("*.ipynb")}
    )
    for name in names:
        if name not in known:
            raise SystemExit(
                f"notebooks: expected one of {', '.join(known)}; given {name!r}"
            )
    return list(names) or known


# What nbformat raises for a file that is cut short, or has a conflict marker in it.
BROKEN = (ValueError, AttributeError)


def fault(error: Exception) -> str:
    """Why a notebook cannot be read, with the line at which reading ended where it is known."""
    found = error.__cause__
    if not isinstance(found, json.JSONDecodeError):
        return str(error)
    line = found.doc.splitlines()[found.lineno - 1 : found.lineno]
    if line and re.match("<{7}|={7}|>{7}", line[0]):
        return f"line {found.lineno} is a conflict marker of git, {line[0]!r}"
    return f"line {found.lineno}: {found.msg} (is it cut short?)"


def read(lang: str, name: str) -> nbformat.NotebookNode:
    """The notebook, or SystemExit with the path and what is wrong with it."""
    path = BOOK / lang / f"{name}.ipynb"
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise SystemExit(
            f"notebooks: expected {path.relative_to(BOOK.parent)}, found none"
        ) from None
    except BROKEN as error:
        raise SystemExit(
            f"notebooks: {path.relative_to(BOOK.parent)} is no notebook: {fault(error)}"
        ) from None


def write(lang: str, name: str, notebook):
    """Store a notebook so that an unchanged one is stored unchanged."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        }
    )
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times
        if cell.cell_type == "code":
            cell.outputs = repeatable(cell.outputs)
    nbformat.validate(notebook)
    path = BOOK / lang / f"{name}.ipynb"
    unfinished = path.with_suffix(".part")
    try:
        nbformat.write(notebook, unfinished)
    except OSError as error:  # a full disk
        unfinished.unlink(missing_ok=True)
        raise SystemExit(f"notebooks: {path} is as it was: {error.strerror}") from None
    unfinished.replace(path)


def repeatable(outputs: list) -> list:
    """Outputs without what changes from run to run: names of widgets, and where a stream broke."""
    kept = []
    for output in outputs:
        output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
        same = kept and output.get("name") and kept[-1].get("name") == output.name
        if same:
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept


def prose(cell) -> str:
    """What a reader reads: a cell's text, or the alt text of the figure that its code draws."""
    return (
        cell.source
        if cell.cell_type == "markdown"
        else str(cell.metadata.get("mystnb"))
    )


SAYS = '"says":'  # before the sentences in the frames of an interactive figure


def printed(cell) -> list[str]:
    """The lines that a cell prints, tables among them, and what an interactive figure says."""
    lines = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        html = data.get("text/html", "")
        start = html.find(SAYS) + len(SAYS)
        if SAYS in html:
            lines += json.JSONDecoder().raw_decode(html, start)[0]
        elif html:
            lines += re.sub("<[^>]+>", " ", html).splitlines()
        else:
            lines += (output.get("text") or data.get("text/plain", "")).splitlines()
    return lines


def numbers(text: str) -> set[str]:
    """The numbers in a text, as in 3, 0.25 and 20,001, which gives 20001."""
    found = re.findall(r"\d(?:[\d,]*\d)?(?:\.\d+)?", text)
    return {number.replace(",", "") for number in found}


def tell_changes(cells: list, before: list[list[str]]):
    """Say which lines that stood there a run has changed, and where the text quotes what is gone.

    A long training can end a little elsewhere on another processor; nbval is told to ignore such
    a cell's output, so nothing else would say that a sentence no longer agrees with it.
    """
    after = [printed(cell) for cell in cells]
    for i, (old, new) in enumerate(zip(before, after, strict=True)):
        change = list(difflib.unified_diff(old, new, n=0, lineterm="")) if old else []
        if change:
            print(f"  cell {i} prints something else:")
        for line in change[2:]:
            if not line.startswith("@@"):
                print(f"    {line}")
    gone = numbers(str(before)) - numbers(str(after))
    for i, cell in enumerate(cells):
        if quoted := sorted(gone & numbers(prose(cell))):
            print(f"  cell {i} quotes what no cell prints now: {', '.join(quoted)}")


def run(name: str):
    """Execute both languages of a chapter; a cell that raises leaves the stored file untouched."""
    for lang, notebook in [(lang, read(lang, name)) for lang in LANGUAGES]:
        before = [printed(cell) for cell in notebook.cells]
        client = NotebookClient(
            notebook,
            timeout=300,
            resources={"metadata": {"path": BOOK / lang}},
            extra_arguments=["--log-level=ERROR"],  # it warns of its own local socket
        )
        try:
            client.execute()
        except CellExecutionError as error:
            raise SystemExit(
                f"notebooks: book/{lang}/{name}.ipynb is as it was; a cell raised "
                f"{error.ename}: {error.evalue}"
            ) from None
        except (DeadKernelError, CellTimeoutError) as error:
            raise SystemExit(
                f"notebooks: book/{lang}/{name}.ipynb is as it was; the kernel died, or a cell ran "
                f"for more than 300 s: {str(error).splitlines()[0]}"
            ) from None
        write(lang, name, notebook)
        print(f"ran book/{lang}/{name}.ipynb")
        tell_changes(notebook.cells, before)


def twin(source: str, name: str):
    """Copy the code cells, with tags, to the other languages; the texts stay. Then run them."""
    original = read(source, name)
    for lang in LANGUAGES:
        if lang == source:
            continue
        other = read(lang, name)
        if [c.cell_type for c in other.cells] != [c.cell_type for c in original.cells]:
            raise SystemExit(
                f"notebooks: {name} has other cells in {lang} than in {source}"
            )
        for ours, theirs in zip(original.cells, other.cells, strict=True):
            if ours.cell_type == "code" and "language" not in ours.metadata.get(
                "tags", []
            ):
                theirs.source = ours.source
                theirs.metadata.pop("tags", None)
                if ours.metadata.get("tags"):
                    theirs.metadata["tags"] = ours.metadata["tags"]
        write(lang, name, other)
    run(name)


def text_hash(lang: str, name: str) -> str:
    """A hash of what a reader reads: the Markdown cells and the alt texts."""
    words = [prose(cell) for cell in read(lang, name).cells]
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:12]


def seen(name: str):
    """Record the hashes of a pair of twins."""
    state = yaml.safe_load(STATE.read_text("utf-8")) if STATE.exists() else {}
    state[name] = {lang: text_hash(lang, name) for lang in LANGUAGES}
    header = "# Written by `python book/notebooks.py seen`: each text when the pair was compared.\n"
    STATE.write_text(header + yaml.safe_dump(dict(sorted(state.items()))), "utf-8")


def main(arguments: list[str] | None = None):
    sys.stdout.reconfigure(errors="backslashreplace")  # `run` quotes Korean cells
    parser = argparse.ArgumentParser(
        prog="book/notebooks.py", description=__doc__.split("\n")[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for command in ("run", "twin", "seen"):
        sub = commands.add_parser(command)
        if command == "twin":
            sub.add_argument("source", choices=LANGUAGES)
        sub.add_argument("names", nargs="*")
    given = parser.parse_args(arguments)
    for name in chapters(given.names):
        if given.command == "twin":
            twin(given.source, name)
        else:
            {"run": run, "seen": seen}[given.command](name)


if __name__ == "__main__":
    main()
