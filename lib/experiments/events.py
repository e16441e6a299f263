"""What studies store of a run: the first step at which something happened, and short numbers.

What never happened is stored as -1 in a column of whole numbers, what is not known as NaN.
"""

from __future__ import annotations

import numpy as np

NEVER = -1  # the step of an event that did not happen


def first_step(steps: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """The first of `steps` (T,) at which `happened` (T, S) is true, per network, or NEVER."""
    return np.where(happened.any(axis=0), steps[happened.argmax(axis=0)], NEVER)


def significant(values: np.ndarray, digits: int = 2) -> np.ndarray:
    """`values` rounded to so many significant digits, so that a stored study stays small."""
    return np.array([float(f"{value:.{digits}g}") for value in values])


def in_short(column: np.ndarray) -> str:
    """The median and the middle 80% of a stored column, NEVER and NaN counted apart.

    Of a column of words: how many there are, of how many kinds.
    """
    if column.dtype.kind == "U":
        return f"{len(column)} words of {len(np.unique(column))} kinds"
    whole = column.dtype.kind == "i"
    known = column[column != NEVER] if whole else column[~np.isnan(column)]
    lost = len(column) - len(known)
    known = known.astype(float) if len(known) else [np.nan]
    low, middle, high = np.quantile(known, (0.1, 0.5, 0.9))
    note = f" ({lost} {'never' if whole else 'NaN'})" if lost else ""
    return f"{middle:.3g} [{low:.3g}, {high:.3g}]{note}"
