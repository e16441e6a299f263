"""All activation functions on two tasks, each at several learning rates (chapter 12)."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import DTypeLike

from lib import data
from lib.activations import REGISTRY, LeakyReLU
from lib.init import normal
from lib.layers import Layer, Linear, Sequential
from lib.learned import Maxout, PReLU
from lib.losses import CrossEntropyLoss
from lib.meanfield import expect
from lib.models import mlp
from lib.optim import SGD
from lib.seeds import Rng

COMPARED = (*REGISTRY, "PReLU", "Maxout")
RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
TASKS = {  # widths of input and output, those of the hidden layers with one and with two pieces
    "digits": (64, 10, 20, 12),
    "spirals": (2, 2, 20, 14),
}
STEPS = {"digits": 300, "spirals": 600}
HELD = {"digits": (300, 597), "spirals": (300, 500)}  # validation and test examples
BATCH = 30


def own_gain(activation: str) -> float:
    """The gain g that keeps the signal, for weights of standard deviation g / sqrt(fan_in).

    1 / sqrt(E f(z)^2) with z from N(0, 1), to four digits. PReLU: of its first slope, 0.25.
    Maxout with two pieces: 1 (chapter 11). Derived in chapter 12.
    """
    if activation == "Maxout":
        return 1.0
    f = (LeakyReLU(0.25) if activation == "PReLU" else REGISTRY[activation]()).f
    return float(f"{expect(lambda z: f(z) ** 2) ** -0.5:.4g}")


ENTRANTS = {name: (name, own_gain(name)) for name in COMPARED}
ENTRANTS |= {f"{name} gain 1": (name, 1.0) for name, (_, gain) in ENTRANTS.items() if gain != 1}
CONTEST = {"task": tuple(TASKS), "entrant": tuple(ENTRANTS)}  # the grid of the study


def entrant_network(task: str, entrant: str, rngs: Rng, hidden: int = 3) -> Sequential:
    """A float32 network of 20 units in each of `hidden` layers, for a key of ENTRANTS.

    Maxout is narrower, so that it has about as many parameters. Raises ValueError for an unknown
    task or entrant.
    """
    for given, known in ((task, TASKS), (entrant, ENTRANTS)):
        if given not in known:
            names = ", ".join(known)
            raise ValueError(f"entrant_network: expected one of {names}; given {given!r}")
    (inputs, classes, width, narrow), (activation, gain) = TASKS[task], ENTRANTS[entrant]
    options = {"init": partial(_scaled, gain=gain), "rng": rngs, "dtype": np.float32}
    if activation == "Maxout":
        layers: list[Layer] = [Maxout(inputs, narrow, **options)]
        layers += [Maxout(narrow, narrow, **options) for _ in range(hidden - 1)]
        return Sequential(*layers, Linear(narrow, classes, **options))
    make = REGISTRY.get(activation)
    if activation == "PReLU":
        lead = (len(rngs),) if isinstance(rngs, list) else ()
        make = partial(PReLU, lead=lead, dtype=np.float32)
    return mlp([inputs] + [width] * hidden + [classes], make, **options)


def _scaled(
    shape: tuple[int, int], rng: Rng = None, *, gain: float, dtype: DTypeLike
) -> np.ndarray:
    return normal(shape, rng, std=gain / np.sqrt(shape[0]), dtype=dtype)


def divided_data(task: str, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Training, validation and test set of one network, as pairs (inputs, classes).

    Digits: the same 597 test images for all networks; the 1,200 others are divided at random
    into 900 and 300. Spirals: 180, 300 and 500 points, all of them new.
    """
    if task == "spirals":
        sets = [data.spirals(n, 2, rng, turns=1.75) for n in (180, *HELD[task])]
    else:
        x, labels = data.digits()
        fixed = np.random.default_rng(12).permutation(len(x))
        order = rng.permutation(fixed[:1200])
        sets = [(x[rows], labels[rows]) for rows in (order[:900], order[900:], fixed[1200:])]
    inputs = data.standardise(*(x for x, _ in sets), eps=1e-3)
    return [(x.astype(np.float32), t) for x, (_, t) in zip(inputs, sets, strict=True)]


def compare_activations(
    task: str,
    entrant: str,
    rngs: list[np.random.Generator],
    rates: tuple[float, ...] = RATES,
    hidden: int = 3,
) -> dict[str, np.ndarray]:
    """SGD with momentum 0.9 at each learning rate of `rates`, all from the same weights.

    A seed decides the division of the data, the weights and the order of the batches. Columns
    `val0`, `val1`, ... and `test0`, ...: how many examples of the validation and of the test set
    are *wrong* at the end, one column per rate. A lost network answers class 0. Used in chapter 12.
    """
    sets = [divided_data(task, g) for g in rngs]
    kinds = zip(*sets, strict=True)  # all training sets, all validation sets, all test sets
    (x, t), *held = ([np.stack(part) for part in zip(*kind, strict=True)] for kind in kinds)
    net = entrant_network(task, entrant, rngs, hidden)
    for p in net.parameters():
        p.data = np.stack([p.data] * len(rates))  # (rates, S, ...)
    loss = CrossEntropyLoss()
    optimiser = SGD(net.parameters(), np.reshape(rates, (-1, 1, 1, 1)), momentum=0.9)
    each, batches = np.arange(len(rngs))[:, None], x.shape[1] // BATCH
    with np.errstate(all="ignore"):
        for step in range(STEPS[task]):
            if step % batches == 0:
                order = np.stack([g.permutation(x.shape[1]) for g in rngs])
            rows = order[:, step % batches * BATCH :][:, :BATCH]
            loss.forward(net.forward(x[each, rows]), np.stack([t[each, rows]] * len(rates)))
            optimiser.zero_grad()
            net.backward(loss.backward())
            optimiser.step()
        wrong = [(net.forward(x).argmax(axis=-1) != t).sum(axis=-1) for x, t in held]
    names = ("val", "test")
    return {f"{n}{i}": w[i] for n, w in zip(names, wrong, strict=True) for i in range(len(rates))}
