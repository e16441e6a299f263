"""Optimisers: what is done with a gradient once it is known, in order of increasing complexity."""

from __future__ import annotations

import numpy as np


class SGD:
    """Gradient descent: p <- p - lr v, with v = dL/dp, or with momentum v <- momentum v + dL/dp.

    `lr` is a number, or an array (S, 1, 1) with one learning rate per network. Raises ValueError
    for a negative lr or momentum, and for an empty list of parameters. Chapter 01 takes the first
    step with it; chapter 19 derives momentum.
    """

    def __init__(self, params, lr, momentum: float = 0.0):
        self.params, self.momentum = list(params), momentum
        if not self.params:
            raise ValueError("SGD: expected at least one parameter, given none")
        if np.min(lr) < 0 or momentum < 0:
            raise ValueError(f"SGD: expected lr and momentum >= 0, given {lr=}, {momentum=}")
        self.lr = lr if np.isscalar(lr) else np.asarray(lr, dtype=self.params[0].data.dtype)
        self.velocity = [0.0 for _ in self.params]

    def step(self):
        """Move every parameter once, in place. One without a gradient (0.0) stays where it is."""
        for i, p in enumerate(self.params):
            v = p.grad
            if self.momentum:
                v = self.velocity[i] = self.momentum * self.velocity[i] + p.grad
            p.data -= self.lr * v

    def zero_grad(self):
        """Forget the gradient of every parameter."""
        for p in self.params:
            p.zero_grad()
