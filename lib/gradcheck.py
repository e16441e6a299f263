"""The gradient check: is `backward` right? Ask `forward`, by central differences.

A backward pass that is wrong by a factor still trains, and its notebook still runs, so nothing but
a second opinion finds it. Along a random direction u, the loss changes at the rate <dL/dp, u>;
the difference quotient (L(p + h u) - L(p - h u)) / 2h must say the same, up to h^2.
The input and every parameter are checked on their own: in one sum over all of them, the large
gradients of the last layers would hide a wrong one in the first. Chapter 01 builds it by hand.
"""

from __future__ import annotations

import copy

import numpy as np
from numpy.typing import ArrayLike

from lib.layers import Layer
from lib.seeds import Rng, check_gradient


def gradcheck(layer: Layer, x: ArrayLike, rng: Rng = None, *, h: float = 1e-5) -> dict[str, float]:
    """The relative error of `layer.backward`, for "input" and for each parameter by name.

    x has shape (..., N, in), float64; of several networks the worst error counts. The loss is
    the inner product of the output with a fixed random array, so any layer will do; it must give
    the same output each time it is asked. Two correct derivatives differ by about 1e-9; a wrong
    factor 1.01 shows as 0.005. A derivative below rounding, some 1e-10 of the loss, cannot be told
    from 0 and counts as right where both are that small. All of it happens in a copy: `layer` stays
    as it is. Raises ValueError for x or parameters in less than float64, for no examples and where
    x has leading axes that the parameters have not.
    Source: central differences, Goodfellow, Bengio & Courville 2016, section 11.5.
    """
    x = np.array(x)
    if x.dtype != np.float64 or x.size == 0:
        raise ValueError(f"gradcheck: expected a non-empty float64 x, given {x.dtype} {x.shape}")
    rng, layer = np.random.default_rng(rng), copy.deepcopy(layer)
    layer.zero_grad()
    y = layer.forward(x)
    weights = rng.normal(size=y.shape)  # L = sum(weights * y), one L per network

    axes = tuple(range(-layer.trailing, 0))
    dx = layer.backward(weights)
    noise = 10 * np.finfo(x.dtype).eps * np.abs(weights * y).sum(axis=axes) / h
    checked = {"input": (x, dx)}
    for name, p in layer.named_parameters().items():
        if p.data.dtype != np.float64:
            raise ValueError(f"gradcheck: expected float64, given {name} in {p.data.dtype}")
        check_gradient(f"gradcheck, {name}", p.data, p.grad)
        checked[name] = p.data, p.grad

    errors = {}
    for name, (data, grad) in checked.items():
        u = rng.normal(size=data.shape)
        saved, losses = data.copy(), []
        for step in (h, -h):
            data[...] = saved + step * u
            losses.append((weights * layer.forward(x)).sum(axis=axes))
        data[...] = saved
        numeric = (losses[0] - losses[1]) / (2 * h)
        analytic = (grad * u).sum(axis=axes if name == "input" else (-2, -1))
        told = ~(np.maximum(np.abs(numeric), np.abs(analytic)) <= noise)  # NaN is no noise
        errors[name] = relative_error(np.where(told, analytic, 0), np.where(told, numeric, 0))
    return errors


def relative_error(a: ArrayLike, b: ArrayLike) -> float:
    """The largest |a - b| / (|a| + |b|) over all entries; 0 where both are 0, inf for NaN."""
    a, b = np.asarray(a), np.asarray(b)
    scale = np.abs(a) + np.abs(b)
    error = np.divide(np.abs(a - b), scale, out=np.zeros_like(scale), where=scale != 0)
    return float(np.nan_to_num(error, nan=np.inf).max())
