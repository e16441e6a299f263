"""Journal: what a long run has finished, on the disk, so that stopping it loses nothing.

One line of JSON for each piece, written through to the disk. The first line says what is being run.
Two runs at once would mix their pieces, so the first of them locks the file; the system takes the
lock away when the run ends, however it ends.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import BinaryIO

if os.name == "nt":
    from msvcrt import LK_NBLCK, locking

    def _lock(file: BinaryIO) -> None:
        file.seek(2**40)  # a byte after all others: nobody else can read one that is locked
        locking(file.fileno(), LK_NBLCK, 1)
else:
    from fcntl import LOCK_EX, LOCK_NB, flock

    def _lock(file: BinaryIO) -> None:
        flock(file, LOCK_EX | LOCK_NB)


class Journal:
    """A file of finished pieces: `with Journal(path) as journal`, one run at a time.

    Half a line at its end, from a run that was killed, is dropped.
    """

    def __init__(self, path: Path):
        self.path = path

    def __enter__(self) -> Journal:
        self.file = self.path.open("a+b")
        return self

    def __exit__(self, *_) -> None:
        self.file.close()

    def begin(self, what: list) -> dict[tuple, list]:
        """The pieces that are finished already, by number; {} and a new file if there are none.

        Raises BlockingIOError if another run is busy with the file, and ValueError if it belongs to
        something else than `what`.
        """
        try:
            _lock(self.file)
            if not os.fstat(self.file.fileno()).st_nlink:  # whose it was has just deleted it
                raise BlockingIOError
        except (BlockingIOError, PermissionError):
            raise BlockingIOError(
                f"journal: expected one run at a time, another run is busy with {self.path}"
            ) from None
        self.file.seek(0)
        written = self.file.read()
        end = written.rfind(b"\n") + 1  # a whole line ends in a newline
        whole = written[:end].decode().splitlines()
        if len(whole) < 2:  # nobody's: nothing was finished
            self.file.truncate(0)
            self.file.write(json.dumps(what).encode() + b"\n")
            return {}
        if whole[0] != json.dumps(what):
            raise ValueError(
                f"journal: {self.path} holds an unfinished run of {whole[0]}, given "
                f"{json.dumps(what)}; finish that one, or delete the file"
            )
        self.file.truncate(end)
        return {tuple(piece): table for piece, table in map(json.loads, whole[1:])}

    def add(self, piece: list, table: list) -> None:
        """Write a finished piece through to the disk."""
        self.file.write(json.dumps([piece, table]).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())

    def finish(self) -> None:
        """Delete the file, once everything in it is stored elsewhere."""
        if os.name == "nt":
            self.file.close()  # Windows deletes no open file
        self.path.unlink()
