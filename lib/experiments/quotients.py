"""Difference quotients of a network's loss, along random lines through its weights (chapter 19)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib.experiments.practice import WIDTHS, practice_data
from lib.init import kaiming_normal
from lib.losses import CrossEntropyLoss
from lib.models import mlp


def along_lines(
    activation: Callable, dtype: DTypeLike, steps: ArrayLike, lines: int = 40
) -> tuple[np.ndarray, np.ndarray]:
    """One network's slope along random lines (lines,), its loss at -h, 0, h (steps, 3, lines).

    The loss is that of 8 digits; each line has length about 1 in the space of all parameters.
    """
    images, classes = (a[:8] for a in practice_data(dtype)[0])
    same = [np.random.default_rng(1) for _ in range(lines)]  # one network, many times
    net = mlp(list(WIDTHS), activation, init=kaiming_normal, rng=same, dtype=dtype)
    parameters, rng, loss = net.parameters(), np.random.default_rng(2), CrossEntropyLoss()
    loss.forward(net.forward(images), classes)
    net.backward(loss.backward())
    start = [p.data.copy() for p in parameters]
    length = np.sqrt(sum(s[0].size for s in start))
    ways = [(rng.normal(size=s.shape) / length).astype(dtype) for s in start]
    slope = sum((p.grad * u).sum(axis=(-2, -1)) for p, u in zip(parameters, ways, strict=True))
    values = []
    for h in np.outer(steps, (-1, 0, 1)).ravel():
        for p, s, u in zip(parameters, start, ways, strict=True):
            p.data[...] = s + u.dtype.type(h) * u
        values.append(loss.forward(net.forward(images), classes))
    return slope, np.reshape(values, (len(steps), 3, -1))


def quotient_errors(
    activation: Callable, dtype: DTypeLike, steps: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """The relative errors of the one-sided and of the central quotient, (steps, lines) each."""
    slope, values = along_lines(activation, dtype, steps)
    low, middle, high = np.moveaxis(values.astype(np.float64), 1, 0)
    h = np.asarray(steps)[:, None]
    one_sided, central = (high - middle) / h, (high - low) / (2 * h)
    return np.abs(one_sided / slope - 1), np.abs(central / slope - 1)
