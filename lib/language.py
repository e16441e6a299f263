"""The page's language: what the words in a figure are called, from the glossary, by key.

A notebook says once which language it is in; every other cell is the same in all languages and
asks for words by key. The glossary is `glossary.yml` beside this file, so that an installed `lib`
has it too.
"""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent
_current = "en"


def __getattr__(name: str) -> tuple[str, ...]:
    """LANGUAGES: the columns of the glossary, read when first asked for."""
    if name == "LANGUAGES":
        return tuple(glossary()["frame"]["source"])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def use(code: str) -> None:
    """Set the language of all labels from here on. Raises ValueError for one that is not there."""
    global _current
    languages = __getattr__("LANGUAGES")
    if code not in languages:
        raise ValueError(f"language: expected one of {', '.join(languages)}, given {code!r}")
    _current = code


def current() -> str:
    """The code of the language in use, "en" until `use` says otherwise."""
    return _current


@cache
def glossary() -> dict[str, dict]:
    """The whole glossary: "terms" (with forbidden variants) and "labels" (words in figures)."""
    return yaml.safe_load((FOLDER / "glossary.yml").read_text(encoding="utf-8"))


def label(key: str, **values: object) -> str:
    """The word or phrase for `key` in the page's language, with {fields} filled in from `values`.

    Looks among the labels, then among the terms. Raises KeyError for an unknown key, with the
    nearest known ones.
    """
    known = glossary()["terms"] | glossary()["labels"]
    if key not in known:
        near = difflib.get_close_matches(key, known, n=3) or sorted(known)[:3]
        raise KeyError(
            f"label: expected a key of {FOLDER.name}/glossary.yml, given {key!r}; "
            f"near it: {', '.join(near)}"
        )
    return known[key][_current].format(**values)
