"""Workloads: what is measured, each as the same step in lib and in its peers.

A workload is a function that makes a network, gives PyTorch the same numbers, and returns a `Race`.
Before anything is timed, `Race.check` takes two steps with each and compares the losses; the
second one is right only if all gradients of the first were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from benchmarks import peers
from benchmarks.peers import functional, torch
from lib import activations, data
from lib.experiments import xor_network
from lib.init import xavier_normal
from lib.losses import BCEWithLogitsLoss, MSELoss
from lib.models import mlp
from lib.optim import SGD
from lib.recurrent import LSTM
from lib.seeds import generators
from lib.stacked import SideBySideLinear

LR = 0.01
TOLERANCE = 1e-3  # float32; fifty layers in another order of summation cost some digits
bce = functional.binary_cross_entropy_with_logits


@dataclass
class Race:
    """Functions that do the same: lib's and its peers', and the ratio to each that is aimed at."""

    lib: Callable
    peers: dict[str, Callable]
    aims: dict[str, float] = field(default_factory=dict)

    def check(self) -> float:
        """The largest relative difference after two calls of each; SystemExit where too large."""
        ours = [self.lib(), self.lib()]
        both = ([peer(), peer()] for peer in self.peers.values())
        return max(peers.agree(theirs, ours, TOLERANCE) for theirs in both)


def lib_step(net, loss, x, target):
    """One step of plain SGD with lib; returns the loss of each network before it."""
    optimiser = SGD(net.parameters(), lr=LR)

    def step():
        value = loss.forward(net.forward(x), target)
        optimiser.zero_grad()
        net.backward(loss.backward())
        optimiser.step()
        return value

    return step


def each(loss):
    """A loss of PyTorch with one value per network, as lib's losses have it."""
    return lambda y, target: loss(y, target.expand_as(y), reduction="none").flatten(1).mean(1)


def race(make: Callable, lib_loss, loss, x, target, networks: int, aims: dict, only=None) -> Race:
    """The Race of `make(rng)`, a network or (networks > 1) a stack, and all its peers.

    `make` is called with the generators of one network or of all; `only` names the peers wanted.
    """
    xt, tt = torch.tensor(x), torch.tensor(target)
    if networks == 1:
        net = make(generators(7, 1)[0])
        eager = peers.eager(peers.as_torch(net), loss, xt, tt, LR)
        return Race(lib_step(net, lib_loss(), x, target), {"PyTorch": eager}, aims)
    net = make(generators(7, networks))
    alone = [make(rng) for rng in generators(7, networks)]
    own = [x] * networks if x.ndim == 2 else list(x)
    one_by_one = [lib_step(n, lib_loss(), a, target) for n, a in zip(alone, own, strict=True)]
    nets = [peers.as_torch(net, i) for i in range(networks)]
    ways = {
        "PyTorch loop": lambda: peers.loop(nets, loss, xt, tt, LR),
        "vmap": lambda: peers.mapped(nets, loss, xt, tt, LR),
        "bmm": lambda: peers.eager(peers.as_stacked(net), each(loss), xt, tt, LR),
        "lib loop": lambda: lambda: np.stack([step() for step in one_by_one]),
    }
    chosen = {name: way() for name, way in ways.items() if only is None or name in only}
    return Race(lib_step(net, lib_loss(), x, target), chosen, aims)


def xor(networks: int = 1, aims=None, only=None) -> Race:
    """The ten-layer XOR network 2-5x9-1 of chapter 03, sigmoid, loss on logits.

    A stack of them is made of SideBySideLinear, and has one peer more: lib with plain Linear.
    """
    x, target = data.xor(np.float32)

    def make(rng, **options):
        return xor_network("sigmoid", "logits", rng, **options)[0]

    found = race(make, BCEWithLogitsLoss, bce, x, target, networks, aims or {}, only)
    if networks > 1:
        beside = make(generators(7, networks), linear=SideBySideLinear)
        found.peers["lib, Linear"] = found.lib
        found.lib = lib_step(beside, BCEWithLogitsLoss(), x, target)
    return found


def deep(depth: int, width: int, networks: int = 1, aims=None, only=None, **options) -> Race:
    """An MLP with `depth` hidden layers of one width and ReLU, a batch of 32; options of `mlp`."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(32, width)).astype(np.float32)
    target = rng.integers(2, size=(32, 1)).astype(np.float32)
    widths = [width] * (depth + 1) + [1]
    make = partial(mlp, widths, activations.ReLU, dtype=np.float32, **options)
    return race(
        lambda rng: make(rng=rng), BCEWithLogitsLoss, bce, x, target, networks, aims or {}, only
    )


def residual(blocks: int = 50, width: int = 32, norm=None, aims=None) -> Race:
    """A residual MLP; small weights, since without normalisation each block adds to the signal."""
    init = partial(xavier_normal, gain=0.2)
    return deep(blocks, width, aims=aims, skip=True, norm=norm, init=init)


def lstm(steps: int, width: int, networks: int = 1, aims=None, only=None) -> Race:
    """An LSTM whose outputs, all of them, are to equal a target; 32 examples, as wide as its input.

    The loss is the mean square at each step, summed over time.
    """
    rng = np.random.default_rng(2)
    lead = (networks,) if networks > 1 else ()
    x = rng.normal(size=(*lead, steps, 32, width)).astype(np.float32)
    target = rng.normal(size=(steps, 32, width)).astype(np.float32)
    make = partial(LSTM, width, width, dtype=np.float32)
    found = race(lambda rng: make(rng=rng), MSELoss, sum_of_squares, x, target, networks, {}, only)
    over_time = {"lib": found.lib, **found.peers}
    for name in over_time.keys() & {"lib", "lib loop"}:  # lib's losses keep the axis of time
        over_time[name] = lambda step=over_time[name]: step().sum(axis=-1)
    return Race(over_time.pop("lib"), over_time, aims or {})


def sum_of_squares(y, target, reduction="mean"):
    """The mean square of each step of time, summed over time: T times the mean over everything."""
    return target.shape[-3] * functional.mse_loss(y, target, reduction=reduction)
