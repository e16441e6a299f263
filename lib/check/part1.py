"""The exercises of part I, why gradients vanish: chapters 01 to 05."""

from __future__ import annotations

import numpy as np

from lib.check.comparing import compare, in_digits
from lib.check.differences import elementwise, slopes
from lib.check.judge import Wrong, call, exercise, formula, function, layer, number
from lib.language import label

NEAR = np.linspace(-20, 20, 81)  # both grids are symmetric about 0, which is in them
WIDE = np.concatenate([[-1000, -40], NEAR, [40, 1000]])


@exercise
def softplus(answer: object) -> None:
    """Chapter 01: an activation f(x) = ln(1 + e^x) with its slope df(x, y).

    f(x) - f(-x) = x and e^-f(x) + e^-f(-x) = 1 hold for no other function.
    """
    made = layer(answer, "f", "df")
    y = elementwise(made.f, WIDE)
    compare(y - y[::-1], WIDE, formula("f(x) − f(−x)"), at=WIDE)
    total = np.exp(-y) + np.exp(-y[::-1])
    compare(total, np.ones_like(WIDE), formula("exp(−f(x)) + exp(−f(−x))"), at=WIDE)
    slopes(made.df, made.f, WIDE, y)


@exercise
def log_sigmoid(answer: object) -> None:
    """Chapter 02: ln sigma(x) to ten digits, without overflow and without a warning.

    f(x) - f(-x) = x, since the odds are e^x; and the two probabilities add up to 1. For large x
    the second says 1 - e^f(x) = e^f(-x), which tells the digits.
    """
    f = function(answer)
    y = elementwise(f, WIDE)
    compare(y - y[::-1], WIDE, formula("f(x) − f(−x)"), at=WIDE)
    total = np.exp(y) + np.exp(y[::-1])
    compare(total, np.ones_like(WIDE), formula("exp(f(x)) + exp(f(−x))"), at=WIDE)
    x = np.array([20.0, 40.0, 200.0, 700.0])
    kept = np.expm1(call(f, x)) / -np.exp(call(f, -x))
    if (lost := ~(abs(kept - 1) <= 1e-10)).any():  # NaN, too, where both are 0
        raise Wrong("slip digits", where=f"x = ±{x[lost][0]:g}")
    call(f, WIDE, quiet=True)


@exercise
def scaled_sigmoid(answer: object) -> None:
    """Chapter 03: an activation f(x) = 4 sigma(x); f(x) + f(-x) = 4, and the odds are e^x."""
    made = layer(answer, "f", "df")
    y = elementwise(made.f, WIDE)
    compare(y + y[::-1], np.full_like(WIDE, 4), formula("f(x) + f(−x)"), at=WIDE)
    x = NEAR[abs(NEAR) <= 4]  # farther out 4 - f(x) has few digits
    odds = np.log(made.f(x) / (4 - made.f(x)))
    compare(odds, x, formula("ln(f(x) / (4 − f(x)))"), at=x)
    slopes(made.df, made.f, WIDE, y)


@exercise
def make_inputs(answer: object) -> None:
    """Chapter 04: 200 sets of 100 inputs with mean m and variances 1 and 0.01, from rng."""
    f, m = function(answer), np.array([0.0, 0.5])
    x, again, other = (call(f, m, np.random.default_rng(seed)) for seed in (0, 0, 1))
    if x.shape != (200, 100, 2):
        raise Wrong("shape", what=label("check output"), given=x.shape, expected=(200, 100, 2))
    if (x != again).any() or (x == other).all():
        raise Wrong("slip rng")
    if np.allclose(x[0], x[1]):
        raise Wrong("slip one set")
    std = x.std(axis=-2).mean(axis=0)
    compare(std, np.array([1, 0.1]), label("check std"), tol=0.02)
    if np.allclose(x.mean(axis=(0, 1)), m, atol=0.02) and not np.allclose(x.mean(axis=1), m):
        raise Wrong("slip mean of sets")
    compare(x.mean(axis=1), np.broadcast_to(m, (200, 2)), label("check mean"))
    correlation = (x[..., 0] * (x[..., 1] - m[1])).mean() / 0.1
    compare(correlation, 0.0, label("check correlation"), tol=0.03)


@exercise
def crossing(answer: object) -> None:
    """Chapter 05: where an increasing function passes 1, by bisection between two ends."""
    f, asked = function(answer), []
    tests = {
        0.3: lambda g: g / 0.3,
        2.5: lambda g: np.tanh(g - 2.5) + 1,
        7.0: lambda g: 3.0 * (g >= 7),
        11.0: lambda g: np.sqrt(g / 11),
    }
    for place, factor in tests.items():

        def watched(g, factor=factor):
            asked.append(g)
            if len(asked) > 4000:
                raise Wrong("slip endless")
            return factor(g)

        found = number(f, watched, 0.1, 20.0)
        if min(abs(found - 0.1), abs(found - 20)) < 1e-3:
            raise Wrong("slip end", given=f"{found:.4g}")
        if abs(found - place) < 0.05 and abs(found - place) > 1e-6:
            raise Wrong("slip halvings", **in_digits(found, place))
        compare(found, place, label("check crossing"), slips={"slip factor": 1.0})
    if len(asked) > 1000:  # 250 for each: halving, with both ends asked each time
        raise Wrong("slip many", count=len(asked) // 4)
