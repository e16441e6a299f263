"""Optimisers: what is done with a gradient once it is known, in order of increasing complexity.

All keep one state per parameter and move it in place. `lr` is a number, or an array (S, 1, 1) with
one per network of a stack. Names, defaults and order of operations are torch's. Chapters 18 and 19.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from lib.layers import Parameter
from lib.seeds import check_gradient


class Optimiser:
    """What all share; a subclass gives `update(i, g)`, how far parameter i moves for gradient g.

    Raises ValueError without parameters, for negative hyperparameters and a gradient of another S.
    """

    def __init__(self, params: Iterable[Parameter], lr: ArrayLike, **hyperparameters: ArrayLike):
        self.params, name = list(params), type(self).__name__
        if not self.params:
            raise ValueError(f"{name}: expected at least one parameter, given none")
        for key, value in {"lr": lr, **hyperparameters}.items():
            if not np.min(value) >= 0 or (key in ("alpha", "betas") and np.max(value) >= 1):
                raise ValueError(f"{name}: expected {key} >= 0 (a mean's < 1), given {key}={value}")
            setattr(self, key, value)
        if not np.isscalar(lr):
            self.lr = np.asarray(lr, dtype=self.params[0].data.dtype)
            if self.lr.ndim and self.lr.shape[-2:] != (1, 1):
                raise ValueError(f"{name}: expected lr (..., 1, 1), given {self.lr.shape}")
        self.state: list[dict] = [{} for _ in self.params]

    def update(self, i: int, g: np.ndarray) -> np.ndarray:
        """What to subtract from parameter i, whose gradient is g; of the parameter's shape."""
        raise NotImplementedError

    def step(self) -> None:
        """Move every parameter once, in place. One without a gradient (0.0) stays where it is."""
        for i, p in enumerate(self.params):
            if isinstance(g := p.grad, np.ndarray):
                if g.shape != p.data.shape:
                    check_gradient(f"{type(self).__name__}.step", p.data, g)
                p.data -= self.update(i, g)

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter."""
        for p in self.params:
            p.zero_grad()


class SGD(Optimiser):
    """p <- p - lr v with v = dL/dp, or with momentum v <- momentum v + dL/dp.

    `nesterov` looks one step of momentum ahead; `weight_decay` adds weight_decay * p to the
    gradient. Source: Polyak 1964; Sutskever et al. 2013, section 2. Chapters 01 and 19.
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: ArrayLike,
        momentum: float = 0.0,
        *,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ):
        super().__init__(params, lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and momentum == 0:
            raise ValueError("SGD: expected momentum > 0 with nesterov, given momentum=0")
        self.nesterov = nesterov

    def update(self, i: int, g: np.ndarray) -> np.ndarray:
        if self.weight_decay:
            g = g + self.weight_decay * self.params[i].data
        if self.momentum:
            v = self.state[i]["v"] = self.momentum * self.state[i].get("v", 0.0) + g
            g = g + self.momentum * v if self.nesterov else v
        return self.lr * g


class Adagrad(Optimiser):
    """p <- p - lr g / (sqrt(s) + eps), where s sums all squared gradients so far.

    Source: Duchi, Hazan & Singer, Adaptive subgradient methods, JMLR 12, 2011, figure 1.
    """

    def __init__(self, params: Iterable[Parameter], lr: ArrayLike = 1e-2, *, eps: float = 1e-10):
        super().__init__(params, lr, eps=eps)

    def update(self, i: int, g: np.ndarray) -> np.ndarray:
        s = self.state[i]["s"] = self.state[i].get("s", 0.0) + g * g
        return self.lr * g / (np.sqrt(s) + self.eps)


class RMSprop(Optimiser):
    """As Adagrad, but s is a running mean: s <- alpha s + (1 - alpha) g^2, so it can forget.

    Source: Tieleman & Hinton, Neural networks for machine learning, Coursera 2012, lecture 6.5.
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: ArrayLike = 1e-2,
        alpha: float = 0.99,
        *,
        eps: float = 1e-8,
    ):
        super().__init__(params, lr, alpha=alpha, eps=eps)

    def update(self, i: int, g: np.ndarray) -> np.ndarray:
        s = self.alpha * self.state[i].get("s", 0.0) + (1 - self.alpha) * g * g
        self.state[i]["s"] = s
        return self.lr * g / (np.sqrt(s) + self.eps)


class Adam(Optimiser):
    """A running mean of g over the root of a running mean of g^2, both corrected for starting at 0.

    `weight_decay` adds weight_decay * p to the gradient, where the division by the root distorts
    it; `AdamW` does not. Source: Kingma & Ba 2015, algorithm 1. Derived in chapter 19.
    """

    decoupled = False

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: ArrayLike = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        *,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ):
        super().__init__(params, lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def update(self, i: int, g: np.ndarray) -> np.ndarray:
        state, (b1, b2) = self.state[i], self.betas
        decay = self.weight_decay * self.params[i].data if self.weight_decay else 0.0
        if not self.decoupled:
            g = g + decay
        t = state["t"] = state.get("t", 0) + 1
        m = state["m"] = b1 * state.get("m", 0.0) + (1 - b1) * g
        v = state["v"] = b2 * state.get("v", 0.0) + (1 - b2) * g * g
        step = m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + self.eps)
        return self.lr * (step + decay if self.decoupled else step)


class AdamW(Adam):
    """Adam with the decay taken out of the gradient: p also shrinks by lr * weight_decay * p.

    Source: Loshchilov & Hutter 2019, algorithm 2, whose decay is not multiplied by lr; torch's is.
    """

    decoupled = True

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: ArrayLike = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        *,
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ):
        super().__init__(params, lr, betas, eps=eps, weight_decay=weight_decay)


def clip_grad_norm_(params: Iterable[Parameter], max_norm: float) -> np.ndarray | float:
    """Scale all gradients of a network together so that their norm is at most `max_norm`.

    Returns the norm before, one per network (...); networks of a stack never mix. The direction
    stays; where squares overflow the norm is inf and, as in torch, the gradient becomes 0. Raises
    ValueError for max_norm <= 0. Source: Pascanu, Mikolov & Bengio 2013, algorithm 1; chapter 18.
    """
    with_gradient = _clippable(params, max_norm, "clip_grad_norm_", "max_norm")
    if not with_gradient:
        return 0.0
    norm = np.sqrt(sum((p.grad**2).sum(axis=(-2, -1)) for p in with_gradient))
    scale = np.minimum(1.0, max_norm / (norm + 1e-6))[..., None, None]
    for p in with_gradient:
        p.grad = (p.grad * scale).astype(p.data.dtype)
    return norm


def clip_grad_value_(params: Iterable[Parameter], clip_value: float) -> None:
    """Cut every entry of each gradient to +-clip_value: it may turn. Mikolov 2012; chapter 18."""
    for p in _clippable(params, clip_value, "clip_grad_value_", "clip_value"):
        p.grad = np.clip(p.grad, -clip_value, clip_value)


def _clippable(params, limit: float, owner: str, name: str) -> list[Parameter]:
    if limit <= 0:
        raise ValueError(f"{owner}: expected {name} > 0, given {limit}")
    return [p for p in params if isinstance(p.grad, np.ndarray)]
