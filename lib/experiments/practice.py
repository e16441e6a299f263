"""The working session on the digits: learning rates, and faults planted to be found.

Chapter 19 walks through one session; here it is repeated over many seeds.
"""

from __future__ import annotations

import copy

import numpy as np

from lib import data
from lib.activations import ReLU
from lib.experiments.digits import share_right
from lib.experiments.optimisers import named_optimiser
from lib.gradcheck import gradcheck
from lib.init import kaiming_normal, normal
from lib.layers import Layer, Sequential
from lib.losses import CrossEntropyLoss
from lib.models import mlp
from lib.optim import SGD
from lib.seeds import Rng
from lib.train import fit

FAULTS = ("none", "slope", "start", "softmax", "rate", "labels", "few")
WIDTHS = (64, 32, 32, 10)


def practice_data(dtype: np.typing.DTypeLike = np.float64) -> tuple[tuple, tuple, tuple]:
    """The digits of chapter 19, shuffled: 1,000 (images, classes) to train, 400, and 397 to test.

    Standardised by the training images alone. The 400 are the validation set.
    """
    images, classes = data.digits()
    order = np.random.default_rng(19).permutation(len(images))
    parts, labels = (np.split(a[order], (1000, 1400)) for a in (images, classes))
    parts = [a.astype(dtype) for a in data.standardise(*parts)]
    return tuple(zip(parts, labels, strict=True))


def practice_network(rng: Rng, dtype: np.typing.DTypeLike = np.float64) -> Sequential:
    """The network 64-32-32-10 of chapter 19: ReLU, He's weights, the last layer's a tenth."""
    net = mlp(list(WIDTHS), ReLU, init=kaiming_normal, rng=rng, dtype=dtype)
    net.layers[-1].weight.data *= dtype(0.1)
    return net


def digits_by_rate(
    optimiser: str, lr: float, rngs: list[np.random.Generator]
) -> dict[str, np.ndarray]:
    """300 steps with batches of 32 from the 1,000 digits; all networks see the same batches.

    Columns: `validation`, the share right at the end; `end`, the loss on the training images.
    """
    (x, y), (x_val, y_val), _ = practice_data(np.float32)
    net = practice_network(rngs, np.float32)
    options = {"steps": 300, "batch_size": 32, "rng": 19, "stop_on_nan": False}
    fit(net, CrossEntropyLoss(), named_optimiser(optimiser, net, lr), x, y, **options)
    with np.errstate(all="ignore"):  # a network may have been lost
        end = CrossEntropyLoss().forward(net.forward(x), y)
        return {"validation": share_right(net, x_val, y_val), "end": end}


class ThroughReLU(ReLU):
    """ReLU with a planted error: y >= 0 is always true, so the way back lets everything through."""

    def df(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (y >= 0).astype(x.dtype)


class Softmax(Layer):
    """Probabilities from logits; in front of a loss on logits, a second softmax."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        exps = np.exp(x - x.max(axis=-1, keepdims=True))
        self.y = exps / exps.sum(axis=-1, keepdims=True)
        return self.y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return self.y * (dy - (dy * self.y).sum(axis=-1, keepdims=True))


def faulty_network(fault: str, rng: Rng, dtype: np.typing.DTypeLike = np.float64) -> Sequential:
    """`practice_network` with one of FAULTS planted, if it is one of the network's.

    Raises ValueError for a fault that is none of FAULTS.
    """
    if fault not in FAULTS:
        raise ValueError(f"faulty_network: expected one of {', '.join(FAULTS)}; given {fault!r}")
    if fault == "start":
        return mlp(list(WIDTHS), ReLU, init=normal, rng=rng, dtype=dtype)
    net = practice_network(rng, dtype)
    if fault == "slope":
        a, _, c, _, e = net.layers
        return Sequential(a, ThroughReLU(), c, ThroughReLU(), e)
    return Sequential(*net.layers, Softmax()) if fault == "softmax" else net


def digits_faults(fault: str, rngs: list[np.random.Generator]) -> dict[str, np.ndarray]:
    """The session of chapter 19 with one fault planted; what each check of the session reads.

    SGD, learning rate 0.05, momentum 0.9, batches of 32; networks differ in their weights alone.
    Columns: `gradient`, the worst relative error of the gradient check on 8 images; `start`, the
    first loss; `handful`, the loss on 20 images after 200 steps on them; `train` and `validation`,
    the shares right after 300 steps. Used in chapter 19.
    """
    (x, y), (x_val, y_val), _ = practice_data(np.float32)
    if fault == "labels":
        y = np.roll(y, 1)
    if fault == "few":
        x, y = x[:50], y[:50]
    lr = 5e-5 if fault == "rate" else 0.05
    singles = [faulty_network(fault, copy.deepcopy(rng)) for rng in rngs]
    x8 = x[:8].astype(np.float64)
    errors = [max(gradcheck(net, x8, 19, h=1e-6).values()) for net in singles]

    def trained(images, classes, steps):
        net = faulty_network(fault, copy.deepcopy(rngs), np.float32)
        options = {"steps": steps, "batch_size": 32, "rng": 19, "stop_on_nan": False}
        optimiser = SGD(net.parameters(), lr=lr, momentum=0.9)
        return net, fit(net, CrossEntropyLoss(), optimiser, images, classes, **options)["loss"]

    net = faulty_network(fault, copy.deepcopy(rngs), np.float32)
    start = CrossEntropyLoss().forward(net.forward(x), y)
    handful = trained(x[:20], y[:20], 200)[1][-1]
    net, _ = trained(x, y, 300)
    ends = {"train": share_right(net, x, y), "validation": share_right(net, x_val, y_val)}
    return {"gradient": np.array(errors), "start": start, "handful": handful} | ends
