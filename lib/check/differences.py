"""What an answer should be, from finite differences: slopes, and all gradients of a layer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.check.comparing import compare, only, same
from lib.check.judge import Wrong, call, number
from lib.language import label
from lib.layers import Layer


def slope(f: Callable, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """The derivative of an element-wise function at each x, by central differences."""
    return (f(x + h) - f(x - h)) / (2 * h)


def gradient(loss: Callable[[], float], x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """The gradient of `loss()` in the array x, entry by entry, x being moved in place."""
    found = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        kept, ends = x[i], []
        for step in (h, -h):
            x[i] = kept + step
            ends.append(loss())
        x[i] = kept
        found[i] = (ends[0] - ends[1]) / (2 * h)
    return found


def _one(f, i, arrays):
    try:
        return number(f, *(a[i] for a in arrays))
    except (TypeError, IndexError):  # y[x > 0] = ... is right and needs an array
        return number(f, *(a[i : i + 1] for a in arrays))


def elementwise(f: Callable, x: np.ndarray, *more: np.ndarray, what: str = "") -> np.ndarray:
    """f at each x, provided that an array is treated as its numbers are, one by one.

    `what` names f in the page's language; without it, it is the output.
    """
    alone = np.array([_one(f, i, (x, *more)) for i in range(4)])
    try:
        together = call(f, x, *more)
        block = call(f, *(a[:4].reshape(2, 2) for a in (x, *more)))
    except (TypeError, ValueError):  # math.exp, or `if x > 0`
        raise Wrong("no arrays") from None
    what = what or label("check output")
    if together.shape != x.shape:
        raise Wrong("shape", what=what, given=together.shape, expected=x.shape)
    for values in (block.ravel(), together[:4]):
        if not np.allclose(values, alone, equal_nan=True):
            raise Wrong("no arrays")
    return together


def slopes(df: Callable, f: Callable, x: np.ndarray, y: np.ndarray) -> None:
    """Compare df(x, y) with central differences of f; two well-known wrong rules have names."""
    slips = {"slip sigmoid slope": y * (1 - y), "slip tanh slope": 1 - y * y}
    what = label("check slope")
    compare(elementwise(df, x, y, what=what), slope(f, x), what, at=x, slips=slips)


def backward(made: Layer, draw: Callable[[int], np.ndarray], sizes: dict[str, int]) -> None:
    """Compare all gradients of a layer with finite differences, for one example and for five.

    `draw(n)` gives a batch of n examples; the loss is the inner product of the output with a
    fixed random array. A gradient must be added to what `grad` holds already.
    """
    _backward(made, draw(1), sizes)
    with only("batch"):
        _backward(made, draw(5), sizes | {"examples": 5})


def _backward(made, x, sizes):
    shape = call(made.forward, x).shape
    dy = np.random.default_rng(len(x)).normal(size=shape)

    def loss():
        return (dy * made.forward(x)).sum()

    made.zero_grad()
    made.forward(x)
    dx = call(made.backward, dy)
    grads = {name: np.array(p.grad) for name, p in made.named_parameters().items()}
    made.backward(dy)
    for name, p in made.named_parameters().items():
        what = label("check gradient", name=name)
        compare(grads[name], gradient(loss, p.data), what, sizes=sizes)
        if not same(p.grad, 2 * grads[name]):
            raise Wrong("not added", what=what)
    compare(dx, gradient(loss, x), label("check gradient", name="x"), sizes=sizes)
    made.zero_grad()
