"""Deep residual networks and plain ones on the digits, by depth and learning rate (chapter 16)."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import DTypeLike

from lib import data
from lib.activations import ReLU
from lib.init import lecun_normal, normal
from lib.layers import Layer, Linear, Residual, Sequential
from lib.losses import CrossEntropyLoss
from lib.normalization import BatchNorm1d
from lib.optim import SGD
from lib.probes import rms
from lib.seeds import Rng
from lib.train import fit

BLOCKS = {  # of chapter 16: with a skip?, with batch normalisation?
    "plain": (False, False),
    "plain batch": (False, True),
    "residual": (True, False),
    "residual scaled": (True, False),
    "residual zero": (True, False),
    "residual batch": (True, True),
}


def residual_blocks(
    kind: str, depth: int, width: int, rngs: Rng, dtype: DTypeLike = np.float64
) -> list[Layer]:
    """`depth` blocks (BatchNorm1d,) ReLU, Linear, with or without a skip around each: chapter 16.

    `kind` is one of BLOCKS. The weights have He's variance 2 / width, for "residual scaled" divided
    by the depth, for "residual zero" 0. Raises ValueError for another kind.
    Source: He et al. 2016, "Identity mappings", section 4.1 (the activation before the weights).
    """
    if kind not in BLOCKS:
        raise ValueError(f"residual_blocks: expected one of {', '.join(BLOCKS)}; given {kind!r}")
    skip, norm = BLOCKS[kind]
    scale = {"residual scaled": max(depth, 1) ** -0.5, "residual zero": 0.0}.get(kind, 1.0)
    std = scale * (2 / width) ** 0.5
    blocks: list[Layer] = []
    for _ in range(depth):
        linear = Linear(width, width, init=partial(normal, std=std), rng=rngs, dtype=dtype)
        lead = linear.weight.data.shape[:-2]
        norms = [BatchNorm1d(width, lead=lead, dtype=dtype)] if norm else []
        blocks.append((Residual if skip else Sequential)(*norms, ReLU(), linear))
    return blocks


def residual_depth(
    kind: str, depth: int, lr: float, rngs: list[np.random.Generator], steps: int = 200
) -> dict[str, np.ndarray]:
    """Train on the digits: 64 inputs, `depth` blocks of width 32, 10 classes, in float32.

    SGD with momentum 0.9, batches of 64, the same for all networks. Columns: `end` and `accuracy`,
    loss and share of right answers on all 1,797 examples at the end; `before` and `after`, the rms
    of the gradient at the first block over that at the last, at the first and the last step.
    """
    options = {"init": lecun_normal, "rng": rngs, "dtype": np.float32}
    first, blocks = Linear(64, 32, **options), residual_blocks(kind, depth, 32, rngs, np.float32)
    lead = first.weight.data.shape[:-2]
    norms = [BatchNorm1d(32, lead=lead, dtype=np.float32)] if BLOCKS[kind][1] else []
    net = Sequential(first, *blocks, *norms, ReLU(), Linear(32, 10, **options))
    images, target = data.digits()
    (x,) = data.standardise(images.astype(np.float32))

    def probe(net):
        return rms(net.gradients[1]) / rms(net.gradients[1 + depth])

    criterion, optimiser = CrossEntropyLoss(), SGD(net.parameters(), lr=lr, momentum=0.9)
    every = {"every": max(steps - 1, 1), "probe": probe, "stop_on_nan": False}
    options = {"steps": steps, "batch_size": 64, "rng": 16} | every
    with np.errstate(all="ignore"):  # some diverge, and that is a result
        record = fit(net, criterion, optimiser, x, target, **options)
        z = net.forward(x)
        end = criterion.forward(z, target)
    right = (z.argmax(axis=-1) == target).mean(axis=-1)
    before, after = record["probe"][[0, -1]]
    return {"end": end, "accuracy": right, "before": before, "after": after}
