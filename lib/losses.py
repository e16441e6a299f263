"""Losses: how wrong the network is, one number per network, and where the way back begins.

`forward(prediction, target)` averages over examples and outputs (the two last axes), never over
experiments, so predictions of shape (S, N, K) give a loss of shape (S,). `backward()` returns the
gradient of that loss in the prediction, in the prediction's shape.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lib.activations import sigmoid


class Loss:
    """What all losses promise; a subclass gives `value` and `slope`, both element-wise."""

    def value(self, x: np.ndarray, target: np.ndarray) -> np.ndarray:
        """The loss of each entry, of x's shape."""
        raise NotImplementedError

    def slope(self, x: np.ndarray, target: np.ndarray) -> np.ndarray:
        """The derivative of `value` in x, of x's shape."""
        raise NotImplementedError

    def forward(self, x: ArrayLike, target: ArrayLike) -> np.ndarray | np.floating:
        """The mean loss of each network, of shape (...). Raises ValueError where shapes differ."""
        x, target = np.asarray(x), np.asarray(target)
        if x.ndim < 2 or x.shape[-2:] != target.shape[-2:]:
            raise ValueError(
                f"{type(self).__name__}: expected prediction and target with the same two last "
                f"axes (N, K), given {x.shape} and {target.shape}"
            )
        # Whole numbers would turn float32 into float64.
        target = target if target.dtype.kind == "f" else target.astype(x.dtype)
        self.x, self.target, self.size = x, target, x.shape[-2] * x.shape[-1]
        return self.value(x, target).sum(axis=(-2, -1)) / self.size

    def backward(self) -> np.ndarray:
        """dL/dx, of the prediction's shape (..., N, K): element by element, over N * K."""
        return self.slope(self.x, self.target) / self.size


class BCELoss(Loss):
    """Binary cross-entropy on probabilities, -t log p - (1 - t) log(1 - p), written as it reads.

    Kept naive on purpose: where p rounds to exactly 1 (or 0), 0 * log 0 is NaN, in the loss and in
    its gradient. torch clamps the logarithm at -100 instead. Chapter 03 finds this NaN in a
    well-known experiment; `BCEWithLogitsLoss` is the cure.
    """

    def value(self, p: np.ndarray, target: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):  # the NaN is the lesson
            return -(target * np.log(p) + (1 - target) * np.log(1 - p))

    def slope(self, p: np.ndarray, target: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return (1 - target) / (1 - p) - target / p


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy on logits z, where p = sigmoid(z): the same loss, stable everywhere.

    -t log p - (1 - t) log(1 - p) = max(z, 0) - t z + log(1 + exp(-|z|)); the exponent is never
    positive, so nothing overflows, and p never has to be formed. The slope is sigmoid(z) - t: the
    slope 1/4 of the output unit has cancelled. Derived in chapter 03.
    """

    def value(self, z: np.ndarray, target: np.ndarray) -> np.ndarray:
        return np.maximum(z, 0) - target * z + np.log1p(np.exp(-np.abs(z)))

    def slope(self, z: np.ndarray, target: np.ndarray) -> np.ndarray:
        return sigmoid(z) - target


class MSELoss(Loss):
    """Mean squared error, (x - t)^2 averaged over all entries: the loss of regression."""

    def value(self, x: np.ndarray, target: np.ndarray) -> np.ndarray:
        return (x - target) ** 2

    def slope(self, x: np.ndarray, target: np.ndarray) -> np.ndarray:
        return 2 * (x - target)


class CrossEntropyLoss:
    """Softmax and cross-entropy on logits z (..., N, K), for class numbers `target` (..., N).

    L = log sum_k exp(z_k) - z_t, averaged over the N examples; the largest logit is subtracted
    first, so nothing overflows. Its slope is softmax(z) minus 1 at the right class. Raises
    ValueError for targets of another shape, and for class numbers outside 0 ... K - 1.
    Source: Goodfellow, Bengio & Courville 2016, section 6.2.2.3. Used from chapter 05 on.
    """

    def forward(self, z: ArrayLike, target: ArrayLike) -> np.ndarray | np.floating:
        """The mean loss of each network, of shape (...)."""
        z, target = np.asarray(z), np.asarray(target)
        if z.ndim < 2 or target.shape != z.shape[-1 - target.ndim : -1] or target.ndim < 1:
            raise ValueError(
                f"CrossEntropyLoss: expected logits (..., N, K) and targets (..., N), "
                f"given {z.shape} and {target.shape}"
            )
        if target.dtype.kind not in "iu" or not ((0 <= target) & (target < z.shape[-1])).all():
            raise ValueError(
                f"CrossEntropyLoss: expected class numbers 0 to {z.shape[-1] - 1}, "
                f"given {target.dtype} {target.ravel()[:5]}"
            )
        shifted = z - z.max(axis=-1, keepdims=True)
        exps = np.exp(shifted)
        total = exps.sum(axis=-1, keepdims=True)
        self.probabilities = exps / total
        self.index = np.broadcast_to(target[..., None], (*z.shape[:-1], 1))
        of_target = np.take_along_axis(shifted, self.index, axis=-1)
        return (np.log(total) - of_target).mean(axis=(-2, -1))

    def backward(self) -> np.ndarray:
        """dL/dz, of the logits' shape."""
        dz = self.probabilities.copy()
        of_target = np.take_along_axis(dz, self.index, axis=-1)
        np.put_along_axis(dz, self.index, of_target - 1, axis=-1)
        return dz / dz.shape[-2]
