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
    dead if its slope is 0 for all 200 images. Columns, each for hidden layers 1 and 2: `born1`,
    units of 16 that are dead before the first step; `dead1`, after 20 steps; `back1`, those of
    the dead that are no longer so after the other 100. Used in chapter 06.
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

    looks = [dead()]
    for rate, steps, order in ((lr, 20, 7), (REST, 100, 9)):
        sgd = SGD(net.parameters(), lr=rate)
        options = {"steps": steps, "batch_size": 20, "rng": order, "stop_on_nan": False}
        fit(net, CrossEntropyLoss(), sgd, x, target, **options)
        looks.append(dead())
    born, killed, still = looks
    back = [before & ~after for before, after in zip(killed, still, strict=True)]
    counted = {"born": born, "dead": killed, "back": back}
    return {
        f"{name}{k + 1}": units[k].sum(axis=-1) for name, units in counted.items() for k in (0, 1)
    }
