"""Events in training: NEVER, and the first step at which something happened to each network."""

from __future__ import annotations

import numpy as np

NEVER = -1  # the step of an event that did not happen


def first_step(steps: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """The first of `steps` (T,) at which `happened` (T, S) is true, per network, or NEVER."""
    return np.where(happened.any(axis=0), steps[happened.argmax(axis=0)], NEVER)
