"""Studies: an experiment over a grid of points and many seeds, its results kept in `results/`.

A chapter must run in seconds, a claim about training needs hundreds of seeds; so the long runs
are made once, by the command below, and stored as plain CSV. The chapter loads them, runs a sample
again, and asserts that both agree.

    python -m lib.study list
    python -m lib.study run xor-ten-layers --workers 2
    python -m lib.study show xor-ten-layers
    python -m lib.study verify xor-ten-layers
"""

from __future__ import annotations

import argparse
import csv
import itertools
import os
import platform
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lib.experiments.events import in_short
from lib.experiments.studies import STUDIES, Study, find
from lib.journal import Journal
from lib.seeds import Rng, check_widths, generators
from lib.workers import completed, on_one_thread

RESULTS = Path(__file__).parent / "results"
STACK = 200  # networks that train side by side; no result depends on it


def rows(study: Study, point: dict, seeds: range) -> list[dict]:
    """The results of one point for some seeds, as dictionaries, one per network."""
    rngs = generators(study.seed, seeds.stop)[seeds.start :]
    columns = on_one_thread(study.experiment, **point, rngs=rngs)
    if clash := columns.keys() & {*point, "seed"}:
        raise ValueError(f"study: expected columns that are no parameters, given {sorted(clash)}")
    return [
        point | {"seed": seed} | {name: column[i] for name, column in columns.items()}
        for i, seed in enumerate(seeds)
    ]


def _piece(study: Study, number: int, start: int, stop: int) -> list[dict]:
    point = next(itertools.islice(study.points(), number, None))
    table = rows(study, point, range(start, stop))
    return [{k: _text(v, exact=k in point) for k, v in row.items()} for row in table]


def code() -> str:
    """A digest of this package, and NumPy's version: results of other code are not mixed in."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    digest = sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    return f"lib {digest[:12]}, NumPy {np.__version__}"


def run(
    name: str, seeds: int, folder: Path = RESULTS, workers: int = 1, scheduler: str | None = None
) -> Path:
    """Run a study and store it; the old file is replaced only when the new one is whole.

    What is finished is kept in a file `NAME.part`: a run that was stopped goes on from there, and
    gives the same numbers as one that was not, whoever the workers are (see `lib.workers`). Raises
    ValueError where that file belongs to another run, BlockingIOError while one is busy with it.
    """
    check_widths("study run", seeds=seeds, workers=workers)
    study = find(name)
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.csv"
    order = study.pieces(seeds, STACK)
    with Journal(folder / f"{name}.part") as journal:
        finished = journal.begin([name, study.seed, seeds, STACK, repr(study.grid), code()])
        todo = [(study, *piece) for piece in order if piece not in finished]
        with tqdm(total=len(order), initial=len(finished), desc=name, unit="piece") as bar:
            for (_, *piece), table in completed(_piece, todo, workers, scheduler):
                finished[tuple(piece)] = table
                journal.add(piece, table)
                bar.update()
        _store(path, seeds, [row for piece in order for row in finished[piece]])
        journal.finish()
    return path


def _store(path: Path, seeds: int, table: list[dict]) -> None:
    whole = path.with_suffix(".csv.part")
    with whole.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# python -m lib.study run {path.stem} --seeds {seeds}\n")
        file.write(f"# Python {platform.python_version()}, NumPy {np.__version__}\n")
        writer = csv.DictWriter(file, table[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
        file.flush()
        os.fsync(file.fileno())  # before the journal is deleted
    whole.replace(path)


def _text(value, exact: bool = False) -> str:
    if not isinstance(value, float | np.floating):
        return str(value)
    return np.format_float_positional(value, trim="-") if exact else f"{value:.4g}"


def load(name: str, folder: Path = RESULTS) -> np.ndarray:
    """The stored results as a structured array: `r["loss"]` is a column, one entry per network.

    Raises FileNotFoundError, with the command that makes it, where there is no such file, and
    ValueError where a line is cut short.
    """
    find(name)
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise FileNotFoundError(
            f"study: no results at {path}; make them with: python -m lib.study run {name}"
        )
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    if len(lines) < 2:
        raise ValueError(f"study: {path}: expected a header and results, found {len(lines)} lines")
    for number, line in enumerate(lines):
        if line.count(",") != lines[0].count(","):
            raise ValueError(f"study: {path}, row {number}: expected {lines[0]}, given {line!r}")
    return np.genfromtxt(lines, delimiter=",", names=True, dtype=None, encoding="utf-8")


def select(results: np.ndarray, **values: object) -> np.ndarray:
    """The rows in which every named column has the given value, e.g. activation="tanh"."""
    for column, value in values.items():
        results = results[results[column] == value]
    return results


def verify(name: str, sample: int = 3, folder: Path = RESULTS, rng: Rng = None) -> float:
    """Run `sample` random seeds of each point again; the share of results equal to the stored ones.

    Parameters and seeds do not count. 1.0 on the machine that made them. On another processor,
    where the last digit of a product may differ and training amplifies it, a little less.
    """
    check_widths("study verify", sample=sample)
    study, stored = find(name), load(name, folder)
    measured = [c for c in stored.dtype.names if c not in (*study.grid, "seed")]
    rng, same = np.random.default_rng(rng), []
    for point in study.points():
        at_point = select(stored, **point)
        if not len(at_point):
            raise ValueError(f"study: expected networks of {name} at {point}, found none stored")
        for seed in rng.choice(at_point["seed"], size=min(sample, len(at_point)), replace=False):
            (again,) = rows(study, point, range(seed, seed + 1))
            (before,) = select(at_point, seed=seed)
            same += [_text(again[c]) == _text(before[c]) for c in measured]
    return float(np.mean(same))


def summary(name: str, folder: Path = RESULTS) -> Iterator[str]:
    """One line for each point: its networks, and of each column what `in_short` says of it."""
    stored, grid = load(name, folder), find(name).grid
    measured = [c for c in stored.dtype.names if c not in (*grid, "seed")]
    for point in find(name).points():
        there = select(stored, **point)
        said = [f"{k}={v}" for k, v in point.items()] + [f"{len(there)} networks"]
        for column in measured if len(there) else []:
            said.append(f"{column} {in_short(there[column])}")
        yield ", ".join(said)


def main(arguments: list[str] | None = None) -> None:
    """The command line; an error is one line on stderr and exit status 2."""
    parser = argparse.ArgumentParser(prog="python -m lib.study", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the studies and the size of their grids")
    words = {"run": "run and store", "show": "what is stored", "verify": "run a sample again"}
    for command, text in words.items():
        commands.add_parser(command, help=text).add_argument("name")
    add = commands.choices["run"].add_argument
    add("--seeds", type=int, help="if not those declared")
    add("--workers", type=int, default=1, help="processes of this machine")
    add("--scheduler", help="of a Dask cluster, such as tcp://host:8786")
    commands.choices["verify"].add_argument("--sample", type=int, default=3)
    given = parser.parse_args(arguments)
    try:
        if given.command == "list":
            for name, study in STUDIES.items():
                print(f"{name}: {len(list(study.points()))} points over {', '.join(study.grid)}")
        elif given.command == "run":
            seeds = find(given.name).seeds if given.seeds is None else given.seeds
            print(run(given.name, seeds, workers=given.workers, scheduler=given.scheduler))
        elif given.command == "show":
            print("\n".join(summary(given.name)))
        else:
            print(f"{verify(given.name, given.sample):.1%} of the numbers are the stored ones")
    except (ValueError, OSError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
