"""Activations that learn: a slope (PReLU), or the whole function as a maximum of lines (Maxout).

They have parameters, so they are layers in their own right and not pure pairs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib.init import xavier_normal, zeros
from lib.layers import Layer, Linear, Parameter
from lib.seeds import Rng, check_widths
from lib.sums import over_examples


class PReLU(Layer):
    """y = x above 0 and weight * x below; the slope `weight` is learned, and starts at `init`.

    Written with two cases and not as max(weight x, x), which is another function once weight > 1.
    `num_parameters` is 1 for one slope, or the number of features for one each; `lead` is the
    shape of the leading axes, () for one network. x has shape (..., N, D).
    Source: He et al. 2015, section 2.1, eq. 1 to 3. Derived in chapter 08.
    """

    def __init__(
        self,
        num_parameters: int = 1,
        init: float = 0.25,
        *,
        lead: tuple = (),
        dtype: DTypeLike = np.float64,
    ):
        check_widths("PReLU", num_parameters=num_parameters)
        self.num_parameters = num_parameters
        self.weight = Parameter(np.full((*lead, 1, num_parameters), init, dtype))

    def forward(self, x: ArrayLike) -> np.ndarray:
        self.x, n = np.asarray(x), self.num_parameters
        if n not in (1, self.x.shape[-1]):
            raise ValueError(f"PReLU({n}): expected {n} features, given x of shape {self.x.shape}")
        return np.maximum(self.x, 0) + self.weight.data * np.minimum(self.x, 0)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        to_slopes = over_examples(dy * np.minimum(self.x, 0))  # (..., 1, D)
        if self.num_parameters == 1:
            to_slopes = to_slopes.sum(axis=-1, keepdims=True)
        self.weight.grad += to_slopes
        above = (self.x > 0).astype(self.x.dtype)
        return dy * (above + self.weight.data * (1 - above))


class Maxout(Layer):
    """y_j = the largest of k affine functions of x: k pieces of a convex function, all learned.

    x is (..., N, in_features), y is (..., N, out_features); `linear` holds all
    k * out_features rows of weights. Only the piece that won receives a gradient; of equal ones,
    the first. Source: Goodfellow et al. 2013, section 3. Derived in chapter 11.
    Raises ValueError for a width or a number of pieces below 1.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        pieces: int = 2,
        *,
        init: Callable = xavier_normal,
        bias_init: Callable = zeros,
        rng: Rng = None,
        dtype: DTypeLike = np.float64,
    ):
        check_widths("Maxout", out_features=out_features, pieces=pieces)
        self.out_features, self.pieces = out_features, pieces
        options = {"init": init, "bias_init": bias_init, "rng": rng, "dtype": dtype}
        self.linear = Linear(in_features, out_features * pieces, **options)

    def forward(self, x: ArrayLike) -> np.ndarray:
        z = self.linear.forward(x)
        z = z.reshape(*z.shape[:-1], self.out_features, self.pieces)
        self.winner = z.argmax(axis=-1)[..., None]  # (..., N, out, 1)
        return np.take_along_axis(z, self.winner, axis=-1)[..., 0]

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dz = np.zeros((*dy.shape, self.pieces), dy.dtype)
        np.put_along_axis(dz, self.winner, dy[..., None], axis=-1)
        return self.linear.backward(dz.reshape(*dy.shape[:-1], self.out_features * self.pieces))
