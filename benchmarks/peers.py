"""Peers: the same networks in PyTorch, from the same numbers, trained by the same step.

`eager` is what everybody writes. For a stack of S networks there are three ways: a loop over S
eager ones, `vmap` over one function of its parameters, and layers written for stacks by hand
(`stacked`: one batched product for all).
"""

from __future__ import annotations

import copy
import sys
import warnings

import numpy as np

try:
    import torch
except ImportError:
    sys.exit("benchmarks.lib: PyTorch is missing; install it with: pip install torch==2.13.0")
from torch import nn
from torch.func import functional_call, grad_and_value, stack_module_state, vmap
from torch.nn import functional  # noqa: F401  (for the workloads)

from lib.layers import Layer, Linear, Residual, Sequential
from lib.normalization import BatchNorm1d
from lib.recurrent import LSTM

torch.set_num_threads(1)
warnings.filterwarnings("ignore", module="torch")  # hints about devices that are not here


class Skip(nn.Module):
    """x + body(x)."""

    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return x + self.body(x)


class Outputs(nn.LSTM):
    """nn.LSTM that returns its outputs alone and keeps its second bias at zero."""

    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.bias_hh_l0.requires_grad_(False).zero_()

    def forward(self, x):
        return super().forward(x)[0]


class StackedLinear(nn.Module):
    """x W + b for S networks at once, in lib's layout: W (S, in, out), b (S, 1, out)."""

    def __init__(self, layer: Linear):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(layer.weight.data))
        self.bias = nn.Parameter(torch.tensor(layer.bias.data))

    def forward(self, x):
        return torch.baddbmm(self.bias, x.expand(len(self.weight), *x.shape[-2:]), self.weight)


class StackedBatchNorm(nn.BatchNorm1d):
    """BatchNorm for (S, N, D): a batch of N examples with S * D features."""

    def __init__(self, layer: BatchNorm1d):
        super().__init__(layer.weight.data.size)

    def forward(self, x):
        s, n, d = x.shape
        return super().forward(x.transpose(0, 1).reshape(n, s * d)).view(n, s, d).transpose(0, 1)


class StackedLSTM(nn.Module):
    """An LSTM for (S, T, N, D), step by step as lib's, with one batched product for all S."""

    def __init__(self, layer: LSTM):
        super().__init__()
        self.weight_ih = nn.Parameter(torch.tensor(layer.weight_ih.data))
        self.weight_hh = nn.Parameter(torch.tensor(layer.weight_hh.data))
        self.bias = nn.Parameter(torch.tensor(layer.bias.data))

    def forward(self, x):
        s, t, n, d = x.shape
        z = torch.baddbmm(self.bias, x.reshape(s, t * n, d), self.weight_ih).view(s, t, n, -1)
        h = c = x.new_zeros(s, n, self.weight_hh.shape[1])
        outputs = []
        for z_t in z.unbind(1):
            i, f, g, o = torch.baddbmm(z_t, h, self.weight_hh).chunk(4, -1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            outputs.append(h)
        return torch.stack(outputs, 1)


def as_torch(layer: Layer, network=...) -> nn.Module:
    """The same layer in PyTorch, with the numbers of one network of a stack."""

    def numbers(array):  # a vector as (out,), a matrix turned to torch's (out, in)
        return torch.tensor(
            array[network].T.squeeze(-1) if array.shape[-2] == 1 else array[network].T
        )

    if isinstance(layer, Sequential):
        return nn.Sequential(*(as_torch(inner, network) for inner in layer.layers))
    if isinstance(layer, Residual):
        return Skip(as_torch(layer.body, network))
    if isinstance(layer, BatchNorm1d):
        return nn.BatchNorm1d(layer.num_features)
    if isinstance(layer, Linear):
        new, names = nn.Linear(layer.in_features, layer.out_features), ("weight", "bias")
    elif isinstance(layer, LSTM):
        new = Outputs(layer.input_size, layer.hidden_size)
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0")
    else:
        return getattr(nn, type(layer).__name__)()
    with torch.no_grad():
        for name, p in zip(names, layer.parameters(), strict=True):
            getattr(new, name).copy_(numbers(p.data))
    return new


def as_stacked(layer: Layer) -> nn.Module:
    """The same stack of networks in PyTorch, written for stacks by hand."""
    if isinstance(layer, Sequential):
        return nn.Sequential(*map(as_stacked, layer.layers))
    known = {Linear: StackedLinear, BatchNorm1d: StackedBatchNorm, LSTM: StackedLSTM}
    if type(layer) in known:
        return known[type(layer)](layer)
    return as_torch(layer)


def eager(net: nn.Module, loss, x, target, lr: float):
    """One step of plain SGD as everybody writes it; returns the loss of each network before it."""
    optimiser = torch.optim.SGD(net.parameters(), lr=lr)

    def step():
        optimiser.zero_grad()
        value = loss(net(x), target)
        value.sum().backward()
        optimiser.step()
        return value.detach()

    return step


def loop(nets: list[nn.Module], loss, x, target, lr: float):
    """One step of every network, one after the other; x and target per network, or for all."""
    own = [x] * len(nets) if x.ndim == 2 else list(x)
    steps = [eager(net, loss, one, target, lr) for net, one in zip(nets, own, strict=True)]
    return lambda: torch.stack([step() for step in steps])


def mapped(nets: list[nn.Module], loss, x, target, lr: float):
    """One step of all networks by `torch.func`: vmap over the gradient of one."""
    parameters, buffers = stack_module_state(nets)
    parameters = {name: p.detach() for name, p in parameters.items()}
    base = copy.deepcopy(nets[0]).to("meta")

    def value(parameters, buffers, x):
        y = functional_call(base, (parameters, buffers), (x,))
        return loss(y, target)

    all_of_them = vmap(grad_and_value(value), in_dims=(0, 0, None if x.ndim == 2 else 0))

    def step():
        with torch.backends.mkldnn.flags(enabled=False):  # its LSTM cannot be mapped
            gradients, values = all_of_them(parameters, buffers, x)
        for name, p in parameters.items():
            p.sub_(gradients[name], alpha=lr)
        return values

    return step


def agree(found, expected, tolerance: float) -> float:
    """The largest difference relative to the largest expected; SystemExit above the tolerance."""
    found, expected = np.asarray(found), np.asarray(expected)
    error = np.abs(found - expected).max() / np.abs(expected).max()
    if not error <= tolerance:
        sys.exit(f"benchmarks.lib: lib and its peer differ by {error:.1e}, more than {tolerance}")
    return error
