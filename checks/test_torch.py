"""`lib` against PyTorch in float64: outputs and all gradients to 1e-10, in one run.

Apart from tests/, because PyTorch is large and the book needs none of it. Differences of layout,
said in the docstrings: our weights are (in, out), torch's (out, in); our recurrent layers have one
bias, torch's two, which are added.
"""

import numpy as np
import pytest
import torch

from lib import activations, losses, optim
from lib.init import calculate_gain, normal
from lib.layers import Linear, Parameter, Residual, Sequential
from lib.learned import Maxout, PReLU
from lib.normalization import BatchNorm1d, LayerNorm
from lib.optim import clip_grad_norm_, clip_grad_value_
from lib.recurrent import LSTM, RNN
from lib.stacked import SideBySideLinear

CLOSE = {"rtol": 1e-10, "atol": 1e-10}
DOUBLE = {"dtype": torch.float64}
RNG = np.random.default_rng


def tensor(array, **options):
    return torch.tensor(np.asarray(array), dtype=torch.float64, **options)


def copy(ours, theirs):
    """Give torch's parameter our numbers, turned to its layout."""
    with torch.no_grad():
        theirs.copy_(tensor(ours).reshape(theirs.shape))


def compare(ours, theirs, x, dy):
    """Forward and backward of both; returns torch's input gradient last."""
    xt = tensor(x, requires_grad=True)
    yt = theirs(xt)
    yt = yt[0] if isinstance(yt, tuple) else yt
    yt.backward(tensor(dy))
    np.testing.assert_allclose(ours.forward(x), yt.detach(), **CLOSE)
    np.testing.assert_allclose(ours.backward(dy), xt.grad, **CLOSE)


def same(grad, theirs):
    np.testing.assert_allclose(np.reshape(grad, theirs.grad.shape), theirs.grad, **CLOSE)


@pytest.mark.parametrize("name", activations.REGISTRY)
def test_activations(name):
    kinks = [[0, -0.0, 1e3, -1e3], [6.0, 6.1, -40, 40]]
    x = np.concatenate([RNG(0).normal(scale=3, size=(50, 4)), kinks])
    compare(activations.REGISTRY[name](), getattr(torch.nn, name)(), x, RNG(1).normal(size=x.shape))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (activations.LeakyReLU(0.2), torch.nn.LeakyReLU(0.2)),
        (activations.ELU(0.5), torch.nn.ELU(0.5)),
    ],
)
def test_activations_with_a_parameter(ours, theirs):
    x = RNG(0).normal(size=(20, 4))
    compare(ours, theirs, x, RNG(1).normal(size=x.shape))


def linear_pair(width_in, width_out, seed, linear=Linear):
    ours = linear(width_in, width_out, init=normal, bias_init=normal, rng=seed)
    theirs = torch.nn.Linear(width_in, width_out, **DOUBLE)
    copy(ours.weight.data.mT, theirs.weight)
    copy(ours.bias.data, theirs.bias)
    return ours, theirs


@pytest.mark.parametrize("linear", [Linear, SideBySideLinear])
def test_a_network_with_all_its_gradients(linear):
    pairs = [
        linear_pair(3, 5, 1, linear),
        (activations.Sigmoid(), torch.nn.Sigmoid()),
        linear_pair(5, 2, 2, linear),
    ]
    ours = Sequential(*(a for a, _ in pairs))
    theirs = torch.nn.Sequential(*(b for _, b in pairs))
    compare(ours, theirs, RNG(3).normal(size=(6, 3)), RNG(4).normal(size=(6, 2)))
    for ours_i, theirs_i in zip(ours.layers[::2], theirs[::2], strict=True):
        same(ours_i.weight.grad.mT, theirs_i.weight)
        same(ours_i.bias.grad, theirs_i.bias)


def test_residual_and_maxout():
    ours, theirs = linear_pair(4, 4, 1)
    x, dy = RNG(5).normal(size=(6, 4)), RNG(6).normal(size=(6, 4))
    compare(Residual(ours), lambda x: x + theirs(x), x, dy)
    same(ours.weight.grad.mT, theirs.weight)
    maxout = Maxout(4, 4, 3, bias_init=normal, rng=2)
    linear = torch.nn.Linear(4, 12, **DOUBLE)
    copy(maxout.linear.weight.data.mT, linear.weight)
    copy(maxout.linear.bias.data, linear.bias)
    compare(maxout, lambda x: linear(x).reshape(6, 4, 3).amax(dim=-1), x, dy)
    same(maxout.linear.weight.grad.mT, linear.weight)
    same(maxout.linear.bias.grad, linear.bias)


@pytest.mark.parametrize("count", [1, 4])
def test_prelu(count):
    ours, theirs = PReLU(count), torch.nn.PReLU(count, **DOUBLE)
    compare(ours, theirs, RNG(7).normal(size=(6, 4)), RNG(8).normal(size=(6, 4)))
    same(ours.weight.grad, theirs.weight)


def test_batch_norm_in_training_and_at_test_with_running_statistics():
    ours, theirs = BatchNorm1d(4, momentum=0.3), torch.nn.BatchNorm1d(4, momentum=0.3, **DOUBLE)
    ours.weight.data, ours.bias.data = RNG(9).normal(size=(2, 1, 4))
    copy(ours.weight.data, theirs.weight)
    copy(ours.bias.data, theirs.bias)
    for step in range(4):
        if step == 3:
            ours.eval()
            theirs.eval()
        x, dy = RNG(step).normal(loc=1, scale=3, size=(7, 4)), RNG(step + 9).normal(size=(7, 4))
        compare(ours, theirs, x, dy)
        same(ours.weight.grad, theirs.weight)
        same(ours.bias.grad, theirs.bias)
        np.testing.assert_allclose(ours.running_mean[0], theirs.running_mean, **CLOSE)
        np.testing.assert_allclose(ours.running_var[0], theirs.running_var, **CLOSE)


def test_layer_norm():
    ours, theirs = LayerNorm(4), torch.nn.LayerNorm(4, **DOUBLE)
    ours.weight.data, ours.bias.data = RNG(9).normal(size=(2, 1, 4))
    copy(ours.weight.data, theirs.weight)
    copy(ours.bias.data, theirs.bias)
    compare(ours, theirs, RNG(10).normal(size=(7, 4)), RNG(11).normal(size=(7, 4)))
    same(ours.weight.grad, theirs.weight)
    same(ours.bias.grad, theirs.bias)


@pytest.mark.parametrize(("ours", "name"), [(RNN, "RNN"), (LSTM, "LSTM")])
def test_recurrent_layers_with_their_states(ours, name):
    """Both of torch's biases hold half of ours: only their sum counts."""
    ours, theirs = ours(3, 5, rng=1), getattr(torch.nn, name)(3, 5, **DOUBLE)
    copy(ours.weight_ih.data.mT, theirs.weight_ih_l0)
    copy(ours.weight_hh.data.mT, theirs.weight_hh_l0)
    for half in (theirs.bias_ih_l0, theirs.bias_hh_l0):
        copy(ours.bias.data / 2, half)
    x, dy = RNG(2).normal(size=(6, 4, 3)), RNG(3).normal(size=(6, 4, 5))
    states = [RNG(4 + i).normal(size=(4, 5)) for i in range(1 + (name == "LSTM"))]
    xt = tensor(x, requires_grad=True)
    begin = [tensor(s[None], requires_grad=True) for s in states]
    yt, end = theirs(xt, tuple(begin) if name == "LSTM" else begin[0])
    yt.backward(tensor(dy))
    np.testing.assert_allclose(ours.forward(x, *states), yt.detach(), **CLOSE)
    np.testing.assert_allclose(ours.backward(dy), xt.grad, **CLOSE)
    same(ours.weight_ih.grad.mT, theirs.weight_ih_l0)
    same(ours.weight_hh.grad.mT, theirs.weight_hh_l0)
    same(ours.bias.grad, theirs.bias_ih_l0)
    for key, state in zip(("h", "c"), begin, strict=False):
        np.testing.assert_allclose(getattr(ours, f"d{key}0"), state.grad[0], **CLOSE)
    ends = end if name == "LSTM" else (end,)
    for key, state in zip(("h", "c"), ends, strict=False):
        np.testing.assert_allclose(getattr(ours, key), state[0].detach(), **CLOSE)


@pytest.mark.parametrize("name", ["BCELoss", "BCEWithLogitsLoss", "MSELoss", "CrossEntropyLoss"])
def test_losses(name):
    x, target = RNG(4).normal(scale=30, size=(7, 3)), RNG(5).integers(0, 2, size=(7, 3)) * 1.0
    if name == "BCELoss":
        x = RNG(4).uniform(0.01, 0.99, size=(7, 3))
    ours, theirs = getattr(losses, name)(), getattr(torch.nn, name)()
    torch_target = tensor(target)
    if name == "CrossEntropyLoss":
        target = RNG(5).integers(3, size=7)
        torch_target = torch.tensor(target)
    xt = tensor(x, requires_grad=True)
    value = theirs(xt, torch_target)
    value.backward()
    np.testing.assert_allclose(ours.forward(x, target), value.item(), **CLOSE)
    np.testing.assert_allclose(ours.backward(), xt.grad, **CLOSE)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {"lr": 0.1}),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        ("Adagrad", {}),
        ("Adagrad", {"lr": 0.3}),
        ("RMSprop", {}),
        ("RMSprop", {"lr": 0.03, "alpha": 0.9}),
        ("Adam", {}),
        ("Adam", {"lr": 0.1, "betas": (0.8, 0.9), "weight_decay": 0.1}),
        ("AdamW", {}),
        ("AdamW", {"lr": 0.1, "weight_decay": 0.3}),
    ],
)
def test_fifty_steps(name, options):
    start, gradients = RNG(6).normal(size=(3, 2)), RNG(7).normal(size=(50, 3, 2))
    p, q = Parameter(start.copy()), torch.nn.Parameter(tensor(start))
    if name == "SGD" and "lr" not in options:
        options = options | {"lr": 0.1}
    ours = getattr(optim, name)([p], **options)
    theirs = getattr(torch.optim, name)([q], **options)
    for gradient in gradients:
        p.grad, q.grad = gradient.copy(), tensor(gradient)
        ours.step()
        theirs.step()
    np.testing.assert_allclose(p.data, q.detach(), **CLOSE)


@pytest.mark.parametrize("limit", [0.1, 100.0])
def test_clipping(limit):
    gradients = RNG(8).normal(size=(2, 3, 2))
    ours = [Parameter(np.zeros((3, 2))) for _ in gradients]
    theirs = [torch.nn.Parameter(torch.zeros(3, 2, **DOUBLE)) for _ in gradients]
    for p, q, g in zip(ours, theirs, gradients, strict=True):
        p.grad, q.grad = g.copy(), tensor(g)
    norm = torch.nn.utils.clip_grad_norm_(theirs, limit)
    np.testing.assert_allclose(clip_grad_norm_(ours, limit), norm.item(), **CLOSE)
    for p, q in zip(ours, theirs, strict=True):
        same(p.grad, q)
    torch.nn.utils.clip_grad_value_(theirs, limit / 2)
    clip_grad_value_(ours, limit / 2)
    for p, q in zip(ours, theirs, strict=True):
        same(p.grad, q)


def test_gains():
    for name in ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"):
        assert calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name), rel=1e-12)
    theirs = torch.nn.init.calculate_gain("leaky_relu", 0.3)
    assert calculate_gain("leaky_relu", 0.3) == pytest.approx(theirs, rel=1e-12)
