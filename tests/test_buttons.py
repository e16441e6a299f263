"""The buttons of the pages, and the notebooks that leave the book: for Colab, for a download.

Where the repository is comes from the build. A small book is built in a git repository with a
remote, and without one; the portable notebooks are those of the real book.
"""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from test_ext import build, notebook

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book"))

import notebooks  # noqa: E402
import portable  # noqa: E402
import repository  # noqa: E402

HERE = repository.Repository("https://github.com/owner/name", "main", "1234abc")


# The repository


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://github.com/owner/name", "https://github.com/owner/name"),
        ("https://github.com/owner/name.git", "https://github.com/owner/name"),
        ("https://user:secret@github.com/owner/name.git/", "https://github.com/owner/name"),
        ("git@github.com:owner/name.git", "https://github.com/owner/name"),
        ("ssh://git@GitLab.com:22/group/part/name", "https://gitlab.com/group/part/name"),
        ("/srv/git/name.git", None),
        ("../name", None),
        ("file:///srv/git/name", None),
        ("", None),
    ],
)
def test_an_address_is_read_however_it_is_written(address, expected):
    assert repository.normal(address) == expected


def test_every_service_is_told_the_branch_and_the_path():
    path = "book/en/02-sigmoid.ipynb"
    assert HERE.binder(path) == (
        "https://mybinder.org/v2/gh/owner/name/main?urlpath=lab/tree/book/en/02-sigmoid.ipynb"
    )
    assert HERE.colab("notebooks", "en/02-sigmoid.ipynb") == (
        "https://colab.research.google.com/github/owner/name/blob/notebooks/en/02-sigmoid.ipynb"
    )
    assert HERE.package == "https://github.com/owner/name/archive/1234abc.zip"
    lab = repository.Repository("https://gitlab.com/group/part/name", "term/2", "1234abc")
    assert "/v2/gl/group%2Fpart%2Fname/term%2F2?" in lab.binder(path)
    assert lab.colab("notebooks", path) is None
    assert lab.package == "git+https://gitlab.com/group/part/name@1234abc"
    own = repository.Repository("https://git.example.org/name", "main", "1234abc")
    assert "/v2/git/https%3A%2F%2Fgit.example.org%2Fname/main?" in own.binder(path)


def git(folder, *arguments):
    name = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_fork_and_its_branch_are_found(tmp_path):
    assert repository.find(tmp_path, {}) is None
    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "-m", "a")
    assert repository.find(tmp_path, {}) is None
    git(tmp_path, "remote", "add", "origin", "git@github.com:fork/course.git")
    git(tmp_path, "switch", "-c", "term-2")
    found = repository.find(tmp_path, {})
    assert (found.url, found.branch) == ("https://github.com/fork/course", "term-2")
    assert re.fullmatch("[0-9a-f]{40}", found.commit)
    git(tmp_path, "checkout", "--detach")
    assert repository.find(tmp_path, {}).branch == found.commit
    named = {"BOOK_REPOSITORY": "https://github.com/other/name", "BOOK_BRANCH": "v1"}
    assert repository.find(tmp_path, named).url == named["BOOK_REPOSITORY"]
    assert repository.find(tmp_path, named).branch == "v1"
    (tmp_path / "inside").mkdir()
    assert repository.find(tmp_path / "inside", {}) is None, "the repository of something else"


@pytest.mark.parametrize(("top", "own"), [("link", True), ("none", False), (".", False)])
def test_a_folder_is_known_by_another_name(top, own, tmp_path, monkeypatch):
    """As where large and small letters are the same; git may also name one that is not there."""
    folder, ask = tmp_path / "course", repository.git
    folder.mkdir()
    (tmp_path / "link").symlink_to(folder)
    git(folder, "init")
    git(folder, "remote", "add", "origin", "git@github.com:fork/course.git")

    def answer(*words, root):
        named = "--show-toplevel" in words
        return str(tmp_path / top) if named else ask(*words, root=root)

    monkeypatch.setattr(repository, "git", answer)
    assert bool(repository.find(folder, {})) == own


def test_a_variable_that_is_no_address_is_named(tmp_path):
    with pytest.raises(ValueError, match="BOOK_REPOSITORY: expected .*given 'here'"):
        repository.find(tmp_path, {"BOOK_REPOSITORY": "here"})


# Pages


PAGES = {
    "ko/index.md": "# 책",
    "en/index.md": "# Book",
    "ko/01-a.ipynb": notebook("1. 가", alt="점점 작아지는 선"),
    "en/01-a.ipynb": notebook("1. A", alt="A falling line"),
}


def links(run, page):
    text = (run.html / "book" / f"{page}.html").read_text(encoding="utf-8")
    return [a["href"] for a in BeautifulSoup(text, "html.parser").find_all("a", href=True)]


def test_buttons_are_on_notebook_pages_only_and_lead_to_the_fork(tmp_path):
    git(tmp_path, "init")
    git(tmp_path, "remote", "add", "origin", "https://github.com/fork/course.git")
    git(tmp_path, "commit", "--allow-empty", "-m", "a")
    run = build(tmp_path, PAGES)
    assert run.returncode == 0, run.text
    assert "buttons point to https://github.com/fork/course, branch main" in run.text
    for lang in ("ko", "en"):
        found = [a for a in links(run, f"{lang}/01-a") if "mybinder" in a or "colab" in a]
        assert found == [
            f"https://mybinder.org/v2/gh/fork/course/main?urlpath=lab/tree/book/{lang}/01-a.ipynb",
            f"https://colab.research.google.com/github/fork/course/blob/notebooks/{lang}/01-a.ipynb",
        ]
        assert f"../../notebooks/{lang}/01-a.ipynb" in links(run, f"{lang}/01-a")
        made = nbformat.read(run.html / "notebooks" / lang / "01-a.ipynb", as_version=4)
        assert "%pip install -q 'https://github.com/fork/course/archive/" in made.cells[1].source
    for page in ("index", "ko/index", "en/index"):
        assert not [a for a in links(run, page) if re.search(r"binder|colab|ipynb", a)]


def test_without_a_repository_there_are_no_buttons_and_the_build_says_so(tmp_path):
    run = build(tmp_path, PAGES)
    assert run.returncode == 0, run.text
    assert re.search(r"no buttons for Binder and Colab: .*BOOK_REPOSITORY=", run.text)
    assert not [a for a in links(run, "en/01-a") if re.search("binder|colab", a)]
    assert "../../notebooks/en/01-a.ipynb" in links(run, "en/01-a")
    made = nbformat.read(run.html / "notebooks" / "en" / "01-a.ipynb", as_version=4)
    assert [cell.cell_type for cell in made.cells] == ["markdown", "code"]


# Portable notebooks

CHAPTERS = notebooks.chapters()
every_page = pytest.mark.parametrize(
    ("lang", "name"), [(lang, name) for lang in ("ko", "en") for name in CHAPTERS]
)


@every_page
def test_a_portable_notebook_says_the_same_in_plain_markdown(lang, name):
    original, made = notebooks.read(lang, name), portable.portable(lang, name, "x.whl")
    setup = made.cells.pop(1)
    assert setup.metadata.tags == ["setup"] and "%pip install -q x.whl" in setup.source
    assert len(made.cells) == len(original.cells)
    for ours, theirs in zip(made.cells, original.cells, strict=True):
        if theirs.cell_type == "code":
            assert ours == theirs
    text = "\n".join(portable.markdown(made))
    assert not re.search(r"^(:::|`{3,}\{)|\{\w+\}`|^:\w+:|^\$\$ \(", text, re.M)
    assert text.count("<details>") == text.count("</details>") >= 4
    told = "\n".join(portable.markdown(original))
    assert text.count("\n> **") >= told.count(":::{admonition}") >= 2
    assert text.count("\\tag{") == len(portable.NUMBERED.findall(told))
    nbformat.validate(made)


def test_numbers_and_citations_are_those_of_the_pages():
    text = "{eq}`eq-sigmoid-slope`, {ref}`ex-18-adam`, {cite}`lecun1998,he2015a`, {doc}`17-lstm`"
    cited = set()
    said = portable.plain(text, "en", cited)
    assert said.startswith("(2.1), Exercise 18.")
    assert "[LeCun et al. 1998; He et al. 2015" in said
    assert said.endswith("](17-lstm.ipynb)") and cited == {"lecun1998", "he2015a"}
    assert "연습 문제 18." in portable.plain(text, "ko", set())


def test_solutions_stay_out_where_the_book_hides_them():
    shown, hidden = (
        "\n".join(portable.markdown(portable.portable("en", "02-sigmoid", None, solutions)))
        for solutions in (True, False)
    )
    assert "np.log1p(np.exp(" in shown and "np.log1p(np.exp(" not in hidden
    assert "Exercise 2.3" in hidden


def test_the_portable_list_of_claims_has_the_numbers_and_the_works_that_settle_them():
    text = "\n".join(portable.markdown(portable.portable("en", "21-claims", None)))
    assert "**0.974**" in text and "Wilson; n = 1,000; `xor-ten-layers`)" in text.replace(
        "\xa0", " "
    )
    assert "    - Settled by [Hochreiter & Schmidhuber 1997], section 3.1" in text
    assert "\n- [Hochreiter & Schmidhuber 1997] Sepp Hochreiter" in text


def test_a_directive_without_a_plain_form_is_named():
    with pytest.raises(ValueError, match="no plain form for the directive 'figure'"):
        portable.plain("```{figure} a.png\n```", "en", set())


def test_a_zip_installs_lib_without_a_network(tmp_path):
    """Beside NumPy and Matplotlib, that is; its wheels for an empty machine are downloaded."""
    made = portable.archive(tmp_path, everything=False)
    assert [path.name for path in made] == ["gradients-ko.zip", "gradients-en.zip"]
    with zipfile.ZipFile(made[1]) as zipped:
        zipped.extractall(tmp_path / "en")
    names = sorted(path.name for path in (tmp_path / "en").iterdir())
    (wheel,) = [name for name in names if name.endswith(".whl")]
    assert [n for n in names if n.endswith(".ipynb")] == [f"{name}.ipynb" for name in CHAPTERS]
    first = nbformat.read(tmp_path / "en" / "02-sigmoid.ipynb", as_version=4).cells[1].source
    assert first.endswith(f"%pip install -q {wheel}")
    told = (tmp_path / "en" / "README.txt").read_text(encoding="utf-8")
    command = f"pip install --no-index --find-links . {wheel}"
    assert command in told
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for need in project["dependencies"]:  # they are not in the zip
        assert re.match(r"\w+", need)[0] in told.lower()
    target = ["--target", str(tmp_path / "site"), "--no-deps"]
    pip = [sys.executable, "-m", *command.split(), *target]
    subprocess.run(pip, cwd=tmp_path / "en", check=True, capture_output=True)
    code = "import lib, lib.language; print(lib.__file__); lib.language.label('gradient')"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "site",
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        encoding="utf-8",
    )
    assert run.stdout.strip() == str(tmp_path / "site" / "lib" / "__init__.py"), run.stderr


def test_solutions_that_the_book_hides_are_not_handed_out_elsewhere(tmp_path, monkeypatch):
    """On the branch that Colab opens, and in the zips, as little as on the pages."""
    shown = (ROOT / "_config.yml").read_text(encoding="utf-8")
    (tmp_path / "book").symlink_to(ROOT / "book")
    monkeypatch.setattr(notebooks, "BOOK", tmp_path / "book")
    monkeypatch.setattr(notebooks, "chapters", lambda: ["01-chain-rule"])
    for hide, count in (("false", 4), ("true", 0)):
        config = shown.replace("hide_solutions: false", f"hide_solutions: {hide}")
        (tmp_path / "_config.yml").write_text(config, encoding="utf-8")
        portable.write(tmp_path / hide, None)
        made = (tmp_path / hide / "en" / "01-chain-rule.ipynb").read_text(encoding="utf-8")
        assert made.count("<summary>Solution") == count
