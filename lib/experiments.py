"""Experiments: what a study repeats over many seeds. One function each, from a point to numbers.

A function takes the parameters of one point and a list of generators, one per network, and
returns one array per column, one entry per network. All networks of a call train side by side, but
none knows of the others: the numbers of a seed do not depend on its company.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import DTypeLike

from lib import data
from lib.activations import LeakyReLU, ReLU, Sigmoid, Tanh
from lib.init import lecun_normal, normal
from lib.layers import Layer, Linear, Residual, Sequential
from lib.losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, Loss
from lib.models import mlp
from lib.normalization import BatchNorm1d
from lib.optim import SGD
from lib.probes import accuracy, rms
from lib.seeds import Rng
from lib.train import fit

ACTIVATIONS = {
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "ReLU": ReLU,
    "Leaky ReLU 0.01": LeakyReLU,
    "Leaky ReLU 0.2": lambda: LeakyReLU(0.2),
}
BLOCKS = {  # of chapter 16: with a skip?, with batch normalisation?
    "plain": (False, False),
    "plain batch": (False, True),
    "residual": (True, False),
    "residual scaled": (True, False),
    "residual zero": (True, False),
    "residual batch": (True, True),
}
NEVER = -1  # the step of an event that did not happen


def xor_network(
    activation: str, loss: str, rngs: Rng, dtype: DTypeLike = np.float32
) -> tuple[Sequential, Loss]:
    """The ten-layer network 2-5-...-5-1 of chapter 03, all weights from N(0, 1), and its loss.

    `loss` is "naive", cross-entropy on the output of a sigmoid, or "logits", the stable form
    without one. Returns (net, loss); `net.layers[0]` is the first Linear and `net.layers[18]` the
    last, so `net.signals[19]` is the logit.
    """
    for given, known in ((activation, ACTIVATIONS), (loss, ("naive", "logits"))):
        if given not in known:
            raise ValueError(f"xor_network: expected one of {', '.join(known)}; given {given!r}")
    widths = [2] + [5] * 9 + [1]
    make = ACTIVATIONS[activation]
    net = mlp(widths, make, init=normal, bias_init=normal, rng=rngs, dtype=dtype)
    if loss == "naive":
        return Sequential(*net.layers, Sigmoid()), BCELoss()
    return net, BCEWithLogitsLoss()


def xor_ten_layers(
    activation: str, loss: str, rngs: list[np.random.Generator], steps: int = 20_001
) -> dict[str, np.ndarray]:
    """Plain gradient descent on XOR, learning rate 0.01, float32, looked at every 100 steps.

    Columns: `solved`, the first step looked at with all four points right; `nan`, the first
    with a loss that is NaN or infinite (both `NEVER` if it did not happen); `accuracy` and `end`,
    the share right and the loss of the last look; `first` and `last`, the rms of dL/dW in the
    first and the last layer before any step.
    """
    net, criterion = xor_network(activation, loss, rngs)
    x, target = data.xor(np.float32)

    def probe(net):
        right = accuracy(net.signals[19], target)
        return np.stack([right, rms(net.layers[0].weight.grad), rms(net.layers[18].weight.grad)])

    optimiser = SGD(net.parameters(), lr=0.01)
    options = {"steps": steps, "every": 100, "probe": probe, "stop_on_nan": False}
    record = fit(net, criterion, optimiser, x, target, **options)
    right, first, last = np.moveaxis(record["probe"], 1, 0)  # each (T, S)
    return {
        "solved": first_step(record["step"], right == 1),
        "nan": first_step(record["step"], ~np.isfinite(record["loss"])),
        "accuracy": right[-1],
        "end": record["loss"][-1],
        "first": first[0],
        "last": last[0],
    }


def first_step(steps: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """The first of `steps` (T,) at which `happened` (T, S) is true, per network, or NEVER."""
    return np.where(happened.any(axis=0), steps[happened.argmax(axis=0)], NEVER)


def residual_blocks(
    kind: str, depth: int, width: int, rngs: Rng, dtype: DTypeLike = np.float64
) -> list[Layer]:
    """`depth` blocks (BatchNorm1d,) ReLU, Linear, with or without a skip around each: chapter 16.

    `kind` is one of BLOCKS. The weights have He's variance 2 / width, for "residual scaled" divided
    by the depth, for "residual zero" 0. Raises ValueError for another kind.
    Source: He et al. 2016, section 4.1 (the activation before the weights).
    """
    if kind not in BLOCKS:
        raise ValueError(f"residual_blocks: expected one of {', '.join(BLOCKS)}; given {kind!r}")
    skip, norm = BLOCKS[kind]
    scale = {"residual scaled": max(depth, 1) ** -0.5, "residual zero": 0.0}.get(kind, 1.0)
    std = scale * (2 / width) ** 0.5
    blocks: list[Layer] = []
    for _ in range(depth):
        linear = Linear(width, width, init=partial(normal, std=std), rng=rngs, dtype=dtype)
        lead = linear.weight.data.shape[:-2]
        norms = [BatchNorm1d(width, lead=lead, dtype=dtype)] if norm else []
        blocks.append((Residual if skip else Sequential)(*norms, ReLU(), linear))
    return blocks


def digits_by_depth(
    kind: str, depth: int, lr: float, rngs: list[np.random.Generator], steps: int = 200
) -> dict[str, np.ndarray]:
    """Train on the digits: 64 inputs, `depth` blocks of width 32, 10 classes, in float32.

    SGD with momentum 0.9, batches of 64, the same for all networks. Columns: `end` and `accuracy`,
    loss and share of right answers on all 1,797 examples at the end; `before` and `after`, the rms
    of the gradient at the first block over that at the last, at the first and the last step.
    """
    options = {"init": lecun_normal, "rng": rngs, "dtype": np.float32}
    first, blocks = Linear(64, 32, **options), residual_blocks(kind, depth, 32, rngs, np.float32)
    lead = first.weight.data.shape[:-2]
    norms = [BatchNorm1d(32, lead=lead, dtype=np.float32)] if BLOCKS[kind][1] else []
    net = Sequential(first, *blocks, *norms, ReLU(), Linear(32, 10, **options))
    images, target = data.digits()
    (x,) = data.standardise(images.astype(np.float32))

    def probe(net):
        return rms(net.gradients[1]) / rms(net.gradients[1 + depth])

    criterion, optimiser = CrossEntropyLoss(), SGD(net.parameters(), lr=lr, momentum=0.9)
    every = {"every": max(steps - 1, 1), "probe": probe, "stop_on_nan": False}
    options = {"steps": steps, "batch_size": 64, "rng": 16} | every
    with np.errstate(all="ignore"):  # some diverge, and that is a result
        record = fit(net, criterion, optimiser, x, target, **options)
        z = net.forward(x)
        end = criterion.forward(z, target)
    right = (z.argmax(axis=-1) == target).mean(axis=-1)
    before, after = record["probe"][[0, -1]]
    return {"end": end, "accuracy": right, "before": before, "after": after}
