"""What studies store of a run: the first step at which something happened, and short numbers."""

from __future__ import annotations

import numpy as np

NEVER = -1  # the step of an event that did not happen


def first_step(steps: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """The first of `steps` (T,) at which `happened` (T, S) is true, per network, or NEVER."""
    return np.where(happened.any(axis=0), steps[happened.argmax(axis=0)], NEVER)


def significant(values: np.ndarray, digits: int = 2) -> np.ndarray:
    """`values` rounded to so many significant digits, so that a stored study stays small."""
    return np.array([float(f"{value:.{digits}g}") for value in values])
