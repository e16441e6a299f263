"""The ten-layer networks of the sources on XOR, and shallower and deeper ones (chapter 03)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import DTypeLike

from lib import data
from lib.activations import LeakyReLU, ReLU, Sigmoid, Tanh
from lib.experiments.events import NEVER, first_step, significant
from lib.experiments.optimisers import named_optimiser
from lib.init import normal
from lib.layers import Linear, Sequential
from lib.losses import BCELoss, BCEWithLogitsLoss, Loss
from lib.models import mlp
from lib.probes import accuracy, rms
from lib.seeds import Rng, check_widths
from lib.train import fit

ACTIVATIONS = {
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "ReLU": ReLU,
    "Leaky ReLU 0.01": LeakyReLU,
    "Leaky ReLU 0.2": lambda: LeakyReLU(0.2),
}


def xor_network(
    activation: str,
    loss: str,
    rngs: Rng,
    dtype: DTypeLike = np.float32,
    depth: int = 10,
    linear: type[Linear] = Linear,
) -> tuple[Sequential, Loss]:
    """The network 2-5-...-5-1 of chapter 03 with `depth` Linear layers, all weights from N(0, 1).

    `loss` is "naive", cross-entropy on the output of a sigmoid, or "logits", the stable form
    without one; `linear` is for `mlp`. Returns (net, loss); `net.layers[0]` is the first Linear and
    `net.layers[2 * depth - 2]` the last, so `net.signals[2 * depth - 1]` is the logit (of ten
    layers: 18 and 19). Raises ValueError for an unknown name and a depth below 1.
    """
    for given, known in ((activation, ACTIVATIONS), (loss, ("naive", "logits"))):
        if given not in known:
            raise ValueError(f"xor_network: expected one of {', '.join(known)}; given {given!r}")
    check_widths("xor_network", depth=depth)
    widths = [2] + [5] * (depth - 1) + [1]
    make = ACTIVATIONS[activation]
    net = mlp(widths, make, init=normal, bias_init=normal, linear=linear, rng=rngs, dtype=dtype)
    if loss == "naive":
        return Sequential(*net.layers, Sigmoid()), BCELoss()
    return net, BCEWithLogitsLoss()


def xor_ten_layers(
    activation: str,
    loss: str,
    rngs: list[np.random.Generator],
    steps: int = 20_001,
    depth: int = 10,
    optimiser: str = "SGD",
    lr: float = 0.01,
) -> dict[str, np.ndarray]:
    """Plain gradient descent (or another of OPTIMISERS) on XOR, float32, a look every 100 steps.

    Columns: `solved`, the first step looked at with all four points right; `nan`, the first
    with a loss that is NaN or infinite (both `NEVER` if it did not happen); `accuracy` and `end`,
    the share right and the loss of the last look; `first` and `last`, the rms of dL/dW in the
    first and the last layer before any step.
    """
    net, criterion = xor_network(activation, loss, rngs, depth=depth)
    x, target = data.xor(np.float32)
    linears = net.layers[0], net.layers[2 * depth - 2]

    def probe(net):
        right = accuracy(net.signals[2 * depth - 1], target)
        return np.stack([right, *(rms(layer.weight.grad) for layer in linears)])

    options = {"steps": steps, "every": 100, "probe": probe, "stop_on_nan": False}
    record = fit(net, criterion, named_optimiser(optimiser, net, lr), x, target, **options)
    right, first, last = np.moveaxis(record["probe"], 1, 0)  # each (T, S)
    return {
        "solved": first_step(record["step"], right == 1),
        "nan": first_step(record["step"], ~np.isfinite(record["loss"])),
        "accuracy": right[-1],
        "end": record["loss"][-1],
        "first": first[0],
        "last": last[0],
    }


def solved_in_the_end(found: Mapping | np.ndarray) -> np.ndarray:
    """Whether each network ended with all four points right and a loss below 0.5: (S,).

    Of stored results or of what `xor_ten_layers` returns. A loss near ln 2 with all four right is
    a coin that fell well; a NaN counts as class 0, and is below nothing.
    """
    return (found["accuracy"] == 1) & (found["end"] < 0.5)


def xor_by_optimiser(
    optimiser: str, loss: str, lr: float, rngs: list[np.random.Generator], steps: int = 20_001
) -> dict[str, np.ndarray]:
    """Ten sigmoid layers, trained otherwise than the sources print it; four of the columns above.

    `optimiser` is one of OPTIMISERS, as chapter 19 has them.
    """
    found = xor_ten_layers("sigmoid", loss, rngs, steps, optimiser=optimiser, lr=lr)
    return {name: found[name] for name in ("solved", "nan", "accuracy", "end")}


def xor_by_depth(
    activation: str, depth: int, rngs: list[np.random.Generator], steps: int = 20_001
) -> dict[str, np.ndarray]:
    """The same with the naive loss and any depth, in fewer numbers.

    Columns: `solved` is NEVER also where the network was right once, but not in the end, or where
    the loss did not end below 0.5; `nan` as above; `first` and `last` with two digits.
    """
    found = xor_ten_layers(activation, "naive", rngs, steps, depth)
    return {
        "solved": np.where(solved_in_the_end(found), found["solved"], NEVER),
        "nan": found["nan"],
        "first": significant(found["first"]),
        "last": significant(found["last"]),
    }
