"""Studies: an experiment over a grid of points and many seeds, its results kept in `results/`.

A chapter must run in seconds, a claim about training needs hundreds of seeds; so the long runs
are made once, by the command below, and stored as plain CSV. The chapter loads them, runs a sample
again, and asserts that both agree.

    python -m lib.study list
    python -m lib.study run xor-ten-layers
    python -m lib.study verify xor-ten-layers
"""

from __future__ import annotations

import argparse
import csv
import itertools
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib import experiments
from lib.seeds import Rng, check_widths, generators

RESULTS = Path(__file__).parent / "results"
STACK = 200  # networks that train side by side; no result depends on it


@dataclass(frozen=True)
class Study:
    """An experiment, the values of each parameter, the seed of its generators, networks a point."""

    experiment: Callable
    grid: dict[str, tuple]
    seed: int
    seeds: int

    def points(self) -> Iterator[dict]:
        """Every point of the grid, as keyword arguments of the experiment."""
        for values in itertools.product(*self.grid.values()):
            yield dict(zip(self.grid, values, strict=True))


STUDIES = {
    "xor-ten-layers": Study(
        experiments.xor_ten_layers,
        {"activation": tuple(experiments.ACTIVATIONS), "loss": ("naive", "logits")},
        seed=17_500,
        seeds=1000,
    ),
    "digits-by-depth": Study(
        experiments.digits_by_depth,
        {
            "start": tuple(experiments.STARTS),
            "depth": (2, 5, 10, 15, 20, 40),
            "lr": (0.001, 0.003, 0.01, 0.03, 0.1),
        },
        seed=1400,
        seeds=40,
    ),
    "adding-problem": Study(
        experiments.adding,
        {"cell": tuple(experiments.CELLS), "length": (10, 20, 40, 80)},
        seed=1997,
        seeds=30,
    ),
    "residual-depth": Study(
        experiments.residual_depth,
        {
            "kind": tuple(experiments.BLOCKS),
            "depth": (2, 5, 10, 20, 50),
            "lr": (0.003, 0.01, 0.03, 0.1),
        },
        seed=16,
        seeds=20,
    ),
    "activations": Study(
        experiments.compare_activations, experiments.CONTEST, seed=1200, seeds=100
    ),
}


def find(name: str) -> Study:
    """The study of that name. Raises ValueError for an unknown one, with those there are."""
    if name not in STUDIES:
        raise ValueError(f"study: expected one of {', '.join(STUDIES)}; given {name!r}")
    return STUDIES[name]


def rows(study: Study, point: dict, seeds: range) -> Iterator[dict]:
    """The results of one point for some seeds, as dictionaries, one per network."""
    rngs = generators(study.seed, seeds.stop)[seeds.start :]
    columns = study.experiment(**point, rngs=rngs)
    if clash := columns.keys() & {*point, "seed"}:
        raise ValueError(f"study: expected columns that are no parameters, given {sorted(clash)}")
    for i, seed in enumerate(seeds):
        yield point | {"seed": seed} | {name: column[i] for name, column in columns.items()}


def run(name: str, seeds: int, folder: Path = RESULTS) -> Path:
    """Run a study and store it; the old file is replaced only when the new one is whole."""
    check_widths("study run", seeds=seeds)
    study = find(name)
    table = []
    for point in study.points():
        for start in range(0, seeds, STACK):
            table += rows(study, point, range(start, min(start + STACK, seeds)))
            print(*point.values(), f"{len(table)} rows", file=sys.stderr)
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.csv"
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# python -m lib.study run {name} --seeds {seeds}\n")
        file.write(f"# Python {platform.python_version()}, NumPy {np.__version__}\n")
        writer = csv.DictWriter(file, table[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: _text(v) for k, v in row.items()} for row in table)
    unfinished.replace(path)
    return path


def _text(value) -> str:
    return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)


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
    """Run `sample` random seeds of each point again; the share of numbers equal to the stored ones.

    1.0 on the machine that made them. On another processor, where the last digit of a product may
    differ and training amplifies it, a little less.
    """
    study, stored = find(name), load(name, folder)
    rng = np.random.default_rng(rng)
    same = []
    for point in study.points():
        at_point = select(stored, **point)
        for seed in rng.choice(at_point["seed"], size=sample, replace=False):
            (again,) = rows(study, point, range(seed, seed + 1))
            (before,) = select(at_point, seed=seed)
            same += [_text(again[c]) == _text(before[c]) for c in at_point.dtype.names]
    return float(np.mean(same))


def main(arguments: list[str] | None = None) -> None:
    """The command line; an error is one line on stderr and exit status 2."""
    parser = argparse.ArgumentParser(prog="python -m lib.study", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the studies and the size of their grids")
    for command, text in (("run", "run and store"), ("verify", "run a sample again and compare")):
        sub = commands.add_parser(command, help=text)
        sub.add_argument("name")
    commands.choices["run"].add_argument("--seeds", type=int, help="if not those declared")
    commands.choices["verify"].add_argument("--sample", type=int, default=3)
    given = parser.parse_args(arguments)
    try:
        if given.command == "list":
            for name, study in STUDIES.items():
                print(f"{name}: {len(list(study.points()))} points over {', '.join(study.grid)}")
        elif given.command == "run":
            seeds = find(given.name).seeds if given.seeds is None else given.seeds
            print(run(given.name, seeds))
        else:
            print(f"{verify(given.name, given.sample):.1%} of the numbers are the stored ones")
    except (ValueError, OSError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
