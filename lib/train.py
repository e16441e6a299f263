"""Training: the loop that chapter 03 writes out once, for one network or a stack of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.layers import Layer
from lib.losses import Loss
from lib.optim import SGD


def fit(
    net: Layer,
    loss: Loss,
    optimiser: SGD,
    x,
    target,
    *,
    steps: int,
    every: int = 1,
    probe: Callable[[Layer], object] | None = None,
) -> dict[str, np.ndarray]:
    """Full-batch gradient descent; returns what was recorded on the way.

    In each step: forward, loss, backward, update. At every `every`-th step, the first included,
    the loss and whatever `probe(net)` says are recorded, *before* the update. The answer has "step"
    of shape (T,), "loss" of shape (T, ...) and, with a probe, "probe" of shape (T, ...).
    A network whose loss becomes NaN stays NaN and disturbs no other. Raises ValueError for steps or
    every below 1.
    """
    if steps < 1 or every < 1:
        raise ValueError(f"fit: expected steps >= 1 and every >= 1, given {steps=}, {every=}")
    record: dict[str, list] = {"step": [], "loss": []} | ({"probe": []} if probe else {})
    with np.errstate(
        all="ignore"
    ):  # a NaN is recorded below, once, and not warned about in each step
        for step in range(steps):
            value = loss.forward(net.forward(x), target)
            optimiser.zero_grad()
            net.backward(loss.backward())
            if step % every == 0:
                record["step"].append(step)
                record["loss"].append(value)
                if probe:
                    record["probe"].append(probe(net))
            optimiser.step()
    return {name: np.stack(values) for name, values in record.items()}
