"""A third language: a folder, a column of the glossary and a catalogue of words, and no code.

A tiny French book is built with the real extensions, and with a `lib` whose glossary has a French
column. It has a chapter that has been run in French, the glossary page and an exercise.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from test_ext import build

ROOT = Path(__file__).parents[1]
FRENCH = {"gradient": "gradient", "layer": "couche", "hidden layer": "couche cachée"}
TITLES = {"ko": "# 1. 층", "en": "# 1. Layers", "fr": "# 1. Couches"}


def in_french(words, key):
    """An entry of the glossary with a French column; "…" where French has nothing to say here."""
    added = words | {"fr": FRENCH.get(key, f"[{words['en']}]")}
    if "means" in words:
        added["means"] = words["means"] | {"fr": f"Un sens de {added['fr']}."}
    return added


@pytest.fixture(scope="module")
def french_lib(tmp_path_factory):
    """A folder with a copy of `lib` that speaks French too."""
    folder = tmp_path_factory.mktemp("lib")
    ignored = shutil.ignore_patterns("__pycache__", "results")
    shutil.copytree(ROOT / "lib", folder / "lib", ignore=ignored)
    (folder / "lib" / "results").symlink_to(ROOT / "lib" / "results")
    path = folder / "lib" / "glossary.yml"
    book = yaml.safe_load(path.read_text(encoding="utf-8"))
    for part in ("terms", "labels", "frame"):
        book[part] = {key: in_french(words, key) for key, words in book[part].items()}
    path.write_text(yaml.safe_dump(book, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


def chapter(language):
    """A chapter with a cell that prints a word of the glossary, and an exercise."""
    text = f"{TITLES[language]}\n\n```{{exercise}} …\n:label: ex-01-a\n\n…\n```"
    code = f'from lib import language\n\nlanguage.use("{language}")\n'
    code += 'print(language.label("hidden layer"))'
    cells = [nbformat.v4.new_markdown_cell(text), nbformat.v4.new_code_cell(code)]
    return nbformat.v4.new_notebook(cells=cells)


def test_the_languages_are_the_columns_of_the_glossary(french_lib):
    code = "from lib import language; print(language.LANGUAGES, language.use('fr'))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=french_lib,
        env=os.environ | {"PYTHONPATH": str(french_lib)},
        capture_output=True,
        encoding="utf-8",
    )
    assert run.stdout == "('ko', 'en', 'fr') None\n", run.stderr


def test_a_french_book_is_built(french_lib, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(french_lib))
    pages = {}
    for language in TITLES:
        (tmp_path / "book" / language).mkdir(parents=True)
        nbformat.write(chapter(language), tmp_path / "book" / language / "01-a.ipynb")
        pages[f"{language}/01-a.ipynb"] = ""
        pages[f"{language}/02-glossary.md"] = f"# {language}\n\n```{{glossary-terms}}\n```"
        pages[f"{language}/index.md"] = f"# {language}"
    shutil.copy(ROOT / "book" / "notebooks.py", tmp_path / "book")
    run = subprocess.run(
        [sys.executable, "book/notebooks.py", "run", "01-a"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
    )
    ran = [f"ran book/{code}/01-a.ipynb" for code in TITLES]
    assert run.stdout.splitlines() == ran, run.stderr
    for language in TITLES:
        path = f"{language}/01-a.ipynb"
        pages[path] = (tmp_path / "book" / path).read_text(encoding="utf-8")
    catalogue = (ROOT / "book/_locale/ko/LC_MESSAGES/book.po").read_text(encoding="utf-8")
    words = re.sub(r'(msgid "(.+)"\nmsgstr) "[^"]*"', r'\1 "fr: \2"', catalogue)
    run = build(tmp_path, pages, {"fr": words.replace("Language: ko", "Language: fr")})
    assert run.returncode == 0, run.text
    page = BeautifulSoup((run.html / "book/fr/01-a.html").read_text("utf-8"), "html.parser")
    assert page.html["lang"] == "fr" and page.h1.get_text().startswith("1. Couches")
    assert "couche cachée" in page.select_one(".output").get_text()
    assert "fr: Exercise 1.1" in page.select_one("div.exercise").get_text()
    assert [a["hreflang"] for a in page.select("a.language-switch")] == ["en", "ko"]
    terms = BeautifulSoup((run.html / "book/fr/02-glossary.html").read_text("utf-8"), "html.parser")
    layer = terms.find(id="term-hidden-layer")
    assert layer.get_text() == "couche cachée 은닉층 hidden layer"
    assert [spoken["lang"] for spoken in layer.select("[lang]")] == ["ko", "en"]
    made = nbformat.read(run.html / "notebooks" / "fr" / "01-a.ipynb", as_version=4)
    assert "### fr: Exercise 1.1" in made.cells[0].source
