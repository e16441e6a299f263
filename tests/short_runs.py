"""Short runs of every stored study: has its experiment changed since its results were stored?

A study takes minutes, and on another processor training carries the last digit into the first;
but 25 steps of its first point take no time and come out alike everywhere. Their numbers stand in
short-runs.json. Where an experiment no longer gives them, its stored results are of other code:

    python -m lib.study run NAME --workers 2
    python tests/short_runs.py NAME
"""

import inspect
import json
import sys
from pathlib import Path

from lib.experiments.studies import STUDIES
from lib.seeds import generators

STORED = Path(__file__).with_name("short-runs.json")
STEPS, NETWORKS = 25, 3
LONGER = {"isometry": 200}  # whose networks have all learned by then, and none before
LONGER |= {"xor-adam": 101, "xor-sgd": 101}  # which are looked at every 100 steps
NOT_ALIKE = {  # numbers that the processor decides
    "activations": ("val2", "test2"),  # a learning rate on the edge of divergence
    "digits-faults": ("gradient",),  # the rounding error of a difference quotient
}


def measure(name: str) -> dict[str, list[float]]:
    """What three networks give at the first point of a study's grid, by column."""
    study = STUDIES[name]
    takes = inspect.signature(study.experiment).parameters
    steps = LONGER.get(name, STEPS)
    options = next(study.points()) | {k: steps for k in ("steps", "updates") if k in takes}
    columns = study.experiment(**options, rngs=generators(study.seed, NETWORKS))
    return {
        column: [float(f"{value:.6g}") for value in values]
        for column, values in columns.items()
        if column not in NOT_ALIKE.get(name, ())
    }


def main(names: list[str]):
    """Measure these studies, or all, and store the numbers beside those of the others."""
    stored = json.loads(STORED.read_text()) if STORED.exists() else {}
    stored |= {name: measure(name) for name in names or STUDIES}
    lines = [
        f"{json.dumps(name)}: {json.dumps(stored[name])}" for name in STUDIES if name in stored
    ]
    STORED.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
