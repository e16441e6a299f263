"""Two special functions that NumPy lacks or that overflow as the books write them."""

from __future__ import annotations

import math
from functools import cache

import numpy as np


def sigmoid(x):
    """1 / (1 + exp(-x)) by an exponent that is never positive, so that nothing overflows.

    For x >= 0 it is 1 / (1 + e), for x < 0 it is e / (1 + e), with e = exp(-|x|). Derived in
    chapter 02, which also shows what the plain formula does at x = -1000.
    """
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


@cache
def _cdf_table():
    """Phi and its slope at the nodes -8.5, ..., 8.5, 256 to the unit, from the exact math.erfc."""
    nodes = np.arange(-8.5 * 256, 8.5 * 256 + 2) / 256
    cdf = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in nodes])
    return nodes[0], cdf, np.exp(-0.5 * nodes**2) / math.sqrt(2 * math.pi)


def normal_cdf(x):
    """Phi(x) to 1e-12. NumPy has no erf: a cubic through two nodes of a table and their slopes.

    The error of such a cubic is h^4 / 384 times the fourth derivative, here 1e-12. Beyond +-8.5,
    Phi is 0 or 1 to 1e-17.
    """
    low, cdf, slope = _cdf_table()
    place = (np.clip(x, -8.5, 8.5).astype(np.float64) - low) * 256
    i = place.astype(np.int64)
    t = place - i
    left, right, h = cdf[i], cdf[i + 1], 1 / 256
    rise = right - left
    bend = t * (1 - t) * ((1 - t) * (h * slope[i] - rise) - t * (h * slope[i + 1] - rise))
    return (left + t * rise + bend).astype(x.dtype)


def normal_density(x):
    """phi(x) = exp(-x^2 / 2) / sqrt(2 pi), the slope of Phi; x is cut at +-40, where it is 0."""
    x = np.clip(x, -40, 40)
    return np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
