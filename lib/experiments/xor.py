"""The ten-layer networks of the sources on XOR, with each activation and loss (chapter 03)."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from lib import data
from lib.activations import LeakyReLU, ReLU, Sigmoid, Tanh
from lib.experiments.events import first_step
from lib.init import normal
from lib.layers import Sequential
from lib.losses import BCELoss, BCEWithLogitsLoss, Loss
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
