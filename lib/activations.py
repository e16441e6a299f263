"""Activation functions: element by element, y = f(x), and on the way back dx = dy * f'(x).

Each class is a pure pair. `f(x)` is the function; `df(x, y)` is its slope, and is handed the output
y = f(x) as well, because the slope is often cheapest in terms of it: y (1 - y) for the sigmoid.
The pair keeps nothing, so plots, theory and tests use it without a network. `forward` and
`backward`, which keep x and y, are the same for all and stand once, in `Activation`.
"""

from __future__ import annotations

import numpy as np

from lib.layers import Layer


class Activation(Layer):
    """The base of all element-wise layers: a subclass gives `f` and `df`, and nothing else.

    x, y, dy and dx all have the same shape, whatever it is. Chapter 01 derives `backward`.
    """

    def f(self, x):
        raise NotImplementedError

    def df(self, x, y):
        raise NotImplementedError

    def forward(self, x):
        self.x = np.asarray(x)
        self.y = self.f(self.x)
        return self.y

    def backward(self, dy):
        return dy * self.df(self.x, self.y)


def sigmoid(x):
    """1 / (1 + exp(-x)) by an exponent that is never positive, so that nothing overflows.

    For x >= 0 it is 1 / (1 + e), for x < 0 it is e / (1 + e), with e = exp(-|x|). Derived in
    chapter 02, which also shows what the plain formula does at x = -1000.
    """
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


class Identity(Activation):
    """y = x, with slope 1 everywhere: what depth is worth without a nonlinearity (chapter 01)."""

    def f(self, x):
        return x

    def df(self, x, y):
        return np.ones_like(x)


class Sigmoid(Activation):
    """y = 1 / (1 + exp(-x)), between 0 and 1; slope y (1 - y), at most 1/4, at x = 0.

    Computed by `sigmoid`, which does not overflow. Where y rounds to 1, its distance from 1 is
    lost, and with it the slope; a loss on logits keeps it. Derived in chapter 02.
    """

    def f(self, x):
        return sigmoid(x)

    def df(self, x, y):
        return y * (1 - y)


class Tanh(Activation):
    """y = tanh(x), between -1 and 1; slope 1 - y^2, at most 1, at x = 0. Derived in chapter 05."""

    def f(self, x):
        return np.tanh(x)

    def df(self, x, y):
        return 1 - y * y


class ReLU(Activation):
    """y = max(0, x); slope 1 above 0 and 0 below. At 0 itself the slope is taken as 0, as in torch.

    Source: Nair & Hinton 2010; Glorot, Bordes & Bengio 2011. Derived in chapter 06.
    """

    def f(self, x):
        return np.maximum(x, 0)

    def df(self, x, y):
        return (x > 0).astype(x.dtype)


class LeakyReLU(Activation):
    """y = x above 0 and negative_slope * x below; at 0 the slope is negative_slope, as in torch.

    Source: Maas, Hannun & Ng 2013, section 2. Derived in chapter 07.
    """

    def __init__(self, negative_slope: float = 0.01):
        self.negative_slope = negative_slope

    def f(self, x):
        return np.where(x > 0, x, self.negative_slope * x)

    def df(self, x, y):
        return np.where(x > 0, 1, self.negative_slope).astype(x.dtype)
