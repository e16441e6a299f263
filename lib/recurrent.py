"""Recurrent layers: the same weights at every step of time, and the way back through all of them.

x has shape (..., T, N, D): time on axis -3, then examples, then features; what stands before are
experiments. Weights are shared by all T steps, so their gradient is a sum over time, and what
goes back from step t to t - 1 passes `weight_hh` once more: the product of chapter 03, with time
for depth. The products with the input do not depend on the state, so they are made for all steps
at once. Chapter 17 derives both classes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib.init import uniform
from lib.layers import Layer, Parameter
from lib.seeds import Rng, as_generators, check_widths
from lib.sums import over_examples


def _flat(a):
    """(..., T, N, D) as (..., T * N, D), so that one product serves all of time."""
    return a.reshape(*a.shape[:-3], a.shape[-3] * a.shape[-2], a.shape[-1])


def _by_time(a):
    """(..., T, N, D) as (T, ..., N, D), the same numbers in place: a[t] is one step."""
    return np.moveaxis(a, -3, 0)


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
        self.weight_hh = Parameter(
            (hidden_init or init or even)((hidden_size, width), rng, dtype=dtype)
        )
        self.bias = Parameter(even((1, width), rng, dtype))

    def _begin(self, x):
        """The input's share of every z, (..., T, N, gates * H), and an empty state (..., N, H)."""
        x = np.asarray(x)
        if x.ndim < 3 or x.shape[-1] != self.input_size:
            raise ValueError(
                f"{type(self).__name__}({self.input_size}, {self.hidden_size}): expected x of "
                f"shape (..., T, N, {self.input_size}), given {x.shape}"
            )
        self.x = x
        z = _flat(x) @ self.weight_ih.data  # (..., T * N, gates * H)
        z += self.bias.data
        z = z.reshape(*z.shape[:-2], *x.shape[-3:-1], z.shape[-1])
        return z, np.zeros((*z.shape[:-3], z.shape[-2], self.hidden_size), z.dtype)

    def _state(self, given, empty, name: str):
        if given is None:
            return empty
        try:
            return np.broadcast_to(np.asarray(given, empty.dtype), empty.shape)
        except ValueError:
            raise ValueError(
                f"{type(self).__name__}: expected {name} of shape {empty.shape}, "
                f"given {np.shape(given)}"
            ) from None

    def _finish(self, dz, before):
        """Add the gradients of the three parameters; return dL/dx. `before` is h_0 ... h_{T-1}."""
        self.weight_ih.grad += _flat(self.x).mT @ _flat(dz)
        self.weight_hh.grad += _flat(before).mT @ _flat(dz)
        self.bias.grad += over_examples(_flat(dz))
        dx = _flat(dz) @ self.weight_ih.data.mT  # (..., T * N, D)
        return dx.reshape(*dz.shape[:-1], self.input_size)


class RNN(_Recurrent):
    """h_t = tanh(x_t W_ih + h_{t-1} W_hh + b); y is h_1 ... h_T, of shape (..., T, N, H).

    `forward(x, h0)` starts from h0 (..., N, H), or from 0; afterwards `h` is the last state, and
    after `backward` `dh0` is the gradient in the first. Source: Elman 1990; its gradients,
    Bengio, Simard & Frasconi 1994. Derived in chapter 17.
    """

    gate_count = 1

    def forward(self, x: ArrayLike, h0: ArrayLike | None = None) -> np.ndarray:
        z, empty = self._begin(x)
        h = self.h0 = self._state(h0, empty, "h0")
        self.y = np.empty_like(z)
        for t in range(z.shape[-3]):
            h = np.tanh(z[..., t, :, :] + h @ self.weight_hh.data)
            self.y[..., t, :, :] = h
        self.h = h
        return self.y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dz = np.empty_like(self.y)
        dh = np.zeros_like(self.h)
        for t in reversed(range(dz.shape[-3])):
            h = self.y[..., t, :, :]
            dz[..., t, :, :] = (dy[..., t, :, :] + dh) * (1 - h * h)
            dh = dz[..., t, :, :] @ self.weight_hh.data.mT  # to step t - 1
        self.dh0 = dh
        states = np.concatenate([self.h0[..., None, :, :], self.y], axis=-3)
        return self._finish(dz, states[..., :-1, :, :])


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
        z, empty = self._begin(x)
        steps, n = z.shape[-3], self.hidden_size
        # sigmoid(z) = 1/2 + 1/2 tanh(z/2) (chapter 05), so one tanh serves all four gates.
        half = np.repeat([0.5, 0.5, 1.0, 0.5], n).astype(z.dtype)  # columns i, f, g, o
        shift = np.repeat([0.5, 0.5, 0.0, 0.5], n).astype(z.dtype)
        z *= half
        weight = self.weight_hh.data * half
        self.gates = _by_time(z)  # (T, ..., N, 4 H): z, and then, in the same place, i, f, g, o
        self.hs, self.cs = (np.empty((steps + 1, *empty.shape), z.dtype) for _ in "hc")
        self.tanh_c = np.empty((steps, *empty.shape), z.dtype)
        self.hs[0], self.cs[0] = self._state(h0, empty, "h0"), self._state(c0, empty, "c0")
        for t, gate in enumerate(self.gates):
            gate += self.hs[t] @ weight
            np.tanh(gate, out=gate)
            gate *= half
            gate += shift
            i, f, g, o = self._four(gate)
            np.multiply(f, self.cs[t], out=self.cs[t + 1])
            self.cs[t + 1] += i * g
            np.tanh(self.cs[t + 1], out=self.tanh_c[t])
            np.multiply(o, self.tanh_c[t], out=self.hs[t + 1])
        self.h, self.c = self.hs[-1], self.cs[-1]
        return np.moveaxis(self.hs[1:], 0, -3)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        n = self.hidden_size
        is_tanh = np.repeat([0, 0, 1, 0], n).astype(dy.dtype)
        dz = np.empty((*dy.shape[:-1], 4 * n), dy.dtype)
        dh, dc = np.zeros_like(self.h), np.zeros_like(self.c)
        for t in reversed(range(dy.shape[-3])):
            gate, tanh_c, zt = self.gates[t], self.tanh_c[t], dz[..., t, :, :]
            i, f, g, o = self._four(gate)
            dh = dh + dy[..., t, :, :]  # from the output and from step t + 1
            dc = dc + dh * o * (1 - tanh_c * tanh_c)  # c reaches the loss through h and c_{t+1}
            zt[..., :n] = dc * g
            zt[..., n : 2 * n] = dc * self.cs[t]
            zt[..., 2 * n : 3 * n] = dc * i
            zt[..., 3 * n :] = dh * tanh_c
            zt *= (1 - gate) * (gate + is_tanh)  # the slopes: i (1 - i) and so on, (1 - g) (1 + g)
            dh = zt @ self.weight_hh.data.mT
            dc = dc * f  # the path through time that meets no weight
        self.dh0, self.dc0 = dh, dc
        return self._finish(dz, np.moveaxis(self.hs[:-1], 0, -3))

    def _four(self, gate):
        """The columns of i, f, g and o."""
        n = self.hidden_size
        return gate[..., :n], gate[..., n : 2 * n], gate[..., 2 * n : 3 * n], gate[..., 3 * n :]
