"""The digits, by depth and by how the weights start (chapter 14)."""

from __future__ import annotations

from functools import partial

import numpy as np

from lib.activations import ReLU, Sigmoid, Tanh
from lib.experiments.digits import share_right, shuffled_digits
from lib.experiments.optimisers import named_optimiser
from lib.init import calculate_gain, kaiming_normal, normal, orthogonal, xavier_normal
from lib.losses import CrossEntropyLoss
from lib.models import mlp
from lib.train import fit

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


def digits_by_depth(
    start: str,
    depth: int,
    lr: float,
    rngs: list[np.random.Generator],
    steps: int = 300,
    optimiser: str = "momentum",
) -> dict[str, np.ndarray]:
    """SGD with momentum 0.9 on the digits: `depth` hidden layers of 32 units, batches of 64.

    `start` is a key of STARTS; another `optimiser` is one of OPTIMISERS. 1,200 standardised images
    train, 597 test; all networks see the same batches, so seeds differ in their weights alone.
    Columns: `accuracy`, the share of test images right at the end; `end`, the loss on the last
    batch. Used in chapter 14.
    """
    if start not in STARTS:
        raise ValueError(f"digits_by_depth: expected one of {', '.join(STARTS)}; given {start!r}")
    train, classes, test, wanted = shuffled_digits()
    activation, init = STARTS[start]
    net = mlp([64] + [32] * depth + [10], activation, init=init, rng=rngs, dtype=np.float32)
    rule = named_optimiser(optimiser, net, lr)
    options = {"steps": steps, "batch_size": 64, "rng": 14, "stop_on_nan": False}
    record = fit(net, CrossEntropyLoss(), rule, train, classes, **options)
    with np.errstate(all="ignore"):  # a network may have been lost
        accuracy = share_right(net, test, wanted)
    return {"accuracy": accuracy, "end": record["loss"][-1]}
