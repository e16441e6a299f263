"""Experiments: what a study repeats over many seeds. One function each, from a point to numbers.

A function takes the parameters of one point and a list of generators, one per network, and
returns one array per column, one entry per network. All networks of a call train side by side, but
none knows of the others: the numbers of a seed do not depend on its company.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from lib import data
from lib.activations import LeakyReLU, ReLU, Sigmoid, Tanh
from lib.init import normal, orthogonal
from lib.layers import Layer, Linear, Sequential
from lib.losses import BCELoss, BCEWithLogitsLoss, Loss, MSELoss
from lib.models import mlp
from lib.optim import SGD, Adam, clip_grad_norm_
from lib.probes import accuracy, rms
from lib.recurrent import LSTM, RNN
from lib.seeds import Rng
from lib.train import fit

ACTIVATIONS = {
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "ReLU": ReLU,
    "Leaky ReLU 0.01": LeakyReLU,
    "Leaky ReLU 0.2": lambda: LeakyReLU(0.2),
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


class LastStep(Layer):
    """The last step of a sequence, (..., T, N, H) to (..., N, H); the gradient enters only there."""

    trailing = 3

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.shape = x.shape
        return x[..., -1, :, :]

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dx = np.zeros(self.shape, dy.dtype)
        dx[..., -1, :, :] = dy
        return dx


CELLS = {  # forget bias (None: a plain RNN, orthogonal at first), learning rate, hidden units
    "RNN": (None, 0.01, 16),
    "RNN slow": (None, 0.003, 16),
    "RNN wide": (None, 0.003, 34),  # about as many weights as an LSTM with 16 units
    "LSTM 0": (0.0, 0.01, 16),
    "LSTM 1": (1.0, 0.01, 16),
}


def adding_network(cell: str, rngs: Rng) -> Sequential:
    """One of `CELLS` on sequences of pairs, and one linear unit that reads its last hidden state.

    Raises ValueError for an unknown cell.
    """
    if cell not in CELLS:
        raise ValueError(f"adding_network: expected one of {', '.join(CELLS)}; given {cell!r}")
    options = {"rng": rngs, "dtype": np.float32}
    forget, _, hidden = CELLS[cell]
    if forget is None:
        layer = RNN(2, hidden, hidden_init=orthogonal, **options)
    else:
        layer = LSTM(2, hidden, **options)
        layer.bias.data[..., hidden : 2 * hidden] = forget
    return Sequential(layer, LastStep(), Linear(hidden, 1, **options))


def adding(
    cell: str, length: int, rngs: list[np.random.Generator], updates: int = 1501
) -> dict[str, np.ndarray]:
    """The adding problem of chapter 17: 1,600 sequences, batches of 32, Adam, clipping at norm 1.

    Weights and data are drawn from the network's own generator. The mean squared error on 200
    sequences of its own is looked at every 50 updates. Columns: `early` and `error`, that error
    after 200 updates (or NaN) and at the last look; `solved`, the first look below 0.01 or `NEVER`.
    """
    net = adding_network(cell, rngs)
    drawn = [data.adding_problem(1800, length, rng) for rng in rngs]
    x, target = (np.stack(a).astype(np.float32) for a in zip(*drawn, strict=True))

    def probe(net):
        return MSELoss().forward(net.forward(x[..., 1600:, :]), target[..., 1600:, :])

    optimiser = Adam(net.parameters(), lr=CELLS[cell][1])
    options = {"batch_size": 32, "rng": 0, "every": 50, "probe": probe, "stop_on_nan": False}
    options["before_step"] = lambda: clip_grad_norm_(net.parameters(), 1.0)
    train = x[..., :1600, :], target[..., :1600, :]
    record = fit(net, MSELoss(), optimiser, *train, steps=updates, **options)
    error, steps = record["probe"], record["step"]
    early = error[steps == 200][0] if updates > 200 else np.full(len(rngs), np.nan)
    return {"early": early, "error": error[-1], "solved": first_step(steps, error < 0.01)}
