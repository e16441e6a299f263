"""Two special functions that NumPy lacks or that overflow as the books write them."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

PIECE = 2**15  # numbers at a time: all that a step needs of them stays in the processor's cache


def sigmoid(x: np.ndarray | float) -> np.ndarray | float:
    """1 / (1 + exp(-x)) by an exponent that is never positive, so that nothing overflows.

    For x >= 0 it is 1 / (1 + e), for x < 0 it is e / (1 + e), with e = exp(-|x|). Derived in
    chapter 02, which also shows what the plain formula does at x = -1000.
    """
    e = np.exp(-np.abs(x))
    return np.maximum(x >= 0, e) / (1.0 + e)  # above: 1 where x >= 0, and e, never above 1, else


@cache
def _cdf_table(dtype):
    """Phi and its slope phi at the nodes -8.5, ..., 8.5, 256 to the unit, from math.erfc."""
    nodes = np.arange(-8.5 * 256, 8.5 * 256 + 1) / 256
    cdf = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in nodes])
    cdf[0] = 0.0  # and not 1e-17, which GELU would multiply by any x, however large
    return cdf.astype(dtype), normal_density(nodes).astype(dtype)


def normal_cdf(x: np.ndarray) -> np.ndarray:
    """Phi(x) to 1e-12. NumPy has no erf: from the nearest node of a table, a Taylor polynomial.

    With phi' = -x phi, the derivatives of Phi at a node v are phi, -v phi and (v^2 - 1) phi. The
    next term is at most d^4 / 24 * 0.6 for d = 1/512. Beyond +-8.5 it gives 0 or 1: to 1e-17.
    """
    x = np.clip(x, -8.5, 8.5)
    cdf, density = _cdf_table(x.dtype)
    y = np.empty(x.shape, x.dtype)
    flat, result = x.reshape(-1), y.reshape(-1)
    for begin in range(0, x.size, PIECE):
        piece = slice(begin, begin + PIECE)
        v = np.rint(flat[piece] * 256)
        with np.errstate(invalid="ignore"):  # NaN has no place in the table; d below is NaN too
            i = v.astype(np.int32) + 2176  # 8.5 * 256
        v /= 256
        d = flat[piece] - v
        slope = density.take(i, mode="clip")
        taylor = slope * d * (1 - d * (v / 2 - d * (v * v - 1) / 6))
        result[piece] = cdf.take(i, mode="clip") + taylor
    return y[()]


def normal_density(x: np.ndarray) -> np.ndarray:
    """phi(x) = exp(-x^2 / 2) / sqrt(2 pi), the slope of Phi; x is cut at +-40, where it is 0."""
    x = np.clip(x, -40, 40)
    return np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
