"""Dropout: switch units off at random while training, so that none relies on another."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lib.layers import Layer
from lib.seeds import Rng, as_generators, uniform_like


class Dropout(Layer):
    """In training, each entry is 0 with probability p, and the others are divided by 1 - p.

    The division keeps the mean, so at test time (`eval()`) the layer does nothing. `rng` is a
    generator or a list of them, one per network. Raises ValueError unless 0 <= p < 1.
    Source: Srivastava et al. 2014, section 10 (scaled in training). Used in chapter 19.
    """

    def __init__(self, p: float = 0.5, *, rng: Rng = None):
        if not 0 <= p < 1:
            raise ValueError(f"Dropout: expected 0 <= p < 1, given {p}")
        self.p, self.rng = p, as_generators(rng)

    def forward(self, x: ArrayLike) -> np.ndarray:
        x = np.asarray(x)
        x = x if x.dtype.kind == "f" else x.astype(float)
        self.mask = x.dtype.type(1)
        if self.training and self.p:
            self.mask = (uniform_like(x, self.rng) >= self.p) / x.dtype.type(1 - self.p)
        return x * self.mask

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy * self.mask
