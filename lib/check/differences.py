"""What an answer should be, from finite differences, and a name for how it differs from that.

`compare` is the heart: two arrays go in, and where they differ it looks for the usual reasons, a
sign, a factor (and what that factor counts), a transposition, a sum not taken, a square, before it
points at a place.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

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


def close(a: np.ndarray, b: np.ndarray, tol: float = 1e-6) -> np.ndarray:
    """Where a and b agree, up to `tol` of each number and of the largest."""
    largest = np.abs(b).max(initial=0)
    return np.isclose(a, b, rtol=tol, atol=tol * (largest if largest > 0 else 1))


def same(a: np.ndarray, b: np.ndarray, tol: float = 1e-6) -> bool:
    """Whether a and b agree in shape and everywhere in value."""
    return np.shape(a) == np.shape(b) and bool(close(a, b, tol).all())


def compare(
    given: ArrayLike,
    expected: ArrayLike,
    what: str,
    *,
    at: np.ndarray | None = None,
    sizes: dict[str, int] | None = None,
    slips: dict[str, ArrayLike] | None = None,
    tol: float = 1e-6,
) -> None:
    """Raise Wrong with the likeliest reason, unless `given` is `expected`.

    `what` names the quantity in the page's language; `at` holds the x of each entry; `sizes` names
    the numbers that a wrong factor may be ("examples": 5); `slips` holds what known slips give.
    """
    given, expected = np.asarray(given), np.asarray(expected, dtype=float)
    for key, slip in (slips or {}).items():
        if same(given, np.asarray(slip, dtype=float), tol) and not same(given, expected, tol):
            raise Wrong(key, what=what)
    if given.shape != expected.shape:
        _name_the_shape(given, expected, what, tol)
    if (lost := ~np.isfinite(given)).any():
        raise Wrong("not finite", what=what, place=_place(lost, at), given=_first(given, lost))
    if (wrong := ~close(given, expected, tol)).any():
        _name_the_rule(given, expected, what, sizes or {}, tol)
        _name_the_place(given, expected, wrong, what, at)


def _name_the_shape(given, expected, what, tol):
    shapes = {"what": what, "given": given.shape, "expected": expected.shape}
    if same(given.T, expected, tol):
        raise Wrong("transposed", **shapes)
    for axis in range(given.ndim):
        for keep in (True, False):
            if same(given.sum(axis=axis, keepdims=keep), expected, tol):
                raise Wrong("not summed", **shapes)
    raise Wrong("shape", **shapes)


def _name_the_rule(given, expected, what, sizes, tol):
    """The one mistake that explains every entry, if there is one."""
    rules = {"sign": -expected, "squared": expected**2, "root": np.sqrt(np.abs(expected))}
    rules["inverse"] = np.divide(
        1, expected, where=expected != 0, out=np.full_like(expected, np.nan)
    )
    rules["zero"] = np.zeros_like(expected)
    if expected.ndim == 2:
        rules["transposed"] = expected.T
    for key, rule in rules.items():
        if same(given, rule, tol):
            raise Wrong(key, what=what, given=given.shape, expected=expected.shape)
    if (square := (expected**2).sum()) > 0:
        factor = (given * expected).sum() / square
        if factor != 0 and same(given, factor * expected, tol):
            _name_the_factor(factor, expected.size, what, sizes, tol)
    if given.size > 1 and np.allclose(offset := given - expected, offset.ravel()[0], atol=tol):
        raise Wrong("offset", what=what, amount=f"{offset.ravel()[0]:.4g}")


def _name_the_factor(factor, size, what, sizes, tol):
    times = max(abs(factor), 1 / abs(factor))
    said = f"{times:.4g}"
    named = [name for name, n in sizes.items() if abs(times - n) < tol * n]
    reason = label(f"check is {named[0]}", factor=said) if named else ""
    if size == 1 and not reason and abs(times - round(times)) > tol:
        return  # any two numbers differ by some factor
    key = "sign factor" if factor < 0 else "large" if factor > 1 else "small"
    raise Wrong(key, what=what, factor=said, reason=reason)


def _name_the_place(given, expected, wrong, what, at):
    pair = {"given": _first(given, wrong), "expected": _first(expected, wrong)}
    if at is not None:
        for key, region in (("below 0", at < 0), ("above 0", at > 0)):
            if not (wrong & ~region).any() and wrong[region].mean() > 0.5:
                raise Wrong(key, what=what, place=_place(wrong, at), **pair)
    raise Wrong("value", what=what, place=_place(wrong, at), **pair)


def _place(mask, at) -> str:
    if mask.ndim == 0:
        return ""
    first = np.unravel_index(mask.argmax(), mask.shape)
    where = f"x = {at[first]:.4g}" if at is not None else f"[{', '.join(map(str, first))}]"
    return label("check at", where=where)


def _first(values, mask) -> str:
    return f"{values[mask][0]:.6g}"


def elementwise(f: Callable, x: np.ndarray, *more: np.ndarray) -> np.ndarray:
    """f at each x, provided that an array is treated as its numbers are, one by one."""
    alone = np.array(
        [number(f, *values) for values in zip(x[:4], *(m[:4] for m in more), strict=True)]
    )
    try:
        together = call(f, x, *more)
        block = call(f, *(a[:4].reshape(2, 2) for a in (x, *more)))
    except (TypeError, ValueError):  # math.exp, or `if x > 0`
        raise Wrong("no arrays") from None
    what = label("check output")
    if together.shape != x.shape:
        raise Wrong("shape", what=what, given=together.shape, expected=x.shape)
    for values in (block.ravel(), together[:4]):
        if not np.allclose(values, alone, equal_nan=True):
            raise Wrong("no arrays")
    return together


def slopes(df: Callable, f: Callable, x: np.ndarray, y: np.ndarray) -> None:
    """Compare df(x, y) with central differences of f; two well-known wrong rules have names."""
    slips = {"slip sigmoid slope": y * (1 - y), "slip tanh slope": 1 - y * y}
    given = elementwise(df, x, y)
    compare(given, slope(f, x), label("check slope"), at=x, slips=slips)


def backward(made: Layer, draw: Callable[[int], np.ndarray], sizes: dict[str, int]) -> None:
    """Compare all gradients of a layer with finite differences, for one example and for five.

    `draw(n)` gives a batch of n examples; the loss is the inner product of the output with a
    fixed random array. A gradient must be added to what `grad` holds already.
    """
    for n in (1, 5):
        try:
            _backward(made, draw(n), sizes | ({"examples": n} if n > 1 else {}))
        except Wrong as wrong:
            if n == 1:
                raise
            raise Wrong("batch", detail=wrong) from None


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
