"""The decay of the gradient per layer, by activation function and by start (chapters 03 and 14).

The networks are those of the gradient microscope: 64 units wide, no biases, 64 random examples.
"""

from __future__ import annotations

import numpy as np

from lib.probes import decay_per_layer
from lib.propagation import ACTIVATIONS, measure, predict

DEPTH = 20
DECAY_STARTS = {  # a column of the study, and the initialisation of the microscope
    "small": "0.01",
    "one": "1.0",
    "Xavier": "Xavier",
    "He": "He",
    "orthogonal": "orthogonal",
}


def decay_by_start(activation: str, rngs: list[np.random.Generator]) -> dict[str, np.ndarray]:
    """The factor by which the gradient's rms changes per layer back, over 20 layers.

    One column for each of DECAY_STARTS, all from the same generators. Raises ValueError for an
    activation function that the microscope does not know.
    """
    states = [g.bit_generator.state for g in rngs]
    found = {}
    for column, init in DECAY_STARTS.items():
        for g, state in zip(rngs, states, strict=True):
            g.bit_generator.state = state
        found[column] = decay_per_layer(measure(activation, init, DEPTH, rng=rngs)["gradient"])
    return found


def predicted_decay(activation: str, start: str) -> float:
    """What mean-field theory expects of the same, for a column of DECAY_STARTS.

    The theory speaks of mean squares: compare it with the root of the mean over networks of
    decay ** (2 * DEPTH), to the power 1 / DEPTH. Raises ValueError for another start.
    """
    if start not in DECAY_STARTS:
        names = ", ".join(DECAY_STARTS)
        raise ValueError(f"predicted_decay: expected one of {names}; given {start!r}")
    return float(decay_per_layer(predict(activation, DECAY_STARTS[start], DEPTH)[1]))


DECAYING = tuple(ACTIVATIONS)  # the grid of the study
