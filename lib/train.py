"""Training: the loop that chapter 03 writes out once, for one network or a stack of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from tqdm import trange

from lib.layers import Layer, Sequential
from lib.losses import CrossEntropyLoss, Loss
from lib.optim import Optimiser
from lib.seeds import Rng


def fit(
    net: Layer,
    loss: Loss,
    optimiser: Optimiser,
    x: ArrayLike,
    target: ArrayLike,
    *,
    steps: int,
    batch_size: int | None = None,
    rng: Rng = None,
    every: int = 1,
    probe: Callable[[Layer], object] | None = None,
    before_step: Callable[[], object] | None = None,
    stop_on_nan: bool = True,
    progress: bool | None = None,
) -> dict[str, np.ndarray]:
    """Gradient descent; returns what was recorded on the way.

    In each step: forward, loss, backward, `before_step()` (for clipping, say), update. x and
    target hold examples on axis -2 (or -3 time, -2 examples, for a recurrent layer); with a
    `batch_size`, each step takes the next ones of a shuffled order drawn from `rng`, shared
    by all networks; what no longer fills a batch at the end of an order is dropped. At every
    `every`-th step, the first included, the loss and whatever `probe(net)` says are recorded,
    *before* the update: "step" (T,), "loss" (T, ...), "probe".

    A loss that is NaN or infinite raises FloatingPointError, which says at which step, in which
    network, and where in the network it began; with `stop_on_nan=False` it is recorded, the
    network stays lost, and no other is disturbed. A progress bar shows on a terminal, or where
    `progress` is True. Raises ValueError for steps, every or batch_size below 1, and for batches of
    inputs and targets that are not as many.
    """
    for name, value in (("steps", steps), ("every", every), ("batch_size", batch_size)):
        if value is not None and value < 1:
            raise ValueError(f"fit: expected {name} >= 1, given {value}")
    record: dict[str, list] = {"step": [], "loss": []} | ({"probe": []} if probe else {})
    x, target = np.asarray(x), np.asarray(target)
    classes = target.ndim == 1 or isinstance(loss, CrossEntropyLoss)
    axis = -1 if classes else -2  # of the examples: in (..., N) or (..., N, K)
    batches = _batches(x, target, axis, batch_size, np.random.default_rng(rng))
    bar = trange(steps, disable=None if progress is None else not progress, leave=False)
    with np.errstate(all="ignore"), bar:  # a NaN is reported below, once, not warned about
        for step in bar:
            inputs, targets = next(batches)
            value = loss.forward(net.forward(inputs), targets)
            if stop_on_nan and not np.isfinite(value).all():
                raise FloatingPointError(_where_it_began(net, value, step))
            optimiser.zero_grad()
            net.backward(loss.backward())
            if step % every == 0:
                record["step"].append(step)
                record["loss"].append(value)
                if probe:
                    record["probe"].append(np.array(probe(net)))  # a copy: parameters move
            if before_step:
                before_step()
            optimiser.step()
    return {name: np.stack(values) for name, values in record.items()}


def _batches(x: np.ndarray, target: np.ndarray, axis: int, size: int | None, rng):
    """(inputs, targets) without end: everything each time, or shuffled pieces of `size`.

    Examples stand on axis -2 of x and on `axis` of the target.
    """
    examples = x.shape[-2]
    while size is None:
        yield x, target
    if target.shape[axis] != examples:
        raise ValueError(f"fit: expected {examples} targets, given {target.shape[axis]}")
    while True:
        order = rng.permutation(examples)
        for start in range(0, examples - size + 1, size) or (0,):
            rows = order[start : start + size]
            yield x.take(rows, axis=-2), target.take(rows, axis=axis)


def _where_it_began(net: Layer, value, step: int) -> str:
    """The message for a lost network: the step, the networks, the first place not finite."""
    lost = np.argwhere(~np.isfinite(np.atleast_1d(value)))
    which = f", in {len(lost)} of {value.size} networks, first {tuple(lost[0].tolist())}"
    places = {name: p.data for name, p in net.named_parameters().items()}
    if isinstance(net, Sequential):
        names = ("the input", *(f"{i} ({type(m).__name__})" for i, m in enumerate(net.layers)))
        signals = zip(names, net.signals, strict=True)
        places |= {n if n == "the input" else f"the output of layer {n}": s for n, s in signals}
    bad = [name for name, array in places.items() if not np.isfinite(array).all()]
    begin = f"first not finite: {bad[0]}" if bad else "all signals and parameters are finite"
    return (
        f"fit: the loss is {value.ravel()[~np.isfinite(value).ravel()][0]} at step {step}"
        f"{which if np.ndim(value) else ''}; {begin}"
    )
