"""What keeps the project in order: workflows, versions, releases, a new chapter, the hooks.

The workflows cannot run here, so they are held to their schemas, and each of their steps to a nox
session that can. Files that belong to git hosts are checked by the schemas that check-jsonschema
brings along.
"""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import nbformat
import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner
from nbval.plugin import get_sanitize_patterns
from packaging.specifiers import SpecifierSet
from test_buttons import git
from test_ext import build, notebook

from noxfile import asks_for, wanted

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book"))

import new_chapter  # noqa: E402
import notebooks  # noqa: E402
import portable  # noqa: E402
import release  # noqa: E402
import repository  # noqa: E402

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github/actions").glob("*/action.yml"))
BIN = Path(sys.executable).parent


def read(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # `on` stays a word


# Workflows and forms

SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "custom.github-workflows-require-timeout": WORKFLOWS,
    "vendor.github-actions": ACTIONS,
    "vendor.dependabot": [ROOT / ".github/dependabot.yml"],
    "vendor.github-issue-config": [ROOT / ".github/ISSUE_TEMPLATE/config.yml"],
    "vendor.github-issue-forms": sorted(ROOT.glob(".github/ISSUE_TEMPLATE/[0-9]*.yml")),
    "vendor.citation-file-format": [ROOT / "CITATION.cff"],
}


def check_schema(schema, *files):
    return CliRunner().invoke(check_jsonschema, ["--builtin-schema", schema, *map(str, files)])


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_of_the_host_keep_their_schema(schema, tmp_path):
    files = SCHEMAS[schema]
    assert files
    run = check_schema(schema, *files)
    assert run.exit_code == 0, run.output
    broken = tmp_path / files[0].name
    broken.write_text("jobs: {a: {runs-on: here}}\n", encoding="utf-8")
    assert check_schema(schema, broken).exit_code == 1


def jobs():
    for path in WORKFLOWS:
        for name, job in read(path)["jobs"].items():
            yield f"{path.stem}/{name}", read(path), job


def test_every_step_is_a_nox_session_that_exists():
    listed = subprocess.run(
        [BIN / "nox", "-l"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    ).stdout
    sessions = set(re.findall(r"^[*-] ([\w-]+)", listed, re.M))
    assert {"lint", "test", "book", "binder", "new-chapter", "lowest"} <= sessions
    for name, _, job in jobs():
        for step in job["steps"]:
            if "run" in step and not step["run"].startswith("gh release create"):
                (session,) = re.findall(r"^nox -s (\S+|\$\{\{ matrix.session \}\})", step["run"])
                if session.startswith("$"):
                    assert set(job["strategy"]["matrix"]["session"]) <= sessions, name
                else:
                    assert session in sessions, name


def test_actions_are_pinned_by_hash_with_their_version_beside():
    used = {}
    for path in [*WORKFLOWS, *ACTIONS]:
        for action, rest in re.findall(r"uses: (\S+)(.*)", path.read_text(encoding="utf-8")):
            if action.startswith("./"):
                assert (ROOT / action / "action.yml").is_file()
                continue
            name, _, commit = action.partition("@")
            assert re.fullmatch("[0-9a-f]{40}", commit), f"{path.name}: {action}"
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", rest), f"{path.name}: {action}"
            assert used.setdefault(name, commit) == commit, f"{name} at two versions"
    assert "actions/checkout" in used and "actions/setup-python" in used


def test_workflows_may_do_no_more_than_they_must():
    writes = {}
    for name, workflow, job in jobs():
        assert workflow["permissions"] == {"contents": "read"}, name
        writes[name] = {k for k, v in job.get("permissions", {}).items() if v == "write"}
        for step in job["steps"]:
            if "checkout@" in step.get("uses", "") and name != "main/notebooks":  # which pushes
                assert step["with"]["persist-credentials"] == "false", name
        for step in job["steps"]:  # what a pull request or a tag is called is never run as code
            assert "${{ github." not in step.get("run", ""), name
    assert {name: kinds for name, kinds in writes.items() if kinds} == {
        "main/pages": {"pages", "id-token"},
        "main/notebooks": {"contents"},
        "release/release": {"contents"},
    }


def test_issue_forms_ask_the_same_in_both_languages():
    for path in ROOT.glob(".github/ISSUE_TEMPLATE/*.en.yml"):
        pair = [read(path), read(path.with_name(path.name.replace(".en.", ".ko.")))]
        asked = [[(b["type"], b["id"], b.get("validations")) for b in f["body"]] for f in pair]
        assert asked[0] == asked[1] and pair[0]["labels"] == pair[1]["labels"]


# Versions


def normal(requirement):
    return re.sub("[-_.]+", "-", re.split(r"[=<>\[ ;]", requirement)[0]).lower()


def needs():
    project = release.tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    return project["project"]["dependencies"] + [need for extra in extras for need in extra]


def test_everything_is_pinned():
    pins = wanted(ROOT / "constraints.txt")
    assert all(re.fullmatch(r"[\w.-]+==[\w.+]+", pin) for pin in pins)
    pinned = {normal(pin) for pin in pins}
    assert len(pinned) == len(pins)
    asked = wanted(ROOT / "requirements.txt") + wanted(ROOT / "binder/requirements.txt") + needs()
    assert not [need for need in asked if normal(need) not in pinned]
    for file in ("requirements.txt", "binder/requirements.txt"):
        assert re.search(r"^-c (\.\./)?constraints.txt$", (ROOT / file).read_text(), re.M), file


def test_every_pin_is_there_for_the_oldest_python_promised():
    """`nox -s pins` takes what fits its own Python; a later one may have what 3.11.0 has not."""
    project = release.tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    oldest = project["project"]["requires-python"].removeprefix(">=") + ".0"
    promised = 0
    for pin in wanted(ROOT / "constraints.txt"):
        with suppress(PackageNotFoundError):  # of an extra that is not installed here
            needed = metadata(pin.split("==")[0]).get("Requires-Python") or ""
            assert SpecifierSet(needed).contains(oldest), f"{pin} needs Python {needed}"
            promised += 1
    assert promised > 100


def test_the_ranges_are_pinned_the_same_in_both_places():
    ranges = {normal(need): need for need in needs()}
    for need in wanted(ROOT / "requirements.txt"):
        assert ranges.get(normal(need), need) == need


def test_the_citation_names_the_version():
    project = release.tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert read(ROOT / "CITATION.cff")["version"] == project["project"]["version"]


def test_other_versions_may_draw_otherwise_but_not_print_otherwise():
    config = (ROOT / "tests/nbval-words.cfg").read_text(encoding="utf-8")
    rules = get_sanitize_patterns(config)
    assert len(rules) == config.count("regex:") == 3

    def sanitize(text):
        for regex, replace in rules:
            text = re.sub(regex, replace, text)
        return text

    assert sanitize("loss 0.6225 after 10") == "loss 0.6225 after 10"
    assert sanitize('<?xml version="1.0"?>\n<svg>\n<path/></svg>\n') == "FIGURE\n"
    assert sanitize('<figure class="explore" id="a"><svg>1</svg></figure>') == "FIGURE"


def test_binder_is_light_and_fits():
    asked = {normal(need) for need in wanted(ROOT / "binder/requirements.txt")}
    assert asked == {"jupyterlab-myst"}, "lib brings the rest, the site's tools stay at home"
    assert re.search(r"^-e \.\s", (ROOT / "binder/requirements.txt").read_text(), re.M)
    python = (ROOT / "binder/runtime.txt").read_text().strip()
    project = release.tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert python == project["project"]["requires-python"].replace(">=", "python-")
    json.loads((ROOT / "binder/overrides.json").read_text())
    assert (ROOT / "binder/postBuild").stat().st_mode & 0o111


# Releases


def project(folder, changelog):
    (folder / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n')
    (folder / "CHANGELOG.md").write_text(changelog)
    return folder


def test_notes_of_a_release_are_those_of_the_changelog(tmp_path):
    text = "# Changelog\n\n## v1.2.0 (today)\n\n- New.\n- More.\n\n## v1.1.0\n\n- Old.\n"
    assert release.notes("v1.2.0", project(tmp_path, text)) == "- New.\n- More.\n"
    with pytest.raises(SystemExit, match="expected v1.2.0, .*given 'v1.3.0'"):
        release.notes("v1.3.0", tmp_path)
    with pytest.raises(SystemExit, match="expected a heading '## v1.2.0' with text"):
        release.notes("v1.2.0", project(tmp_path, "## v1.2.0\n\n## v1.1.0\n\n- Old.\n"))


def test_released_sites_stand_beside_the_newest(tmp_path, monkeypatch):
    """The program gh is played by a script that lists one release and copies its zip."""
    site, html = tmp_path / "site", tmp_path / "_build" / "html"
    for folder in (site, html):
        folder.mkdir(parents=True)
        (folder / "index.html").write_text(folder.name)
    release.zip_folder(site, tmp_path / "site-v1.zip")
    gh = tmp_path / "gh"
    gh.write_text(
        '#!/bin/sh\nif [ "$2 $3 $4" = "list --limit 1000" ]; then echo \'[{"tagName": "v1"}]\'\n'
        f'else test "$3 $5" = "v1 site-v1.zip" && cp {tmp_path}/site-v1.zip "$7"; fi\n'
    )
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    release.versions(tmp_path)
    assert (html / "v1" / "index.html").read_text() == "site"
    assert (html / "index.html").read_text() == "html"
    shutil.rmtree(html)
    with pytest.raises(SystemExit, match="expected the built site in _build/html"):
        release.versions(tmp_path)


def test_a_browser_that_prints_nothing_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(release.pdf, "PDF", tmp_path)
    monkeypatch.setattr(release.pdf, "whole_book", lambda language: "")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="expected chromium or google-chrome on the PATH"):
        release.pdf.print_book("ko")
    chromium, book = tmp_path / "google-chrome", tmp_path / "book-ko.pdf"
    for does in ("exit 0", f"echo > {book}; exit 1"):
        chromium.write_text(f"#!/bin/sh\necho the screen is gone >&2; {does}\n")
        chromium.chmod(0o755)
        with pytest.raises(RuntimeError, match=f"chromium to write {book}: …the screen is gone"):
            release.pdf.print_book("ko")


def test_portable_notebooks_become_a_branch_of_their_own(tmp_path, monkeypatch):
    clone, remote, out = (tmp_path / name for name in ("clone", "remote", "out"))
    for folder in (clone, remote, out / "en"):
        folder.mkdir(parents=True)
    (out / "en" / "01-a.ipynb").write_text("{}")
    (out / "en" / "old.part").write_text("ignored elsewhere")
    git(remote, "init", "--bare")
    git(clone, "init")
    (clone / ".gitignore").write_text("*.part\n")
    git(clone, "add", ".")
    git(clone, "commit", "-m", "a")
    git(clone, "remote", "add", "origin", str(remote))
    monkeypatch.setattr(notebooks, "BOOK", clone / "book")
    where = repository.Repository("https://github.com/o/n", "main", "1234")
    for _ in range(2):
        portable.push(out, where)
    command = ["git", "log", "--name-only", "--format=%s", portable.COLAB_BRANCH]
    said = subprocess.run(command, cwd=remote, capture_output=True, encoding="utf-8").stdout
    assert said.split("\n\n")[0] == "Portable notebooks of 1234"
    assert said.split("\n\n")[1].split() == ["en/01-a.ipynb", "en/old.part"], "one commit, no past"
    status = ["git", "status", "--short"]
    assert subprocess.run(status, cwd=clone, capture_output=True).stdout == b""


# A new chapter


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A book of two empty chapters."""
    book = tmp_path / "book"
    toc = "chapters:\n"
    for lang in ("ko", "en"):
        (book / lang).mkdir(parents=True)
        for name in ("01-a", "03-c"):
            nbformat.write(nbformat.v4.new_notebook(), book / lang / f"{name}.ipynb")
            toc += f"  - file: book/{lang}/{name}\n"
        toc += f"  - file: book/{lang}/notation\n"
    (tmp_path / "_toc.yml").write_text(toc)
    monkeypatch.setattr(notebooks, "BOOK", book)
    monkeypatch.setattr(notebooks, "STATE", book / "twins.yml")
    return tmp_path


def test_a_new_chapter_runs_and_has_its_place(small):
    new_chapter.begin("02-b")
    toc = re.findall("book/(.*)", (small / "_toc.yml").read_text())
    pages = "01-a 02-b 03-c notation".split()
    assert toc == [f"{lang}/{page}" for lang in ("ko", "en") for page in pages]
    ko, en = (notebooks.read(lang, "02-b").cells for lang in ("ko", "en"))
    assert [c.id for c in ko] == [c.id for c in en]
    code = [c for c in en if c.cell_type == "code"]
    assert [c.execution_count for c in code] == [1, 2, 3]
    assert "image/svg+xml" in str(code[-1].outputs)
    seen = yaml.safe_load(notebooks.STATE.read_text())["02-b"]
    assert seen == {lang: notebooks.text_hash(lang, "02-b") for lang in ("ko", "en")}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("attention", "expected two digits and a name, as in 22-attention; given 'attention'"),
        ("04-No Good", "given '04-No Good'"),
        ("03-other", "the number of 03-other is taken by 03-c"),
        ("00-zero", "no chapter of ko stands before 00-zero"),
    ],
)
def test_a_name_that_cannot_be_used_changes_nothing(small, name, message):
    before = {path: path.read_bytes() for path in small.rglob("*") if path.is_file()}
    with pytest.raises(SystemExit, match=re.escape(message)):
        new_chapter.begin(name)
    assert {path: path.read_bytes() for path in small.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("path", sorted((ROOT / "book").glob("*/*.ipynb")), ids=lambda p: p.stem)
def test_no_place_of_a_new_chapter_is_left_to_write(path):
    for cell in nbformat.read(path, as_version=4).cells:
        left = re.findall(r"^(?:#+ .*: |#+ \d+\. |- |.*\*\* |#+ )?…$", cell.source, re.M)
        assert not left or cell.cell_type == "code", f"cell {cell.id}: write where … stands"


# What can go wrong with a notebook leaves it as it was


def broken(small, source):
    """A chapter with one cell, in both languages; its bytes before."""
    for lang in ("ko", "en"):
        cells = [nbformat.v4.new_code_cell(source)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), small / "book" / lang / "01-a.ipynb")
    return (small / "book" / "ko" / "01-a.ipynb").read_bytes()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import os; os._exit(1)", "ko/01-a.ipynb is as it was; the kernel died"),
        ("1 / 0", "ko/01-a.ipynb is as it was; a cell raised ZeroDivisionError"),
    ],
)
def test_a_run_that_fails_is_told(small, source, message):
    before = broken(small, source)
    with pytest.raises(SystemExit, match=re.escape(message)):
        notebooks.run("01-a")
    assert (small / "book" / "ko" / "01-a.ipynb").read_bytes() == before


def test_a_run_tells_which_numbers_are_others_now(small, capsys):
    """Printed, in a table or under a figure; and which of them a sentence or an alt text quotes."""
    source = """
        from IPython.display import HTML
        display(HTML("<td>1,234</td>"), HTML('<figure>{"says":["of 5.5"]}</figure>'))
        print("of 20")
    """
    cells = [nbformat.v4.new_markdown_cell("It is 678."), nbformat.v4.new_code_cell(source)]
    cells[1].metadata["mystnb"] = {"image": {"alt": "a curve up to 9.75"}}
    for html in ("<td>678</td>", '<figure>{"says":["of 9.75"]}</figure>'):
        cells[1].outputs.append(nbformat.v4.new_output("display_data", {"text/html": html}))
    cells[1].outputs.append(nbformat.v4.new_output("stream", text="of 20\n"))
    for lang in ("ko", "en"):
        nbformat.write(nbformat.v4.new_notebook(cells=cells), small / "book" / lang / "01-a.ipynb")
    notebooks.run("01-a")
    changed = ["- 678", "+ 1,234", "-of 9.75", "+of 5.5"]
    for part in capsys.readouterr().out.split("ran book/")[1:]:
        lines = [line.replace("  ", " ").strip() for line in part.splitlines()]
        assert lines[1] == "cell 1 prints something else:"
        assert sorted(lines[2:6]) == sorted(changed)
        assert lines[6:] == [
            f"cell {i} quotes what no cell prints now: {n}" for i, n in ((0, "678"), (1, "9.75"))
        ]
    assert part
    notebooks.run("01-a")
    assert "cell" not in capsys.readouterr().out


def test_a_chapter_is_run_only_if_both_languages_can_be_read(small):
    before = broken(small, "print(1)")
    (small / "book" / "en" / "01-a.ipynb").write_text("{")
    with pytest.raises(SystemExit, match="book/en/01-a.ipynb is no notebook"):
        notebooks.run("01-a")
    assert (small / "book" / "ko" / "01-a.ipynb").read_bytes() == before


def test_a_kernel_that_dies_fails_its_cell_at_once(tmp_path):
    """And not after the half hour for which nbval by itself would wait."""
    shutil.copy(ROOT / "book" / "conftest.py", tmp_path)
    cells = [nbformat.v4.new_code_cell(source) for source in ("1", "import os; os._exit(1)", "2")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "dies.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "dies.ipynb"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100)
    assert "2 failed, 1 passed" in run.stdout, run.stdout + run.stderr
    assert "the kernel died in this cell" in run.stdout


def test_a_full_disk_is_told(small):
    before = broken(small, "1")
    (small / "book" / "ko" / "01-a.part").symlink_to("/dev/full")
    with pytest.raises(SystemExit, match="01-a.ipynb is as it was: No space left on device"):
        notebooks.run("01-a")
    folder = small / "book" / "ko"
    assert (folder / "01-a.ipynb").read_bytes() == before and not list(folder.glob("*.part"))


def test_a_notebook_that_cannot_even_be_begun_is_told(small):
    shutil.rmtree(small / "book" / "ko")
    with pytest.raises(SystemExit, match="01-a.ipynb is as it was: No such file or directory"):
        notebooks.write("ko", "01-a", nbformat.v4.new_notebook())


@pytest.mark.parametrize("cut", ["{", "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> other\n"])
def test_a_build_names_a_notebook_that_is_none(tmp_path, cut):
    pages = {"ko/index.md": "# 책", "en/index.md": "# Book"}
    pages |= {"ko/01-a.ipynb": notebook("1. 가", alt="점점 작아지는 선"), "en/01-a.ipynb": cut}
    run = build(tmp_path, pages)
    assert run.returncode != 0
    assert "book/en/01-a.ipynb is no notebook" in run.text, run.text
    assert (tmp_path / "book" / "en" / "01-a.ipynb").read_text() == cut


def test_a_chore_without_its_extra_names_what_installs_it():
    class Session:
        def error(self, text):
            raise SystemExit(text)

    asks_for(Session(), "numpy", "numpy")
    with pytest.raises(SystemExit, match=r"pip install -c constraints.txt -e '.\[browser\]'"):
        asks_for(Session(), "no_such_module", "-e '.[browser]'")


def test_the_hooks_run_what_is_installed():
    (repo,) = read(ROOT / ".pre-commit-config.yaml")["repos"]
    known = "ruff ruff-format codespell twins workflows outputs"
    assert [hook["id"] for hook in repo["hooks"]] == known.split()
    for hook in repo["hooks"]:
        assert hook["language"] == "system" and (BIN / hook["entry"].split()[0]).exists()


def test_a_zip_of_a_folder_has_its_files(tmp_path):
    (tmp_path / "in" / "a").mkdir(parents=True)
    (tmp_path / "in" / "a" / "b").write_text("c")
    release.zip_folder(tmp_path / "in", tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as zipped:
        assert zipped.namelist() == ["a/b"]
