"""Where this copy of the book is kept: the repository, the branch and the commit.

The buttons on the pages and the notebooks that install `lib` point there. Nothing of it is written
down in the project, so a fork needs no edit: the address is that of the git remote `origin`, and
the environment variables BOOK_REPOSITORY and BOOK_BRANCH stand before it.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).parents[1]
ADDRESS = re.compile(
    r"(?:https?://(?:[^@/]*@)?|(?:ssh://)?git@)([\w.-]+\.\w+)(?::\d+)?[:/]([\w./-]+?)(?:\.git)?/?"
)


@dataclass(frozen=True)
class Repository:
    """An address such as https://github.com/owner/name, a branch and the commit that is at hand."""

    url: str
    branch: str
    commit: str

    @property
    def on_github(self) -> bool:
        return self.url.startswith("https://github.com/")

    @property
    def name(self) -> str:
        """Owner and name, as in owner/name."""
        return self.url.split("/", 3)[3]

    @property
    def package(self) -> str:
        """What pip installs to have the `lib` of this commit."""
        if self.on_github:  # needs no git on the reader's machine
            return f"{self.url}/archive/{self.commit}.zip"
        return f"git+{self.url}@{self.commit}"

    def binder(self, path: str) -> str:
        """The address at which Binder opens a file of the branch in JupyterLab."""
        if self.on_github:
            where = f"gh/{self.name}"
        elif self.url.startswith("https://gitlab.com/"):
            where = f"gl/{quote(self.name, safe='')}"
        else:
            where = f"git/{quote(self.url, safe='')}"
        branch = quote(self.branch, safe="")
        return f"https://mybinder.org/v2/{where}/{branch}?urlpath=lab/tree/{path}"

    def colab(self, branch: str, path: str) -> str | None:
        """The address at which Colab opens a file of any branch; it knows GitHub only."""
        if not self.on_github:
            return None
        return (
            f"https://colab.research.google.com/github/{self.name}/blob/{branch}/{path}"
        )


def normal(address: str) -> str | None:
    """https://host/owner/name for any way to write it, without a password; None for a folder."""
    match = ADDRESS.fullmatch(address.strip())
    return f"https://{match[1].lower()}/{match[2].strip('/')}" if match else None


def git(*arguments: str, root: Path = ROOT) -> str:
    """What git answers; nothing where there is no git, no repository or no such thing in it."""
    try:
        run = subprocess.run(
            ["git", *arguments],
            cwd=root,
            capture_output=True,
            encoding="utf-8",
            errors="replace",  # a complaint may be in the system's own encoding
        )
    except FileNotFoundError:
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""


def find(
    root: Path = ROOT, environ: Mapping[str, str] = os.environ
) -> Repository | None:
    """The repository of the book in a folder, or None. ValueError for a variable that is none."""
    given = environ.get("BOOK_REPOSITORY", "")
    if given and normal(given) is None:
        raise ValueError(
            f"BOOK_REPOSITORY: expected an address such as https://github.com/owner/name, "
            f"given {given!r}"
        )
    top = git("rev-parse", "--show-toplevel", root=root)
    # the same folder may be written in two ways: by a link, in large letters or small
    own = os.path.exists(top) and os.path.samefile(top, root)
    url = normal(
        given or (git("remote", "get-url", "origin", root=root) if own else "")
    )
    if url is None:
        return None
    commit = git("rev-parse", "HEAD", root=root) if own else ""
    branch = environ.get("BOOK_BRANCH") or (
        git("symbolic-ref", "--short", "HEAD", root=root) if own else ""
    )
    branch = branch or commit or "main"
    return Repository(url, branch, commit or branch)
