"""Losses: how wrong the network is, one number per network, and where the way back begins.

`forward(prediction, target)` averages over examples and outputs (the two last axes), never over
experiments, so predictions of shape (S, N, K) give a loss of shape (S,). `backward()` returns the
gradient of that loss in the prediction, in the prediction's shape.
"""

from __future__ import annotations

import numpy as np

from lib.activations import sigmoid


class Loss:
    """What all losses promise; a subclass gives `value` and `slope`, both element-wise."""

    def value(self, x, target):
        raise NotImplementedError

    def slope(self, x, target):
        raise NotImplementedError

    def forward(self, x, target):
        """The mean loss of each network, of shape (...). Raises ValueError where shapes differ."""
        x, target = np.asarray(x), np.asarray(target)
        if x.ndim < 2 or x.shape[-2:] != target.shape[-2:]:
            raise ValueError(
                f"{type(self).__name__}: expected prediction and target with the same two last "
                f"axes (N, K), given {x.shape} and {target.shape}"
            )
        self.x, self.target = x, target
        return self.value(x, target).mean(axis=(-2, -1))

    def backward(self):
        """dL/dx, of the prediction's shape (..., N, K): element by element, over N * K."""
        size = self.x.shape[-2] * self.x.shape[-1]
        return self.slope(self.x, self.target) / size


class BCELoss(Loss):
    """Binary cross-entropy on probabilities, -t log p - (1 - t) log(1 - p), written as it reads.

    Kept naive on purpose: where p rounds to exactly 1 (or 0), 0 * log 0 is NaN, in the loss and in
    its gradient. torch clamps the logarithm at -100 instead. Chapter 03 finds this NaN in a
    well-known experiment; `BCEWithLogitsLoss` is the cure.
    """

    def value(self, p, target):
        with np.errstate(divide="ignore", invalid="ignore"):  # the NaN is the lesson
            return -(target * np.log(p) + (1 - target) * np.log(1 - p))

    def slope(self, p, target):
        with np.errstate(divide="ignore", invalid="ignore"):
            return (1 - target) / (1 - p) - target / p


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy on logits z, where p = sigmoid(z): the same loss, stable everywhere.

    -t log p - (1 - t) log(1 - p) = max(z, 0) - t z + log(1 + exp(-|z|)); the exponent is never
    positive, so nothing overflows, and p never has to be formed. The slope is sigmoid(z) - t: the
    slope 1/4 of the output unit has cancelled. Derived in chapter 03.
    """

    def value(self, z, target):
        return np.maximum(z, 0) - target * z + np.log1p(np.exp(-np.abs(z)))

    def slope(self, z, target):
        return sigmoid(z) - target
