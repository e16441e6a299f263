"""Batch normalization: learning rate against initial scale, and blocks with and without it.

The map trains spirals, the blocks train handwritten digits; all networks of a call side by side.
`Noise` and `Watch` are the two layers by which chapter 15 tests internal covariate shift.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np

from lib.activations import ReLU
from lib.data import digits, spirals
from lib.init import kaiming_normal
from lib.layers import Layer, Linear, Sequential
from lib.losses import CrossEntropyLoss
from lib.models import mlp
from lib.normalization import BatchNorm1d
from lib.optim import SGD
from lib.seeds import generators
from lib.train import fit

RATES = [0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
SCALES = [0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0]
NORMS = {"none": None, "batch": "batch"}
ENOUGH = 54  # of the 60 points: the network has learned


def rate_by_scale(norm: str | None, seeds: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Gradient descent on 60 points of three spirals for every one of RATES x SCALES.

    Five linear layers with He's weights times the scale, 120 steps. Returns the losses, one row
    for every tenth step, (12, rates, scales, seeds), and who has at least 54 points right in the
    end, (rates, scales, seeds). Used in chapter 15.
    """
    losses, right = _by_scale(norm, RATES, generators(15, seeds))
    return losses, right >= ENOUGH


def right_by_scale(norm: str, lr: float, rngs: list[np.random.Generator]) -> dict[str, np.ndarray]:
    """The same for one learning rate: how many of the 60 points are right in the end.

    `norm` is "batch" or "none"; one column for each of SCALES, `right0` for the smallest.
    """
    if norm not in NORMS:
        raise ValueError(f"right_by_scale: expected one of {', '.join(NORMS)}; given {norm!r}")
    _, right = _by_scale(NORMS[norm], [lr], rngs)
    return {f"right{k}": count for k, count in enumerate(right[0])}


def _by_scale(norm: str | None, rates: list[float], rngs: list) -> tuple[np.ndarray, np.ndarray]:
    """Losses (12, rates, scales, S), and how many points are right at the end."""
    x, kinds = spirals(60, rng=1, noise=0.1)
    x = x.astype(np.float32)
    same = [[copy.deepcopy(rngs) for _ in SCALES] for _ in rates]
    options = {"init": kaiming_normal, "norm": norm, "rng": same, "dtype": np.float32}
    net = mlp([2, 10, 10, 10, 10, 3], ReLU, **options)
    for part in net.layers:
        if isinstance(part, Linear):
            part.weight.data *= np.array(SCALES, np.float32)[:, None, None, None]
    step = np.array(rates)[:, None, None, None, None]
    optimiser, loss = SGD(net.parameters(), lr=step), CrossEntropyLoss()
    record = fit(net, loss, optimiser, x, kinds, steps=120, every=10, stop_on_nan=False)
    with np.errstate(all="ignore"):  # some will overflow
        right = net.forward(x).argmax(axis=-1) == kinds
    return record["loss"], right.sum(axis=-1)


def norm(width: int, seeds: int) -> BatchNorm1d:
    """Batch normalization for `seeds` networks side by side, in float32."""
    return BatchNorm1d(width, lead=(seeds,), dtype=np.float32)


def digits_by_block(
    block: Callable[[int, int], list[Layer]],
    lr: float,
    depth: int,
    seeds: int = 100,
    steps: int = 100,
) -> np.ndarray:
    """The share of 500 test images that each network (seeds,) classifies right.

    `block(width, seeds)` lists the layers that stand between two linear layers with He's weights.
    Each network has its own split of the digits; 300 images train, 50 at each step. Pixels are
    standardised over all images, which uses no labels. Used in chapter 15.
    """
    images, classes = digits()
    images = (images - images.mean(axis=0)) / np.maximum(images.std(axis=0), 1)
    rngs, draw = generators(15, seeds), np.random.default_rng(4)
    order = np.stack([rng.permutation(len(classes))[:800] for rng in rngs])
    x, target = images.astype(np.float32)[order], classes[order]  # (seeds, 800, ...)
    layers, widths = [], [64] + [32] * depth + [10]
    for k in range(depth + 1):
        shape = widths[k], widths[k + 1]
        layers += [Linear(*shape, init=kaiming_normal, rng=rngs, dtype=np.float32)]
        layers += block(32, seeds) if k < depth else []
    net, loss = Sequential(*layers), CrossEntropyLoss()
    optimiser = SGD(net.parameters(), lr=lr)
    with np.errstate(all="ignore"):  # some will overflow
        for _ in range(steps):
            rows = draw.choice(300, 50, replace=False)
            loss.forward(net.forward(x[:, rows]), target[:, rows])
            net.zero_grad()
            net.backward(loss.backward())
            optimiser.step()
        guess = net.eval().forward(x[:, 300:]).argmax(axis=-1)
    return (guess == target[:, 300:]).mean(axis=-1)


class Noise(Layer):
    """In training, each unit gets a new scale and a new shift at each step.

    Scales are uniform in (0.75, 1.25), shifts in (-1, 1), the same for all examples of a batch.
    """

    def __init__(self, seed: int):
        self.rng = np.random.default_rng(seed)

    def forward(self, x: np.ndarray) -> np.ndarray:
        if not self.training:
            self.scale = np.float32(1)
            return x
        each = (*x.shape[:-2], 1, x.shape[-1])
        self.scale = self.rng.uniform(0.75, 1.25, each).astype(np.float32)
        return x * self.scale + self.rng.uniform(-1, 1, each).astype(np.float32)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy * self.scale  # as it came, whatever the mode is by now


class Watch(Layer):
    """Changes nothing, and appends to `log` how far the mean of each unit moves between steps.

    The distance is in standard deviations of the unit over the batch, averaged over the units
    that vary.
    """

    def __init__(self, log: list[float]):
        self.log, self.mean = log, None

    def forward(self, x: np.ndarray) -> np.ndarray:
        mean = x.mean(axis=-2)
        if self.mean is not None and self.training:
            moved = np.abs(mean - self.mean) / x.std(axis=-2)
            self.log.append(moved[np.isfinite(moved)].mean())
        self.mean = mean
        return x

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy
