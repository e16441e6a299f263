"""Journal: what a long run has finished, on the disk, so that stopping it loses nothing.

One line of JSON for each piece, written through to the disk. The first line says what is being run.
"""

from __future__ import annotations

import json
import os
from pathlib import Path


class Journal:
    """A file of finished pieces. Half a line at its end, from a run that was killed, is dropped."""

    def __init__(self, path: Path):
        self.path = path

    def begin(self, what: list) -> dict[tuple, list]:
        """The pieces that are finished already, by number; {} and a new file if there are none.

        Raises ValueError if the file belongs to something else than `what`.
        """
        written = self.path.read_bytes() if self.path.exists() else b""
        end = written.rfind(b"\n") + 1  # a whole line ends in a newline
        whole = written[:end].decode().splitlines()
        if len(whole) < 2:  # nobody's: nothing was finished
            self.path.write_text(json.dumps(what) + "\n", "utf-8")
            return {}
        if whole[0] != json.dumps(what):
            raise ValueError(
                f"journal: {self.path} holds an unfinished run of {whole[0]}, given "
                f"{json.dumps(what)}; finish that one, or delete the file"
            )
        os.truncate(self.path, end)
        return {tuple(piece): table for piece, table in map(json.loads, whole[1:])}

    def add(self, piece: list, table: list) -> None:
        """Write a finished piece through to the disk."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([piece, table]) + "\n")
            file.flush()
            os.fsync(file.fileno())
