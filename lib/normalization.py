"""Normalization: give every feature (or example) mean 0 and variance 1, then let it be learned.

Both layers do the same thing along different axes: subtract a mean, divide by a standard deviation,
scale by `weight` and shift by `bias`. Their backward is the same too, and stands once below.
Chapter 15 derives it, on the graph and in closed form.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib.layers import Layer, Parameter
from lib.seeds import check_widths, refuse_x
from lib.sums import mean, over_examples


def normalize(x: np.ndarray, axis: int, eps: float) -> tuple[np.ndarray, ...]:
    """x with mean 0 and variance 1 along `axis`: (xhat, std, mean, var), the variance biased."""
    centre = mean(x, axis)
    centred = x - centre
    var = mean(centred * centred, axis)
    std = np.sqrt(var + x.dtype.type(eps))
    return centred / std, std, centre, var


def normalize_backward(
    d: np.ndarray, xhat: np.ndarray, std: np.ndarray, axis: int
) -> tuple[np.ndarray, ...]:
    """dL/dx from d = dL/dxhat: what is left of d after removing its mean and its part along xhat.

    Shifting x or stretching it changes nothing in xhat, so the gradient has no such components.
    Returns (dL/dx, mean of d, mean of d * xhat).
    Source: Ioffe & Szegedy 2015, section 3, simplified in chapter 15.
    """
    level, along = mean(d, axis), mean(d * xhat, axis)
    return (d - level - xhat * along) / std, level, along


class _Normalization(Layer):
    """The learned scale and shift of both layers: weight and bias (..., 1, num_features)."""

    def __init__(self, num_features: int, eps: float, lead: tuple, dtype: DTypeLike):
        check_widths(type(self).__name__, num_features=num_features)
        self.num_features, self.eps = num_features, eps
        shape = (*lead, 1, num_features)
        self.weight = Parameter(np.ones(shape, dtype))
        self.bias = Parameter(np.zeros(shape, dtype))

    def check(self, x: ArrayLike) -> np.ndarray:
        """x as an array of floats, or ValueError where its last axis is another than expected."""
        x = np.asarray(x)
        x = x if x.dtype.kind == "f" else x.astype(self.weight.data.dtype)
        if x.ndim < 2 or x.shape[-1] != self.num_features:
            refuse_x(f"{type(self).__name__}({self.num_features})", x, "N", self.num_features)
        return x

    def scale(self, xhat: np.ndarray) -> np.ndarray:
        self.xhat = xhat
        return xhat * self.weight.data + self.bias.data

    def scale_backward(self, dy: np.ndarray) -> np.ndarray:
        self.weight.grad += over_examples(dy * self.xhat)
        self.bias.grad += over_examples(dy)
        return dy * self.weight.data


class BatchNorm1d(_Normalization):
    """Each feature normalised over the N examples of the batch, x (..., N, num_features).

    In training it uses the batch's mean and (biased) variance and moves the running statistics
    towards them by `momentum`, with the *unbiased* variance, as torch does; at test time it uses
    the running ones. `lead` is the shape of the leading axes, () for one network: constants draw
    nothing, so no generator can tell. Raises ValueError for a wrong width and, in training, for a
    batch of fewer than two examples and for leading axes that `lead` does not announce.
    Source: Ioffe & Szegedy 2015, algorithm 1; chapter 15.
    """

    buffers = ("running_mean", "running_var")

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        *,
        lead: tuple = (),
        dtype: DTypeLike = np.float64,
    ):
        super().__init__(num_features, eps, lead, dtype)
        self.momentum = momentum
        self.running_mean = np.zeros((*lead, 1, num_features), dtype)
        self.running_var = np.ones((*lead, 1, num_features), dtype)

    def forward(self, x: ArrayLike) -> np.ndarray:
        x = self.check(x)
        self.by_batch = self.training  # also on the way back, whatever the mode is by then
        if not self.by_batch:
            self.std = np.sqrt(self.running_var + x.dtype.type(self.eps))
            return self.scale((x - self.running_mean) / self.std)
        n = x.shape[-2]
        if n < 2:
            raise ValueError(f"BatchNorm1d: expected at least two examples in training, given {n}")
        xhat, self.std, centre, var = normalize(x, -2, self.eps)
        self._move("running_mean", centre)
        self._move("running_var", var * (n / (n - 1)))
        return self.scale(xhat)

    def _move(self, name, seen):
        old = getattr(self, name)
        new = (old + self.momentum * (seen - old)).astype(old.dtype, copy=False)
        if new.shape != old.shape:
            raise ValueError(f"BatchNorm1d: expected lead={new.shape[:-2]}, given {old.shape[:-2]}")
        setattr(self, name, new)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        if not self.by_batch:
            return self.scale_backward(dy) / self.std
        # All examples share the weight, so it waits until the end, and the two means of dy that
        # the way back needs are, times n, the gradients of bias and weight.
        n = dy.shape[-2]
        dx, level, along = normalize_backward(dy, self.xhat, self.std, -2)
        self.weight.grad += n * along
        self.bias.grad += n * level
        return dx * self.weight.data


class LayerNorm(_Normalization):
    """Each example normalised over its features, the last axis; the same in training and at test.

    x has shape (..., N, normalized_shape); `lead` as in BatchNorm1d. Examples do not meet, so a
    batch of one is fine. Raises ValueError for a wrong width.
    Source: Ba, Kiros & Hinton 2016, equation 3. Chapter 15 compares both.
    """

    def __init__(
        self,
        normalized_shape: int,
        eps: float = 1e-5,
        *,
        lead: tuple = (),
        dtype: DTypeLike = np.float64,
    ):
        super().__init__(normalized_shape, eps, lead, dtype)

    def forward(self, x: ArrayLike) -> np.ndarray:
        xhat, self.std, _, _ = normalize(self.check(x), -1, self.eps)
        return self.scale(xhat)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dx, _, _ = normalize_backward(self.scale_backward(dy), self.xhat, self.std, -1)
        return dx
