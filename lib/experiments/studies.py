"""The studies that are stored: for each an experiment, its grid of points, and how many seeds."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lib import experiments


@dataclass(frozen=True)
class Study:
    """An experiment, the values of each parameter, the seed of its generators, networks a point.

    Raises ValueError for values that a stored study could not be asked for: those of a parameter
    must be all words or all numbers.
    """

    experiment: Callable
    grid: dict[str, tuple]
    seed: int
    seeds: int

    def __post_init__(self):
        for name, values in self.grid.items():
            if not any(all(isinstance(v, kind) for v in values) for kind in (str, int | float)):
                raise ValueError(
                    f"Study: expected {name} to be all words or all numbers, given {values}"
                )

    def points(self) -> Iterator[dict]:
        """Every point of the grid, as keyword arguments of the experiment."""
        for values in itertools.product(*self.grid.values()):
            yield dict(zip(self.grid, values, strict=True))

    def pieces(self, seeds: int, stack: int) -> list[tuple[int, int, int]]:
        """Pieces of at most `stack` seeds: the number of a point, its first seed, the last + 1."""
        return [
            (number, start, min(start + stack, seeds))
            for number, _ in enumerate(self.points())
            for start in range(0, seeds, stack)
        ]


STUDIES = {
    "xor-ten-layers": Study(
        experiments.xor_ten_layers,
        {"activation": tuple(experiments.ACTIVATIONS), "loss": ("naive", "logits")},
        seed=17_500,
        seeds=1000,
    ),
    "xor-by-depth": Study(
        experiments.xor_by_depth,
        {"activation": tuple(experiments.ACTIVATIONS), "depth": (1, 2, 3, 4, 5, 6, 8, 10, 14, 20)},
        seed=17_500,
        seeds=100,
    ),
    "xor-adam": Study(
        experiments.xor_by_optimiser,
        {"optimiser": ("Adam",), "loss": ("naive", "logits"), "lr": (0.01,)},
        seed=17_500,
        seeds=1000,
    ),
    "xor-sgd": Study(
        experiments.xor_by_optimiser,
        {"optimiser": ("SGD", "momentum"), "loss": ("logits",), "lr": (0.1, 1.0, 3.0, 10.0)},
        seed=17_500,
        seeds=200,
    ),
    "decay-by-start": Study(
        experiments.decay_by_start, {"activation": experiments.DECAYING}, seed=3, seeds=100
    ),
    "zig-zag": Study(
        experiments.shifted_layer,
        {"shift": (0.0, 0.25, 0.5, 1.0, 2.0), "step_length": experiments.STEP_LENGTHS},
        seed=44,
        seeds=100,
    ),
    "dying-relu": Study(
        experiments.dying_units,
        {"bias": (-2, -1, 0, 1, 2), "lr": (0, 0.1, 0.25, 0.5, 1, 1.4, 2)},
        seed=6,
        seeds=100,
    ),
    "start-by-norm": Study(
        experiments.right_by_scale,
        {"norm": ("none", "batch"), "lr": (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)},
        seed=15,
        seeds=100,
    ),
    "digits-by-depth": Study(
        experiments.digits_by_depth,
        {
            "start": tuple(experiments.STARTS),
            "depth": (2, 5, 10, 15, 20, 40),
            "lr": (0.001, 0.003, 0.01, 0.03, 0.1),
        },
        seed=1400,
        seeds=110,
    ),
    "digits-adam": Study(
        experiments.digits_by_depth,
        {
            "optimiser": ("Adam",),
            "start": ("tanh 0.01", "ReLU Xavier", "ReLU He", "sigmoid Xavier"),
            "depth": (5, 20, 40),
            "lr": (0.0003, 0.001, 0.003, 0.01, 0.03),
        },
        seed=1400,
        seeds=110,
    ),
    "adding-problem": Study(
        experiments.adding,
        {"cell": tuple(experiments.CELLS), "length": (10, 20, 40, 80)},
        seed=1997,
        seeds=100,
    ),
    "residual-depth": Study(
        experiments.residual_depth,
        {
            "kind": tuple(experiments.BLOCKS),
            "depth": (2, 5, 10, 20, 50),
            "lr": (0.003, 0.01, 0.03, 0.1),
        },
        seed=16,
        seeds=100,
    ),
    "activations": Study(
        experiments.compare_activations, experiments.CONTEST, seed=1200, seeds=100
    ),
    "digits-by-rate": Study(
        experiments.digits_by_rate,
        {
            "optimiser": experiments.OPTIMISERS,
            "lr": (1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0),
        },
        seed=1901,
        seeds=120,
    ),
    "digits-remedies": Study(
        experiments.digits_remedies,
        {"remedy": experiments.REMEDIES, "examples": (100, 1000), "wrong": (0.0, 0.2)},
        seed=1902,
        seeds=100,
    ),
    "digits-faults": Study(
        experiments.digits_faults, {"fault": experiments.FAULTS}, seed=1903, seeds=100
    ),
    "trainable-depth": Study(
        experiments.trainable_depth,
        {
            "sigma_w": (0.8, 1.0, 1.15, 1.33, 1.6, 2.0, 2.5),
            "depth": (4, 8, 16, 24, 40, 64),
            "lr": (0.001, 0.005, 0.025),
        },
        seed=2000,
        seeds=105,
    ),
    "isometry": Study(
        experiments.steps_to_learn,
        {
            "weights": experiments.WEIGHTS,
            "depth": (8, 16, 32, 64),
            "lr": (0.003, 0.01, 0.03),
        },
        seed=2001,
        seeds=105,
    ),
}


def find(name: str) -> Study:
    """The study of that name. Raises ValueError for an unknown one, with those there are."""
    if name not in STUDIES:
        raise ValueError(f"study: expected one of {', '.join(STUDIES)}; given {name!r}")
    return STUDIES[name]
