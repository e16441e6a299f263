"""Binder without Docker: the environment built as repo2docker says, and a reader in front of it.

    python -m benchmarks.binder [--keep FOLDER] [NAME ... | all]

Takes the build steps that repo2docker generates for the last commit, carries them out in a new
virtual environment with the JupyterLab of repo2docker's own list, starts the server, and opens each
notebook in headless Chromium at the path of the page's Binder button. Prints the size of the
environment, the time to the first executed cell, and for each notebook how long it ran, how much
memory its kernel took at most and how many of its interactive figures are live. A notebook that
raises, or shows a figure that is not live, makes the exit status 1.
NAME is a chapter such as 02-sigmoid, the default; it is opened in both languages. Needs
`pip install jupyter-repo2docker playwright`, Chromium, and the Python of binder/runtime.txt.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import nbformat
import psutil
from playwright.sync_api import Page, sync_playwright

from lib.language import LANGUAGES

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book"))
import pdf  # noqa: E402
import repository  # noqa: E402

# What repo2docker's own environment is made of, by the names of PyPI; its lock file has versions.
BASE = {
    "ipywidgets": "ipywidgets",
    "jupyter-offlinenotebook": "jupyter-offlinenotebook",
    "jupyter-resource-usage": "jupyter-resource-usage",
    "jupyter_client": "jupyter_client",
    "jupyter_server": "jupyter_server",
    "jupyterhub-base": "jupyterhub",
    "jupyterlab": "jupyterlab",
    "notebook": "notebook",
    "tornado": "tornado",
    "traitlets": "traitlets",
}
# Cells are counted in the page, so those out of sight have to stay in it.
KEEP_CELLS = '{"windowingMode": "none"}'
ERROR = '[data-mime-type="application/vnd.jupyter.error"]'
KERNELS_MAY_BE_STOPPED = "--ServerApp.disable_check_xsrf=True"  # by a request from outside the page
# An error is shown, or all code cells are there and have a number.
DONE = """([cells, error]) => {
    const prompts = [...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputPrompt')]
    const run = prompts.filter(prompt => /^\\[\\d+\\]:$/.test(prompt.textContent.trim()))
    return document.querySelector(error) || run.length === prompts.length && run.length >= cells
}"""


def steps(clone: Path) -> list[str]:
    """The commands that repo2docker runs once the repository is in place."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(clone)]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    last = (run.stdout + run.stderr).rpartition("# Run assemble scripts!")[2]
    return re.findall(r"^RUN (.+)$", last, re.M)


def base(version: str) -> list[str]:
    """The packages that are there before the repository's own, at repo2docker's versions."""
    folder = Path(find_spec("repo2docker").origin).parent / "buildpacks" / "conda"
    lock = (folder / f"environment.py-{version}-linux-64.lock").read_text()
    found = dict(re.findall(r"/([\w-]+)-([\d.]+)-[^-]+\.conda", lock))
    return [f"{pypi}=={found[conda]}" for conda, pypi in BASE.items()]


def size(folder: Path) -> float:
    """MB of all files."""
    return sum(f.lstat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6


def build(work: Path) -> tuple[Path, Path]:
    """The clone and the environment, made step by step."""
    clone, environment = work / "clone", work / "environment"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    version = (clone / "binder/runtime.txt").read_text().strip().removeprefix("python-")
    python = shutil.which(f"python{version}")
    if python is None:
        raise SystemExit(f"benchmarks.binder: expected python{version} on the PATH, found none")
    subprocess.run([python, "-m", "venv", str(environment)], check=True)
    pip = [str(environment / "bin/pip"), "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, *base(version)], check=True)
    before = size(environment)
    known = {name: str(environment) for name in ("KERNEL_PYTHON_PREFIX", "NB_PYTHON_PREFIX")}
    for step in steps(clone):
        print(f"step   {step}")
        quiet = step.replace("pip install", "pip install -q --disable-pip-version-check")
        subprocess.run(["bash", "-c", quiet], cwd=clone, env=os.environ | known, check=True)
    after = size(environment)
    print(f"size   {after:.0f} MB, of which {after - before:.0f} MB are the course's own")
    return clone, environment


class Server:
    """A JupyterLab that serves `folder`, as a person has it who comes by a link.

    `python` is that of the environment; settings and the log go to `work`.
    """

    def __init__(self, folder: Path, python: Path | str, work: Path):
        settings = work / "settings"
        tracker = settings / "@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
        tracker.parent.mkdir(parents=True)
        tracker.write_text(KEEP_CELLS)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        command = [str(python), "-m", "jupyterlab", "--no-browser", "--allow-root"]
        home = {
            "JUPYTER_CONFIG_DIR": str(work / "config"),
            "JUPYTER_DATA_DIR": str(work / "data"),
            "JUPYTERLAB_SETTINGS_DIR": str(settings),
        }
        self.log = (work / "log").open("w")
        self.process = subprocess.Popen(
            [*command, f"--port={port}", "--IdentityProvider.token=", KERNELS_MAY_BE_STOPPED],
            cwd=folder,
            env=os.environ | home,
            stdout=self.log,
            stderr=self.log,
        )
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.address}/api/status", timeout=5)
                return
            except OSError:
                time.sleep(0.2)
        self.close()
        raise RuntimeError(f"no server after a minute: {(work / 'log').read_text()}")

    def memory(self) -> float:
        """MB that the largest running kernel has held at most."""
        most = 0.0
        for child in psutil.Process(self.process.pid).children(recursive=True):
            status = Path(f"/proc/{child.pid}/status").read_text()
            if "ipykernel" in " ".join(child.cmdline()):
                most = max(most, int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1e3)
        return most

    def stop_kernels(self, page: Page) -> None:
        """End all kernels, so that memory is that of the notebook which comes next."""
        for session in page.request.get(f"{self.address}/api/sessions").json():
            answer = page.request.delete(f"{self.address}/api/sessions/{session['id']}")
            if not answer.ok:
                raise RuntimeError(f"expected the kernel to stop, got {answer.status}")

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.log.close()


def button(path: str) -> str:
    """The path in JupyterLab to which the Binder button of a page leads."""
    where = repository.Repository("https://github.com/owner/name", "main", "main")
    return parse_qs(urlsplit(where.binder(path)).query)["urlpath"][0]


def run(page: Page, address: str, clone: Path, path: str) -> Iterator[tuple | None]:
    """Run all cells: None when the first has run, then the numbers of errors, of interactive
    figures, and of those that are live."""
    cells = nbformat.read(clone / path, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    drawn = sum('figure class="explore' in str(cell.outputs) for cell in code)
    page.goto(f"{address}/{button(path)}?reset", timeout=120_000)
    page.wait_for_selector(".jp-Notebook-cell", timeout=120_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=120_000)
    page.get_by_role("menuitem", name="Edit", exact=True).click()
    page.get_by_role("menuitem", name="Clear Outputs of All Cells").click()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Run All Cells")).click()
    first = page.locator(".jp-CodeCell .jp-InputPrompt").first
    first.get_by_text("[1]:").wait_for(timeout=120_000)
    yield
    page.wait_for_function(DONE, arg=[len(code), ERROR], timeout=300_000)
    live = page.locator(".jp-OutputArea-output .widget-vbox")
    yield page.locator(ERROR).count(), drawn, live.count()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.binder", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", default=["02-sigmoid"])
    parser.add_argument("--keep", type=Path, help="an empty folder for the environment, kept")
    given = parser.parse_args(arguments)
    chapters = sorted(path.stem for path in (ROOT / "book/en").glob("*.ipynb"))
    names = chapters if given.names == ["all"] else given.names
    if unknown := set(names) - set(chapters):
        parser.error(f"expected all, or some of {', '.join(chapters)}; given {sorted(unknown)}")
    with tempfile.TemporaryDirectory() as folder:
        work = given.keep or Path(folder)
        return read(work, [f"book/{lang}/{name}.ipynb" for name in names for lang in LANGUAGES])


def read(work: Path, paths: list[str]) -> int:
    """Build, start, and read notebooks one after another; the exit status."""
    clone, environment = build(work)
    begin = time.perf_counter()
    server, failed = Server(clone, environment / "bin/python", work), False
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=pdf.chromium(), args=["--no-sandbox"]
            )
            for number, path in enumerate(paths):
                page = browser.new_page(viewport={"width": 1400, "height": 1000})
                start = time.perf_counter()
                running = run(page, server.address, clone, path)
                next(running)
                if number == 0:
                    print(f"first  {time.perf_counter() - begin:.1f} s from start to first cell")
                errors, drawn, live = next(running)
                seconds, memory = time.perf_counter() - start, server.memory()
                wrong = errors or live < drawn or memory > 1000
                failed |= bool(wrong)
                print(
                    f"{'WRONG' if wrong else 'ok   '}  {path:36s} {seconds:5.1f} s {memory:5.0f} MB"
                    f"  {live} of {drawn} figures live, {errors} errors",
                    flush=True,
                )
                server.stop_kernels(page)
                page.close()
            browser.close()
    finally:
        server.close()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
