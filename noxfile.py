"""The chores, one command each: `nox -l` lists them, `nox -s NAME` does one.

Each works from a fresh clone. They use the environment in which nox itself runs, the one that
`pip install -r requirements.txt` makes; only `pins` builds an environment of its own.
"""

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "test", "book"]


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
    """Check style and format of code and notebooks; `nox -s lint -- --fix` mends what it can."""
    fix = "--fix" in session.posargs
    session.run("ruff", "check", *(["--fix"] if fix else []), ".")
    session.run("ruff", "format", *([] if fix else ["--check"]), ".")


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
def grading(session):
    """Grade honest, broken and hostile submissions (needs the extra assignments, bubblewrap)."""
    session.run("pytest", "-o", "addopts=", "assignments/tests", *session.posargs)


@nox.session
def torch(session):
    """Compare lib with PyTorch, which must be installed beside it."""
    session.run("pytest", "-o", "addopts=", "checks/test_torch.py", *session.posargs)


@nox.session
def benchmark(session):
    """Time lib against PyTorch, as ratios in one run: nox -s benchmark -- --quick."""
    session.run("python", "-m", "benchmarks.lib", *session.posargs)


@nox.session
def browser(session):
    """Read the built book in a real browser (needs Playwright, JupyterLab and Chromium)."""
    options = ["-o", "addopts=", "--ignore=checks/test_torch.py"]
    session.run("pytest", *options, "checks", *session.posargs)


@nox.session(venv_backend="venv")
def pins(session):
    """Write constraints.txt anew from the ranges in requirements.txt and the extra assignments."""
    lines = open("requirements.txt", encoding="utf-8").read().splitlines()
    wanted = [line.split("#")[0].strip() for line in lines]
    session.install(*[w for w in wanted if w and not w.startswith("-")], "-e", ".[assignments]")
    frozen = session.run("pip", "freeze", "--exclude-editable", silent=True)
    pinned = [line for line in frozen.splitlines() if "==" in line]
    header = [
        "# Written by `nox -s pins`: the exact versions that requirements.txt and the extra",
        "# assignments install, so that they give tomorrow what they gave today.",
    ]
    with open("constraints.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(header + pinned) + "\n")
