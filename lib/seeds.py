"""Seeds: the one place that knows how many networks are drawn, and from which generators.

A generator belongs to one experiment. Where a list of them is given, each draws for its own
network, and the draws are stacked on a leading axis; so a network has the same numbers alone and in
a stack.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral

import numpy as np
from numpy.typing import DTypeLike

Rng = np.random.Generator | int | None | Sequence["Rng"]  # a list: one per stacked network


def check_widths(owner: str, **widths: int) -> None:
    """Raise ValueError unless every named width is a whole number of at least 1."""
    for name, width in widths.items():
        if not isinstance(width, Integral) or width < 1:
            raise ValueError(f"{owner}: expected {name} to be a whole number >= 1, given {width!r}")


def refuse_x(owner: str, x: np.ndarray, axes: str, features: int) -> None:
    """Raise ValueError for an x that is not of shape (..., axes, features)."""
    raise ValueError(f"{owner}: expected x of shape (..., {axes}, {features}), given {x.shape}")


def check_gradient(owner: str, data: np.ndarray, grad: np.ndarray | float) -> None:
    """Raise ValueError where a gradient `grad` is of more networks than its parameter `data`."""
    if np.shape(grad)[:-2] not in ((), data.shape[:-2]):
        raise ValueError(
            f"{owner}: expected a gradient of the parameter's shape {data.shape}, given "
            f"{np.shape(grad)}: x has leading axes that the parameters have not"
        )


def generators(seed: int, count: int) -> list[np.random.Generator]:
    """`count` independent generators, the i-th the same however many are asked for.

    The i-th belongs to experiment i: train it alone or stacked with others, its numbers are the
    same. Source: NumPy's SeedSequence, which spawns streams that do not overlap.
    """
    check_widths("generators", count=count)
    return [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(count)]


def as_generators(rng: Rng) -> np.random.Generator | list:
    """`rng`, or every entry of a (nested) list, as a generator; None draws fresh entropy."""
    if isinstance(rng, Sequence | np.ndarray):
        if not len(rng):
            raise ValueError("initialiser: expected at least one generator, given an empty list")
        return [as_generators(one) for one in rng]
    return np.random.default_rng(rng)


def draw_each(rng: Rng, draw: Callable, dtype: DTypeLike) -> np.ndarray:
    """`draw(generator)` for one generator; for a (nested) list of them, the draws stacked."""
    rng = as_generators(rng)
    if isinstance(rng, list):
        return np.stack([draw_each(one, draw, dtype) for one in rng])
    return draw(rng).astype(dtype)


def uniform_like(x: np.ndarray, rng: np.random.Generator | list) -> np.ndarray:
    """Uniform draws from [0, 1) of x's shape: one generator for all, or one per leading entry."""
    if isinstance(rng, list):
        if x.ndim < 3 or len(rng) != len(x):
            wanted = f"x ({len(rng)}, ..., N, D), one network per generator"
            raise ValueError(f"Dropout: expected {wanted}; given {x.shape}")
        return np.stack([uniform_like(*pair) for pair in zip(x, rng, strict=True)])
    return rng.random(x.shape, dtype=np.float32 if x.dtype == np.float32 else np.float64)
