"""Releases: what goes into one, and the released versions of the site beside the newest.

    python book/release.py make TAG     wheel, zips, PDFs, EPUBs, built site, into _build/release
    python book/release.py versions     each release's site into _build/html/TAG, by the program gh

TAG is v and the version in pyproject.toml, such as v1.2.0, and a heading of CHANGELOG.md; the text
below that heading becomes _build/notes.md. The site has to be built before: `nox -s book`.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import epub  # noqa: E402
import pdf  # noqa: E402
import portable  # noqa: E402
from lib.language import LANGUAGES  # noqa: E402

ROOT = Path(__file__).parents[1]


def notes(tag: str, root: Path = ROOT) -> str:
    """What CHANGELOG.md says of a tag. SystemExit if it is not there, or is not the version."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    if tag != f"v{project['version']}":
        raise SystemExit(
            f"release: expected v{project['version']}, the version in pyproject.toml; given {tag!r}"
        )
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(
        rf"^## {re.escape(tag)}\b.*\n((?:(?!## ).*\n?)*)", changelog, re.M
    )
    if not found or not found[1].strip():
        raise SystemExit(
            f"release: expected a heading '## {tag}' with text below in CHANGELOG.md"
        )
    return found[1].strip() + "\n"


def built(root: Path = ROOT) -> Path:
    """The folder of the built site. SystemExit if there is none."""
    html = root / "_build" / "html"
    if not (html / "index.html").is_file():
        raise SystemExit(
            "release: expected the built site in _build/html; run `nox -s book`"
        )
    return html


def zip_folder(folder: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in sorted(f for f in folder.rglob("*") if f.is_file()):
            zipped.write(file, file.relative_to(folder))


def make(tag: str) -> None:
    said, html = notes(tag), built()
    out = ROOT / "_build" / "release"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (ROOT / "_build" / "notes.md").write_text(said, encoding="utf-8")
    portable.wheels(out, everything=False)
    portable.archive(out, everything=False)
    zip_folder(html, out / f"site-{tag}.zip")
    for language in LANGUAGES:
        shutil.move(pdf.print_book(language), out / f"gradients-{language}.pdf")
        shutil.move(epub.bind(language), out / f"gradients-{language}.epub")
    for path in sorted(out.iterdir()):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB")


def versions(root: Path = ROOT) -> None:
    """Unpack the site of every release into a folder of the newest one."""
    html = built(root)
    command = ["gh", "release", "list", "--limit", "1000", "--json", "tagName"]
    listed = subprocess.run(
        command, cwd=root, check=True, capture_output=True, text=True
    ).stdout
    for tag in (release["tagName"] for release in json.loads(listed)):
        with tempfile.TemporaryDirectory() as folder:
            name = f"site-{tag}.zip"
            get = ["gh", "release", "download", tag, "--pattern", name, "--dir", folder]
            subprocess.run(get, cwd=root, check=True)
            shutil.unpack_archive(Path(folder, name), html / tag)
        print(f"{tag}: {(html / tag).relative_to(root)}")


def main(arguments: list[str] | None = None):
    parser = argparse.ArgumentParser(
        prog="book/release.py", description=__doc__.split("\n")[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("make").add_argument("tag")
    commands.add_parser("versions")
    given = parser.parse_args(arguments)
    make(given.tag) if given.command == "make" else versions()


if __name__ == "__main__":
    main()
