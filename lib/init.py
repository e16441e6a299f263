"""Initialisers: where the weights start.

Each is a function of a shape (fan_in, fan_out) and a random generator and returns a new array, so
torch's names stand here without the trailing underscore. They are the only place in the course
that knows about seeds: given a list of generators, they draw one network after the other and
stack the draws on a leading axis. Chapter 14 derives the scales; chapter 03 shows why they matter.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral

import numpy as np


def check_widths(owner: str, **widths: int):
    """Raise ValueError unless every named width is a whole number of at least 1."""
    for name, width in widths.items():
        if not isinstance(width, Integral) or width < 1:
            raise ValueError(f"{owner}: expected {name} to be a whole number >= 1, given {width!r}")


def generators(seed: int, count: int) -> list[np.random.Generator]:
    """`count` independent generators, the i-th the same however many are asked for.

    The i-th belongs to experiment i: train it alone or stacked with others, its numbers are the
    same. Source: NumPy's SeedSequence, which spawns streams that do not overlap.
    """
    check_widths("generators", count=count)
    return [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(count)]


def _draw(rng, draw: Callable, dtype):
    """`draw(generator)` for one generator; for a (nested) list of them, the draws stacked."""
    if isinstance(rng, list | tuple):
        if not rng:
            raise ValueError("initialiser: expected at least one generator, given an empty list")
        return np.stack([_draw(one, draw, dtype) for one in rng])
    return draw(np.random.default_rng(rng)).astype(dtype)


def _fans(name: str, shape) -> tuple[int, int]:
    if len(shape) != 2:
        raise ValueError(f"{name}: expected a shape (fan_in, fan_out), given {tuple(shape)}")
    check_widths(name, fan_in=shape[0], fan_out=shape[1])
    return shape


def zeros(shape, rng=None, *, dtype=np.float64):
    """All zeros, one copy per generator; draws nothing. Right for biases, fatal for weights."""
    return _draw(rng, lambda g: np.zeros(_fans("zeros", shape)), dtype)


def normal(shape, rng=None, *, mean: float = 0.0, std: float = 1.0, dtype=np.float64):
    """Gaussian draws with the given mean and standard deviation, whatever the fans are.

    With std=1 this is what many first scripts do, and what chapter 03 takes apart.
    Raises ValueError for a negative std.
    """
    if std < 0:
        raise ValueError(f"normal: expected std >= 0, given {std}")
    fans = _fans("normal", shape)
    return _draw(rng, lambda g: g.normal(mean, std, fans), dtype)


def xavier_normal(shape, rng=None, *, gain: float = 1.0, dtype=np.float64):
    """Gaussian draws with std = gain * sqrt(2 / (fan_in + fan_out)).

    The compromise between keeping the signal's variance going forward (1 / fan_in) and the
    gradient's going backward (1 / fan_out). Source: Glorot & Bengio 2010, section 4.2.1, eq. 12.
    Derived in chapter 14.
    """
    fan_in, fan_out = _fans("xavier_normal", shape)
    return normal(shape, rng, std=gain * np.sqrt(2.0 / (fan_in + fan_out)), dtype=dtype)
