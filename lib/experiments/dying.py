"""Dying ReLUs: how many by learning rate and bias, and who comes back (chapter 06)."""

from __future__ import annotations

from functools import partial

import numpy as np

from lib import data
from lib.activations import ReLU
from lib.init import constant, kaiming_normal
from lib.losses import CrossEntropyLoss
from lib.models import mlp
from lib.optim import SGD
from lib.train import fit

REST = 0.25  # the learning rate at which units may come back


def dying_units(bias: float, lr: float, rngs: list[np.random.Generator]) -> dict[str, np.ndarray]:
    """Networks 64-16-16-10 with He's weights and all biases equal, on 200 digits, batches of 20.

    20 steps at learning rate `lr`, then 100 at REST; all networks see the same batches. A unit is
    dead if its slope is 0 for all 200 images. Columns, for hidden layers 1 and 2: `dead1` and
    `dead2`, how many of the 16 units are so after the 20 steps (with `lr` 0: born dead); `back1`
    and `back2`, how many of those are so no longer after the other 100. Used in chapter 06.
    """
    images, classes = data.digits()
    x, target = images[:200], classes[:200]
    x = ((x - x.mean(axis=0)) / x.std()).astype(np.float32)
    options = {"bias_init": partial(constant, value=bias), "rng": rngs, "dtype": np.float32}
    net = mlp([64, 16, 16, 10], ReLU, init=kaiming_normal, **options)

    def dead():
        with np.errstate(all="ignore"):  # a network may be lost
            net.forward(x)
        return [(layer.x <= 0).all(axis=-2) for layer in net.layers[1:4:2]]  # (S, 16) each

    looks = []
    for rate, steps, order in ((lr, 20, 7), (REST, 100, 9)):
        sgd = SGD(net.parameters(), lr=rate)
        options = {"steps": steps, "batch_size": 20, "rng": order, "stop_on_nan": False}
        fit(net, CrossEntropyLoss(), sgd, x, target, **options)
        looks.append(dead())
    found = {}
    for k, (before, after) in enumerate(zip(*looks, strict=True), 1):
        found |= {f"dead{k}": before.sum(axis=-1), f"back{k}": (before & ~after).sum(axis=-1)}
    return found
