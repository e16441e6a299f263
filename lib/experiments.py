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
from lib.init import calculate_gain, kaiming_normal, normal, orthogonal, xavier_normal
from lib.layers import Sequential
from lib.losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, Loss
from lib.models import mlp
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
CRITICAL_SIGMOID = 103.0  # n times the variance of a weight for which chi = 1 (chapter 14)
STARTS = {  # an activation function and how the weights of all layers are drawn
    "tanh 0.01": (Tanh, partial(normal, std=0.01)),
    "tanh 1": (Tanh, normal),
    "tanh Xavier": (Tanh, xavier_normal),
    "tanh orthogonal": (Tanh, orthogonal),
    "ReLU 0.01": (ReLU, partial(normal, std=0.01)),
    "ReLU 1": (ReLU, normal),
    "ReLU Xavier": (ReLU, xavier_normal),
    "ReLU He": (ReLU, kaiming_normal),
    "ReLU orthogonal": (ReLU, partial(orthogonal, gain=calculate_gain("relu"))),
    "sigmoid Xavier": (Sigmoid, xavier_normal),
    "sigmoid critical": (Sigmoid, partial(xavier_normal, gain=CRITICAL_SIGMOID**0.5)),
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


def digits_by_depth(
    start: str, depth: int, lr: float, rngs: list[np.random.Generator], steps: int = 300
) -> dict[str, np.ndarray]:
    """SGD with momentum 0.9 on the digits: `depth` hidden layers of 32 units, batches of 64.

    `start` is a key of STARTS. 1,200 standardised images train, 597 test; all networks see the
    same batches, so seeds differ in their weights alone. Columns: `accuracy`, the share of test
    images right at the end; `end`, the loss on the last batch. Used in chapter 14.
    """
    if start not in STARTS:
        raise ValueError(f"digits_by_depth: expected one of {', '.join(STARTS)}; given {start!r}")
    images, labels = data.digits()
    order = np.random.default_rng(14).permutation(len(images))
    images, labels = images[order], labels[order]
    train, test = (a.astype(np.float32) for a in data.standardise(images[:1200], images[1200:]))
    activation, init = STARTS[start]
    net = mlp([64] + [32] * depth + [10], activation, init=init, rng=rngs, dtype=np.float32)
    optimiser = SGD(net.parameters(), lr=lr, momentum=0.9)
    options = {"steps": steps, "batch_size": 64, "rng": 14, "stop_on_nan": False}
    record = fit(net, CrossEntropyLoss(), optimiser, train, labels[:1200], **options)
    with np.errstate(all="ignore"):  # a network may have been lost
        right = net.forward(test).argmax(axis=-1) == labels[1200:]
    return {"accuracy": right.mean(axis=-1), "end": record["loss"][-1]}


def first_step(steps: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """The first of `steps` (T,) at which `happened` (T, S) is true, per network, or NEVER."""
    return np.where(happened.any(axis=0), steps[happened.argmax(axis=0)], NEVER)
