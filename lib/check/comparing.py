"""Whether an answer is what it should be, and if not, a name for how it differs from that.

`compare` is the heart: two arrays go in, and where they differ it looks for the usual reasons, a
sign, a factor (and what that factor counts), a transposition, a sum not taken, a square, before it
points at a place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import ArrayLike

from lib.check.judge import Wrong
from lib.language import label


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
        raise Wrong("not finite", what=what, place=_place(lost, at), given=f"{given[lost][0]:.6g}")
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
    if said == "1":
        return  # nearly right: the place and its digits say more
    named = [name for name, n in sizes.items() if abs(times - n) < tol * n]
    reason = label(f"check is {named[0]}", factor=said) if named else ""
    if size == 1 and not reason and abs(times - round(times)) > tol:
        return  # any two numbers differ by some factor
    key = "sign factor" if factor < 0 else "large" if factor > 1 else "small"
    raise Wrong(key, what=what, factor=said, reason=reason)


def _name_the_place(given, expected, wrong, what, at):
    off = np.where(wrong, np.abs(given - expected), -1.0)
    worst = off == off.max()
    pair = in_digits(given[worst][0], expected[worst][0])
    if at is not None:
        for key, region in (("below 0", at < 0), ("above 0", at > 0)):
            if not (wrong & ~region).any() and wrong[region].mean() > 0.5:
                raise Wrong(key, what=what, place=_place(worst, at), **pair)
    raise Wrong("value", what=what, place=_place(worst, at), **pair)


def _place(mask, at) -> str:
    if mask.ndim == 0:
        return ""
    first = np.unravel_index(mask.argmax(), mask.shape)
    where = f"x = {at[first]:.4g}" if at is not None else f"[{', '.join(map(str, first))}]"
    return label("check at", where=where)


def in_digits(given: float, expected: float) -> dict[str, str]:
    """Both numbers in as few digits, from six on, as show that they differ."""
    for digits in range(6, 18):
        pair = {"given": f"{given:.{digits}g}", "expected": f"{expected:.{digits}g}"}
        if pair["given"] != pair["expected"]:
            break
    return pair


@contextmanager
def only(key: str) -> Iterator[None]:
    """What is wrong in here is told under `key`: right alone, say, but not for several."""
    try:
        yield
    except Wrong as wrong:
        raise Wrong(key, detail=wrong) from None
