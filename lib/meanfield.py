"""Mean-field theory: what wide random networks do to a signal and its gradient.

In a wide layer the inputs z of the units are sums of many random terms, so they are normally
distributed, and one number says everything about them: their variance q. These functions give
q after the next layer, the correlation of two signals, and the factor chi by which the mean
square of the gradient changes per layer on its way back. Derived in chapters 14 and 20.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from lib.activations import Activation


# Midpoints of a fine grid with the normal density as weights: exact to about 1e-9 for smooth
# functions and to 1e-5 for those with a kink, and the same on every processor.
def _normal_grid(points: int, edge: float = 9.0) -> tuple[np.ndarray, np.ndarray]:
    """Points u and weights w such that sum(w * g(u)) is the mean of g over N(0, 1)."""
    u = (np.arange(points) + 0.5) / points * 2 * edge - edge
    w = np.exp(-(u**2) / 2)
    return u, w / w.sum()


_U, _WEIGHTS = _normal_grid(3600)
_U2, _WEIGHTS2 = _normal_grid(600)  # for pairs


def expect(g: Callable[[np.ndarray], np.ndarray], q: ArrayLike = 1.0) -> np.ndarray | float:
    """The mean of g(z) for z from N(0, q), for each variance in `q`: shape of q in and out.

    Raises ValueError for a negative variance.
    """
    q = np.asarray(q, dtype=np.float64)
    if (q < 0).any():
        raise ValueError(f"expect: expected variances of at least 0, given {q.min():g}")
    return (g(np.sqrt(q)[..., None] * _U) @ _WEIGHTS)[()]


def next_variance(
    activation: Activation, q: ArrayLike, weight_variance: float, bias_variance: float = 0.0
) -> np.ndarray | float:
    """The variance of z in the next layer: weight_variance * E f(z)^2 + bias_variance.

    `weight_variance` is n times the variance of one weight (n inputs): 2 for He, 1 for LeCun and
    for Xavier with equal widths. Source: Poole et al. 2016, section 2.
    """
    return weight_variance * expect(lambda z: activation.f(z) ** 2, q) + bias_variance


def gradient_factor(
    activation: Activation, q: ArrayLike, weight_variance: float
) -> np.ndarray | float:
    """chi: by how much the mean square of the gradient changes per layer back, at variance q.

    chi = weight_variance * E f'(z)^2. Below 1 gradients vanish, above 1 they explode.
    Source: Schoenholz et al. 2017, sections 2 and 4.
    """

    def squared_slope(z: np.ndarray) -> np.ndarray:
        return activation.df(z, activation.f(z)) ** 2

    return weight_variance * expect(squared_slope, q)


def next_correlation(
    activation: Activation,
    c: ArrayLike,
    q: float,
    weight_variance: float,
    bias_variance: float = 0.0,
) -> np.ndarray | float:
    """The correlation of two signals after the next layer, if it was `c` and both had variance q.

    Raises ValueError for a correlation outside [-1, 1]. Source: Poole et al. 2016, section 3.
    """
    c = np.asarray(c, dtype=np.float64)
    if (np.abs(c) > 1).any():
        raise ValueError(f"next_correlation: expected c in [-1, 1], given {c}")
    u, v = _U2[:, None], _U2[None, :]

    def product(rho: float) -> float:
        z1, z2 = np.sqrt(q) * u, np.sqrt(q) * (rho * u + np.sqrt(1 - rho**2) * v)
        return float(_WEIGHTS2 @ (activation.f(z1) * activation.f(z2)) @ _WEIGHTS2)

    mean = np.array([product(rho) for rho in c.ravel()]).reshape(c.shape)
    variance = next_variance(activation, q, weight_variance, bias_variance)
    return np.clip((weight_variance * mean + bias_variance) / variance, -1, 1)[()]  # rounding


def fixed_point(
    activation: Activation,
    weight_variance: float,
    bias_variance: float = 0.0,
    q: float = 1.0,
) -> float:
    """The variance at which the layers leave it alone, found by passing through 500 of them."""
    for _ in range(500):
        q = next_variance(activation, q, weight_variance, bias_variance)
    return float(q)
