"""Probes: numbers that say how a network is doing. They look and never change anything.

All reduce the two last axes (examples and features) and keep what stands before them, so a
stack of networks gives one number per network.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import accumulate
from math import comb

import numpy as np
from numpy.typing import ArrayLike

from lib.activations import Activation
from lib.layers import Layer


def rms(a: ArrayLike) -> np.ndarray | float:
    """The root mean square of the entries, over the two last axes: (..., N, D) to (...).

    Computed in float64 and after division by the largest entry, so that a gradient of 1e-200 is
    not squared to 0: underflow must not pass for vanishing. NaN where an entry is NaN.
    """
    a = np.abs(np.asarray(a, dtype=np.float64))
    largest = a.max(axis=(-2, -1), keepdims=True, initial=0.0)
    with np.errstate(invalid="ignore"):  # inf / inf is NaN, and that is the answer
        scaled = np.divide(a, largest, out=np.zeros_like(a), where=largest != 0)
    return largest[..., 0, 0] * np.sqrt((scaled * scaled).mean(axis=(-2, -1)))


def rms_by_depth(arrays: Sequence) -> np.ndarray:
    """`rms` of each array of a list, stacked in front: (layers, ...).

    Made for `net.signals`, `net.gradients` and `[p.grad for p in net.parameters()]`.
    """
    return np.stack([rms(a) for a in arrays])


def decay_per_layer(by_depth: ArrayLike) -> np.ndarray | float:
    """The factor by which a gradient changes per layer on its way *back*: (layers, ...) to (...).

    The geometric mean: (first / last) ** (1 / (layers - 1)), where first is nearest to the input.
    Below 1 the gradient vanishes, above 1 it explodes; where first / last is too small or too large
    for float64, the answer is 0 or infinite. Raises ValueError for fewer than two layers.
    Derived in chapter 03.
    """
    by_depth = np.asarray(by_depth)
    if len(by_depth) < 2:
        raise ValueError(f"decay_per_layer: expected at least two layers, given {len(by_depth)}")
    return (by_depth[0] / by_depth[-1]) ** (1 / (len(by_depth) - 1))


def saturated_share(layer: Activation, fraction: float = 0.1) -> np.ndarray | float:
    """The share of outputs where the slope is below `fraction` of its maximum, per network (...).

    For an activation layer after a forward pass; the maximum is taken over -10 to 10. Chapter 02
    says why a tenth is a good border. Raises TypeError for a layer that has no slope `df`.
    """
    slopes, grid = _slopes(layer, "saturated_share"), np.linspace(-10, 10, 2001)
    steepest = np.abs(layer.df(grid, layer.f(grid))).max()
    return (np.abs(slopes) < fraction * steepest).mean(axis=(-2, -1))


def dead_share(layer: Activation) -> np.ndarray | float:
    """The share of units whose slope is 0 for *every* example of the last batch, per network (...).

    Such a unit passes no gradient to its weights, so no step on this batch can revive it.
    Chapter 06 measures it for ReLU. Raises TypeError for a layer that has no slope `df`.
    """
    return (_slopes(layer, "dead_share") == 0).all(axis=-2).mean(axis=-1)


def _slopes(layer, owner: str):
    """The slope at each entry of the last batch."""
    if not isinstance(layer, Activation):
        name = type(layer).__name__
        raise TypeError(f"{owner}: expected an element-wise activation, given {name}")
    return layer.df(layer.x, layer.y)


def update_ratio(before: Sequence, parameters: Sequence) -> np.ndarray:
    """How far each parameter moved, relative to its size: rms(now - before) / rms(before).

    `before` holds copies of the data, in the order of `parameters`. About 1e-3 per step is
    healthy; the answer has shape (parameters, ...). For a parameter that was 0 it is infinite, and
    NaN if it still is 0. Used in chapters 03 and 19.
    """
    pairs = list(zip(before, parameters, strict=True))
    moved = np.stack([rms(p.data - old) for old, p in pairs])
    with np.errstate(divide="ignore", invalid="ignore"):
        return moved / np.stack([rms(old) for old, _ in pairs])


def jacobian(layer: Layer, x: ArrayLike) -> np.ndarray:
    """dy/dx at one point x (D,) or (1, D): the matrix (..., K, D), one row per output.

    One backward pass: x stands K times in a batch, and each copy asks for another output. So the
    layer must treat examples apart (BatchNorm1d only after `eval()`). Its singular values say how
    much each direction grows (chapter 20): `np.linalg.svd(jacobian(net, x), compute_uv=False)`.
    """
    layer = copy.deepcopy(layer)  # what the layer itself keeps for its own way back stays
    x = np.reshape(x, (1, -1))
    outputs = layer.forward(x).shape[-1]
    y = layer.forward(np.repeat(x, outputs, axis=0))
    return layer.backward(np.broadcast_to(np.eye(outputs), y.shape).copy())


def accuracy(logits: ArrayLike, target: ArrayLike) -> np.ndarray | float:
    """The share of examples on the right side of logit 0, per network: (..., N, 1) to (...).

    A NaN is on no side and counts as class 0, as `prediction > 0.5` does in most scripts.
    """
    return ((np.asarray(logits) > 0) == (np.asarray(target) > 0.5)).mean(axis=(-2, -1))


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95% interval for a share, e.g. of seeds that solve a task. Never leaves [0, 1].

    Raises ValueError unless 0 <= successes <= trials and trials >= 1. Source: Wilson 1927,
    Probable inference, the law of succession, and statistical inference. JASA 22(158).
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"wilson: expected 0 to trials successes, given {successes} of {trials}")
    share, z = successes / trials, 1.96
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * np.sqrt(share * (1 - share) / trials + z * z / (4 * trials**2))
    half /= 1 + z * z / trials
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def median_interval(values: ArrayLike) -> tuple[float, float]:
    """The 95% interval of a median, by ranks: (n,) independent values of any one distribution.

    How many of n values lie below the true median is a count of heads in n tosses, which leaves
    the middle ranks in at most 5% of all samples. Of 100 values these are the 40th to the 61st.
    Raises ValueError for fewer than 6 values and for a NaN. Source: Thompson 1936, On confidence
    ranges for the median. The Annals of Mathematical Statistics 7(3).
    """
    values = np.sort(np.asarray(values, float))
    n = len(values)
    if n < 6 or np.isnan(values).any():
        raise ValueError(f"median_interval: expected 6 values or more, no NaN; given {values}")
    at_most = accumulate(comb(n, heads) for heads in range(n))
    rank = sum(40 * ways <= 2**n for ways in at_most)  # 1 / 40 at either end
    return float(values[rank - 1]), float(values[-rank])
