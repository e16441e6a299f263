"""Recurrent layers: the same weights at every step of time, and the way back through all of them.

x has shape (..., T, N, D): time, examples, features, after any experiments. To read an output at
each step, reshape y (T, N, H) to (T * N, H) before the Linear. Weights are shared by all T steps,
so their gradient is a sum over time, and what goes back from step t to t - 1 passes `weight_hh`
once more: the product of chapter 03, with time for depth. The products with the input do not depend
on the state, so they are made for all steps at once, time first. Chapter 17 derives both.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib.init import uniform
from lib.layers import Layer, Parameter
from lib.seeds import Rng, as_generators, check_widths, refuse_x
from lib.sums import over_examples, product


def _flat(a):
    """(..., T, N, D) as (..., T * N, D), so that one product serves all of time."""
    return a.reshape(*a.shape[:-3], a.shape[-3] * a.shape[-2], a.shape[-1])


def _by_time(a):
    """(..., T, N, D) as (T, ..., N, D), the same numbers in place: a[t] is one step."""
    return np.moveaxis(a, -3, 0)


def _outside(a):
    """(T, ..., N, D) as (..., T, N, D), as the outside knows it."""
    return np.moveaxis(a, 0, -3)


class _Recurrent(Layer):
    """What RNN and LSTM share: the weights, the products over all time, and the checks.

    Like torch, all weights and the bias start evenly in +-1/sqrt(hidden_size); unlike torch, there
    is one bias, not two (their sum is all that counts), weights are (in, out), and there is one
    layer in one direction. Raises ValueError for a width below 1 and for an x or a state of
    another shape than expected.
    """

    gate_count: int
    trailing = 3  # time, examples, features

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        init: Callable | None = None,
        hidden_init: Callable | None = None,
        rng: Rng = None,
        dtype: DTypeLike = np.float64,
    ):
        check_widths(type(self).__name__, input_size=input_size, hidden_size=hidden_size)
        self.input_size, self.hidden_size = input_size, hidden_size
        bound, width = hidden_size**-0.5, self.gate_count * hidden_size

        def even(shape, rng, dtype):
            return uniform(shape, rng, bound=bound, dtype=dtype)

        rng = as_generators(rng)
        self.weight_ih = Parameter((init or even)((input_size, width), rng, dtype=dtype))
        hidden_init = hidden_init or init or even
        self.weight_hh = Parameter(hidden_init((hidden_size, width), rng, dtype=dtype))
        self.bias = Parameter(even((1, width), rng, dtype))

    def _begin(self, x, scale=1.0):
        """What the input gives to every z, times `scale`: (T, ..., N, gates * H)."""
        x = np.asarray(x)
        if x.ndim < 3 or x.shape[-1] != self.input_size:
            owner = f"{type(self).__name__}({self.input_size}, {self.hidden_size})"
            refuse_x(owner, x, "T, N", self.input_size)
        self.x = x
        weight = self.weight_ih.data * scale
        lead = np.broadcast_shapes(x.shape[:-3], weight.shape[:-2])
        every = np.broadcast_to(x, (*lead, *x.shape[-3:]))  # one input may serve all networks
        z = np.matmul(_by_time(every), weight, order="C")
        z += self.bias.data * scale
        return z

    def _states(self, z, first, name: str):
        """Room for the states of steps 0 to T, (T + 1, ..., N, H); the one of step 0 is `first`."""
        states = np.empty((len(z) + 1, *z.shape[1:-1], self.hidden_size), z.dtype)
        try:
            states[0] = 0 if first is None else np.broadcast_to(first, states[0].shape)
        except ValueError:
            raise ValueError(
                f"{type(self).__name__}: expected {name} of shape {states[0].shape}, "
                f"given {np.shape(first)}"
            ) from None
        return states

    def _finish(self, dz, before):
        """Add the parameters' gradients, from dz and h_0 ... h_{T-1}, time first; return dL/dx."""
        dz, before = _flat(_outside(dz)), _flat(_outside(before))
        self.weight_ih.grad += _flat(self.x).mT @ dz
        self.weight_hh.grad += before.mT @ dz
        self.bias.grad += over_examples(dz)
        dx = dz @ self.weight_ih.data.mT  # (..., T * N, D)
        return dx.reshape(*dz.shape[:-2], *self.x.shape[-3:])


class RNN(_Recurrent):
    """h_t = tanh(x_t W_ih + h_{t-1} W_hh + b); y is h_1 ... h_T, of shape (..., T, N, H).

    `forward(x, h0)` starts from h0 (..., N, H), or from 0; afterwards `h` is the last state, and
    after `backward` `dh0` is the gradient in the first. Source: Elman, Finding structure in time,
    Cognitive Science 14, 1990; the way back, Werbos 1990. Derived in chapter 17.
    """

    gate_count = 1

    def forward(self, x: ArrayLike, h0: ArrayLike | None = None) -> np.ndarray:
        z = self._begin(x)
        self.hs = self._states(z, h0, "h0")
        for t, zt in enumerate(z):
            zt += product(self.hs[t], self.weight_hh.data)
            np.tanh(zt, out=self.hs[t + 1])
        self.h = self.hs[-1]
        return _outside(self.hs[1:])

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dz = np.empty_like(self.hs[1:])
        dh = np.zeros_like(self.h)
        for t in reversed(range(len(dz))):
            h = self.hs[t + 1]
            dz[t] = (dy[..., t, :, :] + dh) * (1 - h * h)
            dh = product(dz[t], self.weight_hh.data.mT)  # to step t - 1
        self.dh0 = dh
        return self._finish(dz, self.hs[:-1])


class LSTM(_Recurrent):
    """Long short-term memory: c_t = f * c_{t-1} + i * g, h_t = o * tanh(c_t).

    The gates i, f, o are sigmoids and g is a tanh of x_t W_ih + h_{t-1} W_hh + b, whose columns
    hold i, f, g, o in torch's order. The cell state c meets no weight on its way through time,
    only the factor f. `forward(x, h0, c0)` gives y = h_1 ... h_T (..., T, N, H); afterwards `h` and
    `c` are the last states, and after `backward` `dh0` and `dc0` the gradients in the first.
    Source: Hochreiter & Schmidhuber 1997; the forget gate, Gers et al. 2000. Derived in chapter 17.
    """

    gate_count = 4

    def forward(
        self, x: ArrayLike, h0: ArrayLike | None = None, c0: ArrayLike | None = None
    ) -> np.ndarray:
        n, dtype = self.hidden_size, self.weight_hh.data.dtype
        # sigmoid(z) = 1/2 + 1/2 tanh(z/2) (chapter 05), so one tanh serves all four gates.
        half = np.repeat([0.5, 0.5, 1.0, 0.5], n).astype(dtype)  # columns i, f, g, o
        shift = np.repeat([0.5, 0.5, 0.0, 0.5], n).astype(dtype)
        weight = self.weight_hh.data * half
        self.gates = z = self._begin(x, half)  # z, and then, in the same place, i, f, g, o
        self.hs, self.cs = self._states(z, h0, "h0"), self._states(z, c0, "c0")
        self.tanh_c = np.empty_like(self.cs[1:])
        for t, gate in enumerate(self.gates):
            gate += product(self.hs[t], weight)
            np.tanh(gate, out=gate)
            gate *= half
            gate += shift
            i, f, g, o = self._four(gate)
            np.multiply(f, self.cs[t], out=self.cs[t + 1])
            self.cs[t + 1] += i * g
            np.tanh(self.cs[t + 1], out=self.tanh_c[t])
            np.multiply(o, self.tanh_c[t], out=self.hs[t + 1])
        self.h, self.c = self.hs[-1], self.cs[-1]
        return _outside(self.hs[1:])

    def backward(self, dy: np.ndarray) -> np.ndarray:
        n = self.hidden_size
        is_tanh = np.repeat([0, 0, 1, 0], n).astype(dy.dtype)
        dz = np.empty_like(self.gates)
        dh, dc = np.zeros_like(self.h), np.zeros_like(self.c)
        for t in reversed(range(len(dz))):
            gate, tanh_c, zt = self.gates[t], self.tanh_c[t], dz[t]
            i, f, g, o = self._four(gate)
            dh = dh + dy[..., t, :, :]  # from the output and from step t + 1
            dc = dc + dh * o * (1 - tanh_c * tanh_c)  # c reaches the loss through h and c_{t+1}
            zt[..., :n] = dc * g
            zt[..., n : 2 * n] = dc * self.cs[t]
            zt[..., 2 * n : 3 * n] = dc * i
            zt[..., 3 * n :] = dh * tanh_c
            zt *= (1 - gate) * (gate + is_tanh)  # the slopes: i (1 - i) and so on, (1 - g) (1 + g)
            dh = product(zt, self.weight_hh.data.mT)
            dc = dc * f  # the path through time that meets no weight
        self.dh0, self.dc0 = dh, dc
        return self._finish(dz, self.hs[:-1])

    def _four(self, gate):
        """The columns of i, f, g and o."""
        n = self.hidden_size
        return gate[..., :n], gate[..., n : 2 * n], gate[..., 2 * n : 3 * n], gate[..., 3 * n :]
