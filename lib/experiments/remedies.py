"""Remedies for overfitting: few and many digits, right and wrong labels (chapter 19)."""

from __future__ import annotations

import numpy as np

from lib import data
from lib.activations import ReLU
from lib.dropout import Dropout
from lib.experiments.digits import share_right
from lib.init import kaiming_normal
from lib.layers import Sequential
from lib.losses import CrossEntropyLoss
from lib.models import mlp
from lib.optim import AdamW, Optimiser
from lib.seeds import Rng

REMEDIES = ("none", "dropout", "weight decay", "both")


def remedied_network(remedy: str, rngs: Rng, p: float = 0.5) -> tuple[Sequential, Optimiser]:
    """A network 64-128-128-10 that has more weights than it needs, its remedy, and Adam(W).

    Raises ValueError for a remedy that is none of REMEDIES.
    """
    if remedy not in REMEDIES:
        raise ValueError(
            f"remedied_network: expected one of {', '.join(REMEDIES)}; given {remedy!r}"
        )
    net = mlp([64, 128, 128, 10], ReLU, init=kaiming_normal, rng=rngs, dtype=np.float32)
    net.layers[-1].weight.data *= np.float32(0.1)
    if remedy in ("dropout", "both"):
        a, b, c, d, e = net.layers
        net = Sequential(a, b, Dropout(p, rng=rngs), c, d, Dropout(p, rng=rngs), e)
    decay = 1.0 if remedy in ("weight decay", "both") else 0.0
    return net, AdamW(net.parameters(), lr=0.003, weight_decay=decay)


def digits_remedies(
    remedy: str, examples: int, wrong: float, rngs: list[np.random.Generator], steps: int = 600
) -> dict[str, np.ndarray]:
    """Overfitting and what is done about it: `examples` digits to train, 297 to validate.

    Each network draws its own images; the share `wrong` of the training and validation labels is
    drawn anew; 500 clean others test it. Batches of 50 or less. The validation loss is looked at
    every 20 steps. Columns: `train`, `test`, `test_loss` at the end (shares right, and a loss),
    `early` and `early_loss` the last two at the look where the validation loss is least, and
    `stop` the step of that look. Used in chapter 19.
    """
    x, y, clean = zip(*(_drawn_digits(rng, examples, wrong) for rng in rngs), strict=True)
    x, y, clean = np.stack(x), np.stack(y), np.stack(clean)  # (S, 1797, 64), (S, 1797) twice
    net, optimiser = remedied_network(remedy, rngs)
    loss, batches, looks = CrossEntropyLoss(), np.random.default_rng(19), []
    for step in range(steps + 1):
        if step % 20 == 0:
            net.eval()
            held = loss.forward(net.forward(x[:, 1000:1297]), y[:, 1000:1297])
            tested = loss.forward(net.forward(x[:, 1297:]), clean[:, 1297:])
            looks.append((held, tested, share_right(net, x[:, 1297:], clean[:, 1297:])))
            net.train()
        if step == steps:
            break
        rows = batches.permutation(examples)[:50]
        loss.forward(net.forward(x[:, rows]), y[:, rows])
        optimiser.zero_grad()
        net.backward(loss.backward())
        optimiser.step()
    held, tested, right = (np.stack(a) for a in zip(*looks, strict=True))  # (looks, S)
    best = held.argmin(axis=0), np.arange(len(rngs))
    train = share_right(net.eval(), x[:, :examples], y[:, :examples])
    ends = {"train": train, "test": right[-1], "test_loss": tested[-1]}
    return ends | {"early": right[best], "early_loss": tested[best], "stop": 20 * best[0]}


def _drawn_digits(rng, examples: int, wrong: float):
    """All digits in the order of `rng`, standardised by the first; labels given and clean."""
    images, classes = data.digits()
    order = rng.permutation(len(images))
    x, clean = images[order], classes[order]
    anew = rng.integers(10, size=len(clean))
    y = np.where(rng.random(len(clean)) < wrong, anew, clean)
    return data.standardise(x[:examples], x)[1].clip(-5, 5).astype(np.float32), y, clean
