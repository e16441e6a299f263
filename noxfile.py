"""The chores, one command each: `nox -l` lists them, `nox -s NAME` does one.

Each works from a fresh clone. They use the environment in which nox itself runs, the one that
`pip install -r requirements.txt` makes; `pins`, `lowest` and `newest` build one of their own.
"""

import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "test", "book"]


def asks_for(session, module, what):
    """End with the command that installs what a chore needs beyond requirements.txt."""
    if find_spec(module) is None:
        session.error(f"expected {module}: pip install -c constraints.txt {what}")


@nox.session
def book(session):
    """Build both languages into _build/html; a warning is an error."""
    session.run("jupyter-book", "build", ".", "-n", "-W", "--keep-going", *session.posargs)


@nox.session
def test(session):
    """Unit tests, and every notebook: each cell must run and give its stored output."""
    session.run("pytest", *session.posargs)


@nox.session
def lint(session):
    """Check style, format and spelling; `nox -s lint -- --fix` mends what it can."""
    fix = "--fix" in session.posargs
    session.run("ruff", "check", *(["--fix"] if fix else []), ".")
    session.run("ruff", "format", *([] if fix else ["--check"]), ".")
    session.run("codespell", *(["--write-changes", "--interactive", "3"] if fix else []))


@nox.session
def run(session):
    """Execute notebooks in both languages and store the outputs: nox -s run -- 02-sigmoid."""
    session.run("python", "book/notebooks.py", "run", *session.posargs)


@nox.session
def twin(session):
    """Copy the code of one language to the other and run both: nox -s twin -- en 02-sigmoid."""
    session.run("python", "book/notebooks.py", "twin", *session.posargs)


@nox.session
def seen(session):
    """Record that both texts of a chapter say the same: nox -s seen -- 02-sigmoid."""
    session.run("python", "book/notebooks.py", "seen", *session.posargs)


@nox.session
def study(session):
    """Run a long study again and store it: nox -s study -- xor-ten-layers --workers 2."""
    session.run("python", "-m", "lib.study", "run", *session.posargs)


@nox.session
def pdf(session):
    """Print the built book of a language as a PDF, with Chromium: nox -s pdf -- ko"""
    session.run("python", "book/pdf.py", *session.posargs)


@nox.session
def epub(session):
    """Bind the built book of a language as an EPUB, for electronic readers: nox -s epub -- ko"""
    session.run("python", "book/epub.py", *session.posargs)


@nox.session
def pages(session):
    """Measure the built pages beside an untouched Jupyter Book: nox -s pages -- --lighthouse"""
    session.run("python", "-m", "benchmarks.pages", *session.posargs)


@nox.session
def grading(session):
    """Grade honest, broken and hostile submissions (needs the extra assignments, bubblewrap)."""
    asks_for(session, "nbgrader", "-e '.[assignments]'")
    session.run("pytest", "-o", "addopts=", "assignments/tests", *session.posargs)


@nox.session
def torch(session):
    """Compare lib with PyTorch, which must be installed beside it."""
    asks_for(session, "torch", "torch")
    session.run("pytest", "-o", "addopts=", "checks/test_torch.py", *session.posargs)


@nox.session
def benchmark(session):
    """Time lib against PyTorch, as ratios in one run: nox -s benchmark -- --quick."""
    asks_for(session, "torch", "torch")
    session.run("python", "-m", "benchmarks.lib", *session.posargs)


@nox.session
def browser(session):
    """Read the built book in a real browser (needs the extra browser, and Chromium)."""
    asks_for(session, "playwright", "-e '.[browser]'")
    options = ["-o", "addopts=", "--ignore=checks/test_torch.py"]
    session.run("pytest", *options, "checks", *session.posargs)


@nox.session
def binder(session):
    """Build what Binder builds and run notebooks in it: nox -s binder -- 02-sigmoid, or all."""
    asks_for(session, "playwright", "-e '.[browser]'")
    session.run("python", "-m", "benchmarks.binder", *session.posargs)


@nox.session(name="new-chapter")
def new_chapter(session):
    """Begin a chapter in both languages: nox -s new-chapter -- 22-name."""
    session.run("python", "book/new_chapter.py", *session.posargs)


@nox.session
def hooks(session):
    """Set up git in this clone: checks before a commit, and diffs of notebooks that can be read."""
    session.run("pip", "install", "-c", "constraints.txt", "-e", ".[git]")
    session.run("pre-commit", "install", "--hook-type", "pre-commit", "--hook-type", "pre-push")
    session.run("nbdime", "config-git", "--enable")
    here = Path(sys.executable).parent  # git asks for a diff where no environment is active, too
    drivers = {
        "diff.jupyternotebook.command": f'"{here}/git-nbdiffdriver" diff',
        "merge.jupyternotebook.driver": f'"{here}/git-nbmergedriver" merge %O %A %B %L %P',
    }
    for setting, driver in drivers.items():
        session.run("git", "config", setting, driver, external=True)


@nox.session
def notebooks(session):
    """Write the notebooks as Colab opens them into _build/notebooks; `-- --push` publishes them."""
    session.run("python", "book/portable.py", "_build/notebooks", *session.posargs)


@nox.session
def offline(session):
    """Zip the notebooks of each language with lib; `-- --wheels` adds all that they need."""
    session.run("python", "book/portable.py", "_build/offline", "--zip", *session.posargs)


@nox.session
def release(session):
    """Put together what a release consists of: nox -s release -- v1.2.0."""
    session.run("python", "book/release.py", "make", *session.posargs)


@nox.session
def versions(session):
    """Put the site of every release beside the newest one (needs the program gh)."""
    session.run("python", "book/release.py", "versions")


@nox.session
def links(session):
    """Ask every address in the book whether it is still there."""
    session.run("jupyter-book", "build", ".", "--builder", "linkcheck", *session.posargs)


@nox.session
def order(session):
    """Run the tests in a random order; a failure prints the seed that repeats it."""
    options = ["-o", "addopts=", "--random-order"]
    session.run("pytest", *options, "tests", *session.posargs)


# Older processors: the kernels that OpenBLAS takes on each, and what NumPy must do without.
PROCESSORS = {
    "Nehalem": "X86_V4 AVX512_ICL X86_V3",  # of 2008: vectors of 128 bits
    "Sandybridge": "X86_V4 AVX512_ICL X86_V3",  # of 2011: the products of matrices with AVX
    "Haswell": "X86_V4 AVX512_ICL",  # of 2013: AVX2, and products fused with sums
}


@nox.session
def processors(session):
    """Run the suite as on three older processors, or one: nox -s processors -- Nehalem"""
    for name in session.posargs or PROCESSORS:
        if name not in PROCESSORS:
            session.error(f"processors: expected one of {', '.join(PROCESSORS)}; given {name!r}")
        old = {"OPENBLAS_CORETYPE": name, "NPY_DISABLE_CPU_FEATURES": PROCESSORS[name]}
        session.run("pytest", "-q", env=old | {"OPENBLAS_NUM_THREADS": "1"})


def lowest_of(requirement: str) -> str:
    """numpy==2.0.* for numpy>=2, matplotlib==3.9.* for matplotlib>=3.9."""
    name, _, bound = requirement.partition(">=")
    return f"{name}=={bound}.*" if "." in bound else f"{name}=={bound}.0.*"


def needs_of_lib() -> list[str]:
    with open("pyproject.toml", "rb") as file:
        return tomllib.load(file)["project"]["dependencies"]


def wanted(file: str | Path = "requirements.txt") -> list[str]:
    """What a list of requirements names, without the exact versions of constraints.txt."""
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    named = [line.split("#")[0].strip() for line in lines]
    return [name for name in named if name and not name.startswith("-")]


def suite_with(session, needs: list[str], *options: str):
    """The suite in an environment of its own, in which figures may look a little different."""
    session.install("--upgrade", *needs, *wanted(), "-e", ".")
    session.run("pip", "list")
    words = "--nbval --nbval-current-env --nbval-sanitize-with tests/nbval-words.cfg"
    session.run("pytest", "-o", f"addopts={words}", *options, *session.posargs)


@nox.session(venv_backend="venv")
def lowest(session):
    """Run the suite with the lowest versions that lib allows: NumPy 2.0 and its contemporaries."""
    old = [lowest_of(need) for need in needs_of_lib()]
    # Old versions use what their companions have since deprecated, and no one will mend that.
    suite_with(session, old, "-W", "ignore::DeprecationWarning")


@nox.session(venv_backend="venv")
def newest(session):
    """Run the suite with the newest versions that the ranges allow."""
    suite_with(session, needs_of_lib())


@nox.session(venv_backend="venv")
def pins(session):
    """Write constraints.txt anew from the ranges of all requirements."""
    light = wanted("binder/requirements.txt")
    session.install(*wanted(), *light, "-e", ".[assignments,browser,git]")
    frozen = session.run("pip", "freeze", "--exclude-editable", silent=True)
    # Sorted here: pip's own order is another in another version.
    pinned = sorted((line for line in frozen.splitlines() if "==" in line), key=str.lower)
    header = [
        "# Written by `nox -s pins`: the exact versions that requirements.txt and the extras",
        "# install, so that they give tomorrow what they gave today.",
    ]
    with open("constraints.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(header + pinned) + "\n")
