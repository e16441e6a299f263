"""Initialisers: where the weights start.

Each is a function of a shape (fan_in, fan_out) and a random generator and returns a new array, so
torch's names stand here without the trailing underscore. Given a list of generators, they draw
one network after the other and stack the draws on a leading axis (`lib.seeds`). Chapter 14
derives the scales; chapter 03 shows why they matter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from lib.seeds import Rng, check_widths, draw_each


def _fans(name: str, shape) -> tuple[int, int]:
    if len(shape) != 2:
        raise ValueError(f"{name}: expected a shape (fan_in, fan_out), given {tuple(shape)}")
    check_widths(name, fan_in=shape[0], fan_out=shape[1])
    return shape


def constant(
    shape: tuple[int, int], rng: Rng = None, *, value: float = 0.0, dtype: DTypeLike = np.float64
) -> np.ndarray:
    """The same number everywhere, one copy per generator; draws nothing."""
    fans = _fans("constant", shape)
    return draw_each(rng, lambda g: np.full(fans, value), dtype)


def zeros(shape: tuple[int, int], rng: Rng = None, *, dtype: DTypeLike = np.float64) -> np.ndarray:
    """All zeros. Right for biases, fatal for weights: all units stay alike (chapter 14)."""
    return constant(shape, rng, dtype=dtype)


def normal(
    shape: tuple[int, int],
    rng: Rng = None,
    *,
    mean: float = 0.0,
    std: float = 1.0,
    dtype: DTypeLike = np.float64,
) -> np.ndarray:
    """Gaussian draws with the given mean and standard deviation, whatever the fans are.

    With std=1 this is what many first scripts do, and what chapter 03 takes apart.
    Raises ValueError for a negative std.
    """
    if std < 0:
        raise ValueError(f"normal: expected std >= 0, given {std}")
    fans = _fans("normal", shape)
    return draw_each(rng, lambda g: g.normal(mean, std, fans), dtype)


def uniform(
    shape: tuple[int, int], rng: Rng = None, *, bound: float = 1.0, dtype: DTypeLike = np.float64
) -> np.ndarray:
    """Draws spread evenly over (-bound, bound); the variance is bound^2 / 3."""
    fans = _fans("uniform", shape)
    return draw_each(rng, lambda g: g.uniform(-bound, bound, fans), dtype)


def xavier_normal(
    shape: tuple[int, int], rng: Rng = None, *, gain: float = 1.0, dtype: DTypeLike = np.float64
) -> np.ndarray:
    """Gaussian draws with std = gain * sqrt(2 / (fan_in + fan_out)).

    The compromise between keeping the signal's variance going forward (1 / fan_in) and the
    gradient's going backward (1 / fan_out). Source: Glorot & Bengio 2010, section 4.2.1, eq. 12.
    Derived in chapter 14.
    """
    std = gain * np.sqrt(2.0 / sum(_fans("xavier_normal", shape)))
    return normal(shape, rng, std=std, dtype=dtype)


def xavier_uniform(
    shape: tuple[int, int], rng: Rng = None, *, gain: float = 1.0, dtype: DTypeLike = np.float64
) -> np.ndarray:
    """Even draws with the variance of `xavier_normal`: bound = gain * sqrt(6 / (fan_in + fan_out)).

    Source: Glorot & Bengio 2010, section 4.2.1, eq. 16. The same idea, another distribution.
    """
    bound = gain * np.sqrt(6.0 / sum(_fans("xavier_uniform", shape)))
    return uniform(shape, rng, bound=bound, dtype=dtype)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor on the standard deviation that makes up for an activation function.

    torch's names and numbers: "linear" and "sigmoid" 1, "tanh" 5/3, "relu" sqrt(2), "leaky_relu"
    sqrt(2 / (1 + slope^2)) with `param` as the slope (0.01), "selu" 3/4. Raises ValueError for
    another name. Source: torch; those of ReLU and LeakyReLU He et al. 2015, section 2.2. Chapter 14
    derives what can be derived.
    """
    slope = 0.01 if param is None else param
    gains = {
        "linear": 1.0,
        "sigmoid": 1.0,
        "tanh": 5 / 3,
        "relu": np.sqrt(2.0),
        "leaky_relu": np.sqrt(2 / (1 + slope**2)),
        "selu": 3 / 4,
    }
    if nonlinearity not in gains:
        raise ValueError(
            f"calculate_gain: expected one of {', '.join(gains)}; given {nonlinearity!r}"
        )
    return float(gains[nonlinearity])


def _kaiming_std(name, shape, a, mode, nonlinearity):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{name}: expected mode 'fan_in' or 'fan_out', given {mode!r}")
    fan = _fans(name, shape)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / np.sqrt(fan)


def kaiming_normal(
    shape: tuple[int, int],
    rng: Rng = None,
    *,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    dtype: DTypeLike = np.float64,
) -> np.ndarray:
    """Gaussian draws with std = gain / sqrt(fan); with a = 0, He's sqrt(2 / fan_in) for ReLU.

    `a` is the slope of the leaky ReLU that follows; `mode` keeps the variance of the signal
    ("fan_in") or of the gradient ("fan_out"). Source: He et al. 2015, eq. 10, 14 and 15.
    Derived in chapter 14.
    """
    std = _kaiming_std("kaiming_normal", shape, a, mode, nonlinearity)
    return normal(shape, rng, std=std, dtype=dtype)


def kaiming_uniform(
    shape: tuple[int, int],
    rng: Rng = None,
    *,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    dtype: DTypeLike = np.float64,
) -> np.ndarray:
    """Even draws with the variance of `kaiming_normal`: bound = sqrt(3) * gain / sqrt(fan)."""
    std = _kaiming_std("kaiming_uniform", shape, a, mode, nonlinearity)
    return uniform(shape, rng, bound=np.sqrt(3.0) * std, dtype=dtype)


def lecun_normal(
    shape: tuple[int, int], rng: Rng = None, *, dtype: DTypeLike = np.float64
) -> np.ndarray:
    """Gaussian draws with std = 1 / sqrt(fan_in): the forward variance of a linear layer is kept.

    Source: LeCun et al. 1998, section 4.6; asked for by SELU (Klambauer et al. 2017).
    """
    return normal(shape, rng, std=1 / np.sqrt(_fans("lecun_normal", shape)[0]), dtype=dtype)


def orthogonal(
    shape: tuple[int, int], rng: Rng = None, *, gain: float = 1.0, dtype: DTypeLike = np.float64
) -> np.ndarray:
    """gain times a matrix whose rows or columns, whichever are fewer, are orthonormal.

    Drawn evenly from all such matrices: the QR decomposition of a Gaussian one, with the signs of
    R's diagonal put back. All singular values are `gain`. Source: Saxe et al. 2014, section 3.
    Used in chapters 14, 17 and 20.
    """
    fan_in, fan_out = _fans("orthogonal", shape)

    def draw(g):
        tall = g.normal(size=(max(fan_in, fan_out), min(fan_in, fan_out)))
        q, r = np.linalg.qr(tall)
        q = q * np.sign(np.diag(r))
        return gain * (q if fan_in >= fan_out else q.T)

    return draw_each(rng, draw, dtype)
