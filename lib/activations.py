"""Activation functions: element by element, y = f(x), and on the way back dx = dy * f'(x).

Each class is a pure pair. `f(x)` is the function; `df(x, y)` is its slope, and is handed the output
y = f(x) as well, because the slope is often cheapest in terms of it: y (1 - y) for the sigmoid.
The pair keeps nothing, so plots, theory and tests use it without a network. `forward` and
`backward`, which keep x and y, are the same for all and stand once, in `Activation`.
"""

from __future__ import annotations

import numpy as np

from lib.layers import Layer
from lib.special import normal_cdf, normal_density, sigmoid


class Activation(Layer):
    """The base of all element-wise layers: a subclass gives `f` and `df`, and nothing else.

    x, y, dy and dx all have the same shape, whatever it is. Chapter 01 derives `backward`.
    """

    def forward(self, x: np.typing.ArrayLike) -> np.ndarray:
        self.x = np.asarray(x)
        self.y = self.f(self.x)
        return self.y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy * self.df(self.x, self.y)


class Identity(Activation):
    """y = x, with slope 1 everywhere: what depth is worth without a nonlinearity (chapter 01)."""

    def f(self, x: np.ndarray) -> np.ndarray:
        return x

    def df(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.ones_like(x)


class Sigmoid(Activation):
    """y = 1 / (1 + exp(-x)), between 0 and 1; slope y (1 - y), at most 1/4, at x = 0.

    Computed by `sigmoid`, which does not overflow. Where y rounds to 1, its distance from 1 is
    lost, and with it the slope; a loss on logits keeps it. Derived in chapter 02.
    """

    def f(self, x: np.ndarray) -> np.ndarray:
        return sigmoid(x)

    def df(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return y * (1 - y)


class Tanh(Activation):
    """y = tanh(x), between -1 and 1; slope 1 - y^2, at most 1, at x = 0. Derived in chapter 05."""

    def f(self, x: np.ndarray) -> np.ndarray:
        return np.tanh(x)

    def df(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 1 - y * y


class ReLU(Activation):
    """y = max(0, x); slope 1 above 0 and 0 below. At 0 itself the slope is taken as 0, as in torch.

    Source: Nair & Hinton 2010; Glorot, Bordes & Bengio 2011. Derived in chapter 06.
    """

    def f(self, x: np.ndarray) -> np.ndarray:
        return np.maximum(x, 0)

    def df(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (x > 0).astype(x.dtype)


class LeakyReLU(Activation):
    """y = x above 0 and negative_slope * x below; at 0 the slope is negative_slope, as in torch.

    Source: Maas, Hannun & Ng 2013, section 2. Derived in chapter 07.
    """

    def __init__(self, negative_slope: float = 0.01):
        self.negative_slope = negative_slope

    def f(self, x: np.ndarray) -> np.ndarray:
        return np.maximum(x, 0) + self.negative_slope * np.minimum(x, 0)

    def df(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        above = (x > 0).astype(x.dtype)  # 1 or 0; np.where is several times slower
        return above + self.negative_slope * (1 - above)


class ReLU6(Activation):
    """y = min(max(0, x), 6); slope 1 strictly between 0 and 6, else 0, as in torch.

    Source: Krizhevsky 2010, for sparse features; Sandler et al. 2018, for few bits. Chapter 10.
    """

    def f(self, x: np.ndarray) -> np.ndarray:
        return np.clip(x, 0, 6)

    def df(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return ((x > 0) & (x < 6)).astype(x.dtype)


class ELU(Activation):
    """y = x above 0 and alpha (exp(x) - 1) below; slope 1 above and y + alpha below.

    With alpha other than 1 the slope jumps at 0, where it is taken from below, as in torch. Where y
    rounds to -alpha, the slope is lost. Source: Clevert et al. 2016, eq. 15. Derived in chapter 09.
    """

    def __init__(self, alpha: float = 1.0):
        self.alpha = alpha

    def f(self, x: np.ndarray) -> np.ndarray:
        return np.maximum(x, 0) + self.alpha * np.expm1(np.minimum(x, 0))

    def df(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        above = (x > 0).astype(x.dtype)
        return above + (1 - above) * (np.minimum(y, 0) + self.alpha)


class SELU(ELU):
    """scale * ELU with the two numbers for which mean 0 and variance 1 are a fixed point.

    Source: Klambauer, Unterthiner, Mayr & Hochreiter 2017, eq. 2 and 14. Chapter 09.
    """

    scale = 1.0507009873554805

    def __init__(self):
        super().__init__(alpha=1.6732632423543772)

    def f(self, x: np.ndarray) -> np.ndarray:
        return self.scale * super().f(x)

    def df(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return self.scale * super().df(x, y / self.scale)


class Softplus(Activation):
    """y = log(1 + exp(x)), a ReLU without a corner; its slope is sigmoid(x) = 1 - exp(-y).

    Written as max(x, 0) + log(1 + exp(-|x|)), which does not overflow. Source: Dugas et al. 2000,
    Incorporating second-order functional knowledge for better option pricing, NIPS 13; Glorot,
    Bordes & Bengio 2011, section 3. Exercise of chapter 01.
    """

    def f(self, x: np.ndarray) -> np.ndarray:
        return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

    def df(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return sigmoid(x)


class SiLU(Activation):
    """y = x sigmoid(x), also called Swish; slope sigmoid(x) + y (1 - sigmoid(x)).

    A branch that sums (chapter 01). Source: Hendrycks & Gimpel 2016; Ramachandran et al. 2017.
    """

    def f(self, x: np.ndarray) -> np.ndarray:
        return x * sigmoid(x)

    def df(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        s = sigmoid(x)
        return s + y * (1 - s)


class Mish(Activation):
    """y = x tanh(softplus(x)). Source: Misra 2019, eq. 1. Compared in chapter 12."""

    def f(self, x: np.ndarray) -> np.ndarray:
        return x * np.tanh(Softplus().f(x))

    def df(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        t = np.tanh(Softplus().f(x))
        return t + x * (1 - t * t) * sigmoid(x)


class GELU(Activation):
    """y = x Phi(x), where Phi is the distribution function of N(0, 1); slope Phi(x) + x phi(x).

    Exact, as torch's default, by `normal_cdf`. Source: Hendrycks & Gimpel 2016, section 2.
    Compared in chapter 12.
    """

    def f(self, x: np.ndarray) -> np.ndarray:
        return x * normal_cdf(x)

    def df(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return normal_cdf(x) + x * normal_density(x)


_SIMPLE = (Identity, Sigmoid, Tanh, ReLU, LeakyReLU, ReLU6, ELU, SELU)
REGISTRY = {cls.__name__: cls for cls in (*_SIMPLE, Softplus, SiLU, Mish, GELU)}
