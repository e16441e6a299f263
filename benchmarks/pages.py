"""The built pages as a browser meets them, beside an untouched Jupyter Book of the same text.

    python -m benchmarks.pages [--build] [--execute] [--lighthouse] [PAGE ...]

Serves the built book from a compressing server on this machine, and beside it the same sources
built with the configuration that Jupyter Book has by default, which is built once and kept in the
folder for temporary files. Chromium reads both: bytes over the wire, requests to other hosts, how
much moves while a page loads, and how long the processor of a phone, four times slower, would be
busy in pieces of more than 50 ms. That is counted in processor time, so that other work on this
machine does not count. PAGE is a page such as book/en/02-sigmoid; without one, all.

--build       also measures building: cold, and with one page changed
--execute     ... and the default build once more, running its notebooks (takes minutes)
--lighthouse  also runs Lighthouse, mobile preset, on the pages: needs node, and npm to get it
Needs Playwright and Chromium.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread
from time import perf_counter
from urllib.parse import urlsplit

import yaml
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book"))
import pdf  # noqa: E402

HTML = ROOT / "_build" / "html"
DOOR, CHAPTER, SECOND = "book/index", "book/en/02-sigmoid", "book/en/03-vanishing-gradients"
SLOWED, LONG = 4, 50  # times slower; milliseconds after which a piece of work blocks
PHONE = {"viewport": {"width": 412, "height": 823}, "device_scale_factor": 1.75, "is_mobile": True}
# Requests to other hosts are counted, and fail at once instead of when the network gives up.
OTHERS_REFUSED = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
SEARCH = {"ko": "search-ko", "en": "search"}
# One question to the search of a page, drawn results included: how many milliseconds it took.
ASK = """query => {
    const input = document.querySelector('.bd-search input')
    const begin = performance.now()
    input.value = query
    input.dispatchEvent(new Event('input', {bubbles: true}))
    document.querySelector('.search-results').getBoundingClientRect()
    return performance.now() - begin
}"""
PATIENCE = 180_000  # milliseconds, for a machine that does other work too
LIGHTHOUSE = "lighthouse@12.8.2"

DEFAULT_CONFIG = """\
title: Why gradients vanish and explode
only_build_toc_files: true
execute:
  execute_notebooks: "{execute}"
bibtex_bibfiles: [book/references.bib]
"""


class Compressing(SimpleHTTPRequestHandler):
    """Files with gzip, as a usual host sends them, to be kept by the browser for ten minutes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        if path.suffix != ".woff2":
            self.send_header("Content-Encoding", "gzip")
        content = path.read_bytes() if path.suffix == ".woff2" else compressed(path)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        """Nothing: the table is what is printed."""


@cache
def compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 6)


@contextmanager
def served(folder: Path):
    """The address of a folder while it is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Compressing, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def copy_sources(folder: Path) -> Path:
    """The sources without what is built and without the history."""
    leave = shutil.ignore_patterns("_build", ".*", "__pycache__", "tests", "checks", "assignments")
    return shutil.copytree(ROOT, folder, ignore=leave)


def build(sources: Path) -> float:
    """Seconds that `jupyter-book build` takes in a folder."""
    begin = perf_counter()
    subprocess.run(
        [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-q"],
        cwd=sources,
        env=os.environ | {"PYTHONUTF8": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if not (sources / "_build" / "html" / "book" / "index.html").is_file():
        raise RuntimeError(f"expected a built book in {sources}/_build/html, found none")
    return perf_counter() - begin


def plain_sources(folder: Path, execute: str = "off") -> Path:
    sources = copy_sources(folder)
    (sources / "_config.yml").write_text(DEFAULT_CONFIG.format(execute=execute), encoding="utf-8")
    return sources


def default_book() -> Path:
    """The same text with an untouched configuration: built once for each state of the sources."""
    state = hashlib.sha256(DEFAULT_CONFIG.encode())
    for path in sorted((ROOT / "book").rglob("*.*")):
        if path.suffix in (".ipynb", ".md"):
            state.update(path.read_bytes())
    folder = Path(tempfile.gettempdir()) / f"default-book-{state.hexdigest()[:12]}"
    if not (folder / "_build" / "html" / "book" / "index.html").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        print("building the default book beside ours ...", file=sys.stderr)
        build(plain_sources(folder))
    return folder / "_build" / "html"


def visit(browser: Browser, address: str, names: list[str]) -> list[dict]:
    """Read pages one after the other with one cache: kilobytes, other hosts, errors, shift."""
    context = browser.new_context(**PHONE)
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    seen = {"bytes": 0, "hosts": set(), "errors": 0}
    own = urlsplit(address).netloc

    def asked(event):
        host = urlsplit(event["request"]["url"]).netloc
        if host and host != own:
            seen["hosts"].add(host)

    network.on("Network.requestWillBeSent", asked)
    network.on(
        "Network.loadingFinished",
        lambda event: seen.update(bytes=seen["bytes"] + event["encodedDataLength"]),
    )
    page.on("pageerror", lambda error: seen.update(errors=seen["errors"] + 1))
    page.add_init_script(
        "globalThis.shift = 0; new PerformanceObserver(l => l.getEntries().forEach(e => {"
        "if (!e.hadRecentInput) shift += e.value})).observe({type: 'layout-shift', buffered: true})"
    )
    found = []
    for name in names:
        seen.update(bytes=0, hosts=set(), errors=0)
        page.goto(f"{address}/{name}.html", wait_until="load", timeout=PATIENCE)
        page.wait_for_timeout(700)
        found.append(
            {
                "kilobytes": seen["bytes"] / 1024,
                "hosts": len(seen["hosts"]),
                "errors": seen["errors"],
                "shift": page.evaluate("shift"),
                "formulas": page.locator("math, .MathJax, span.math").count(),
            }
        )
    context.close()
    return found


def blocking(browser: Browser, address: str, name: str) -> float:
    """Milliseconds over 50 in each piece of work of the page's main thread, on a slow processor."""
    context = browser.new_context(**PHONE)
    page = context.new_page()
    categories = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
    browser.start_tracing(page=page, categories=categories)
    page.goto(f"{address}/{name}.html", wait_until="load", timeout=PATIENCE)
    page.wait_for_timeout(700)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    context.close()
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"].get("name") == "CrRendererMain"
    }
    work = [
        event["tdur"] / 1000 * SLOWED
        for event in events
        if event["name"] == "ThreadControllerImpl::RunTask"
        and (event["pid"], event["tid"]) in mains
        and "tdur" in event
    ]
    if not work:
        raise RuntimeError("expected tasks of the page's main thread in the trace, found none")
    return sum(max(0.0, each - LONG) for each in work)


def from_disk(browser: Browser, folder: Path, name: str) -> int:
    """Script errors and refused requests of a page that is opened from disk without a network."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    trouble = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("requestfailed", lambda request: trouble.append(request.url))
    page.goto((folder / f"{name}.html").as_uri(), wait_until="load", timeout=PATIENCE)
    page.wait_for_timeout(500)
    context.close()
    return len(trouble)


def pages_of(folder: Path) -> list[str]:
    found = [p.relative_to(folder).with_suffix("") for p in (folder / "book").rglob("*.html")]
    return sorted(path.as_posix() for path in found)


def measure(browser: Browser, folder: Path, names: list[str]) -> dict[str, float]:
    with served(folder) as address:
        (door,) = visit(browser, address, [DOOR])
        chapter, second = visit(browser, address, [CHAPTER, SECOND])
        everything = visit(browser, address, [CHAPTER, *(n for n in names if n != CHAPTER)])[1:]
        busy = [min(blocking(browser, address, name) for _ in range(3)) for name in names]
    visits = [door, chapter, second, *everything]
    return {
        "door, KB": door["kilobytes"],
        f"{Path(CHAPTER).name} ({chapter['formulas']} formulas), KB": chapter["kilobytes"],
        "next page beyond what is cached, KB": second["kilobytes"],
        "the same, median of all pages, KB": median(v["kilobytes"] for v in everything),
        "the same, largest page, KB": max(v["kilobytes"] for v in everything),
        "other hosts asked, most of any page": max(v["hosts"] for v in visits),
        "script errors, most of any page": max(v["errors"] for v in visits),
        "failures from disk without a network": from_disk(browser, folder, CHAPTER),
        "layout shift, worst page": max(v["shift"] for v in visits),
        "blocking time, median page, ms": median(busy),
        "blocking time, worst page, ms": max(busy),
    }


def searching(browser: Browser) -> float:
    """The longest answer of our search to any query, in milliseconds, the index being loaded."""
    queries = yaml.safe_load((ROOT / "tests" / "search_queries.yml").read_text(encoding="utf-8"))
    slowest = 0.0
    with served(HTML) as address:
        for language, name in SEARCH.items():
            page = browser.new_page()
            page.goto(f"{address}/{name}.html", timeout=PATIENCE)
            page.wait_for_selector("#search-results[data-ready]", state="attached")
            for query in queries[language]:
                slowest = max(slowest, min(page.evaluate(ASK, query["q"]) for _ in range(3)))
            page.close()
    return slowest


AIMS = [150, 300, 60, 60, 60, 0, 0, 0, 0.01, 50, 50]


def build_times(plain: bool) -> tuple[float, float]:
    """Seconds for a cold build, and for one after a page has changed."""
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder) / "book"
        sources = plain_sources(sources) if plain else copy_sources(sources)
        cold = build(sources)
        page = sources / f"{CHAPTER}.ipynb"
        notebook = json.loads(page.read_text(encoding="utf-8"))
        text = next(cell for cell in notebook["cells"] if cell["cell_type"] == "markdown")
        text["source"] = [*text["source"], "\n\nOne sentence more.\n"]
        page.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
        return cold, build(sources)


def lighthouse(folder: Path, names: list[str]) -> dict[str, list[float]]:
    """Of each page, with the mobile preset: four scores, blocking time in ms, and layout shift.

    Gets Lighthouse once, through npm.
    """
    home = Path(tempfile.gettempdir()) / LIGHTHOUSE.replace("@", "-")
    command = home / "node_modules" / ".bin" / "lighthouse"
    if not command.exists():
        subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", home, LIGHTHOUSE],
            check=True,
        )
    kinds = ("performance", "accessibility", "best-practices", "seo")
    audits = ("total-blocking-time", "cumulative-layout-shift")
    scores: dict[str, list[float]] = {}
    with served(folder) as address:
        for name in names:
            run = subprocess.run(
                [
                    *(command, f"{address}/{name}.html", "--quiet", "--output=json"),
                    f"--only-categories={','.join(kinds)}",
                    "--chrome-flags=--headless=new --no-sandbox",
                ],
                env=os.environ | {"CHROME_PATH": pdf.chromium()},
                capture_output=True,
                check=True,
            )
            found = json.loads(run.stdout)
            scores[name] = [100 * found["categories"][kind]["score"] for kind in kinds]
            scores[name] += [found["audits"][audit]["numericValue"] for audit in audits]
            print(f"{name:38s}", row(scores[name]), flush=True)
    return scores


def row(found: list[float]) -> str:
    """Scores, blocking time and layout shift of a page, or the worst of all pages."""
    *scores, blocked, shift = found
    return " ".join([*(f"{score:4.0f}" for score in scores), f"{blocked:5.0f} ms {shift:6.3f}"])


def show(title: str, ours: float, default: float | None, aim: float) -> None:
    beside = "" if default is None else f"{default:10.4g}"
    print(f"{title:46s}{ours:10.4g}{beside:>10s}{aim:10g}{'' if ours <= aim else '  missed'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", nargs="*", metavar="PAGE")
    for option in ("build", "execute", "lighthouse"):
        parser.add_argument(f"--{option}", action="store_true")
    options = parser.parse_args()
    if not HTML.is_dir():
        parser.error(f"expected a built book in {HTML}: jupyter-book build .")
    names = options.pages or pages_of(HTML)
    if unknown := set(names) - set(pages_of(HTML)):
        parser.error(f"expected pages of the book such as {CHAPTER}, given {sorted(unknown)}")
    default = default_book()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=pdf.chromium(), args=["--no-sandbox", OTHERS_REFUSED]
        )
        ours, beside = measure(browser, HTML, names), measure(browser, default, names)
        answer = searching(browser)
        browser.close()
    print(f"{len(names)} pages; a phone's processor is taken to be {SLOWED} times slower")
    print(f"{'':46s}{'ours':>10s}{'default':>10s}{'aim':>10s}")
    for (title, value), other, aim in zip(ours.items(), beside.values(), AIMS, strict=True):
        show(title, value, other, aim)
    show("search, slowest answer to a query, ms", answer, None, 50)
    if options.build:
        (cold, warm), (other_cold, other_warm) = build_times(False), build_times(True)
        show("build, cold, s", cold, other_cold, 60)
        show("build, one page changed, s", warm, other_warm, 8)
    if options.execute:
        with tempfile.TemporaryDirectory() as folder:
            run = build(plain_sources(Path(folder) / "book", execute="force"))
        print(f"{'default build that runs its notebooks, cold, s':56s}{run:10.4g}")
    if options.lighthouse:
        print("Lighthouse, mobile: performance, accessibility, best practices, SEO, blocked, shift")
        print(f"{'aims':38s}", row([98, 100, 100, 100, 50, 0.01]))
        *scores, blocked, shift = zip(*lighthouse(HTML, names).values(), strict=True)
        print(f"{'worst':38s}", row([*map(min, scores), max(blocked), max(shift)]))
        print(f"{'blocked, median':38s} {median(blocked):25.0f} ms")
        print("the default book")
        lighthouse(default, [CHAPTER])


if __name__ == "__main__":
    main()
