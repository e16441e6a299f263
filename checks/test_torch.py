"""`lib` against PyTorch in float64: outputs and all gradients to 1e-10, in one run.

Apart from tests/, because PyTorch is large and the book does not need it. The one difference of
layout, said in `Linear`: our weight is (in, out), torch's is (out, in).
"""

import numpy as np
import pytest
import torch

from lib import activations, losses
from lib.init import normal
from lib.layers import Linear, Parameter, Sequential
from lib.optim import SGD

CLOSE = {"rtol": 1e-10, "atol": 1e-10}
PAIRS = {
    "Identity": (activations.Identity(), torch.nn.Identity()),
    "Sigmoid": (activations.Sigmoid(), torch.nn.Sigmoid()),
    "Tanh": (activations.Tanh(), torch.nn.Tanh()),
    "ReLU": (activations.ReLU(), torch.nn.ReLU()),
    "LeakyReLU": (activations.LeakyReLU(), torch.nn.LeakyReLU()),
    "LeakyReLU(0.2)": (activations.LeakyReLU(0.2), torch.nn.LeakyReLU(0.2)),
}


def tensor(array, **options):
    return torch.tensor(np.asarray(array), dtype=torch.float64, **options)


def linear_pair(width_in, width_out, seed):
    ours = Linear(width_in, width_out, init=normal, bias_init=normal, rng=seed)
    theirs = torch.nn.Linear(width_in, width_out, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight.copy_(tensor(ours.weight.data.mT))
        theirs.bias.copy_(tensor(ours.bias.data[0]))
    return ours, theirs


@pytest.mark.parametrize("name", PAIRS)
def test_activations(name):
    ours, theirs = PAIRS[name]
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(scale=3, size=(50, 4)), [[0, -0.0, 1e3, -1e3]]])
    dy = rng.normal(size=x.shape)
    xt = tensor(x, requires_grad=True)
    yt = theirs(xt)
    yt.backward(tensor(dy))
    np.testing.assert_allclose(ours.forward(x), yt.detach(), **CLOSE)
    np.testing.assert_allclose(ours.backward(dy), xt.grad, **CLOSE)


def test_a_network_with_all_its_gradients():
    pairs = [linear_pair(3, 5, 1), PAIRS["Sigmoid"], linear_pair(5, 2, 2)]
    ours = Sequential(*(a for a, _ in pairs))
    theirs = torch.nn.Sequential(*(b for _, b in pairs))
    rng = np.random.default_rng(3)
    x, dy = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    xt = tensor(x, requires_grad=True)
    yt = theirs(xt)
    yt.backward(tensor(dy))
    np.testing.assert_allclose(ours.forward(x), yt.detach(), **CLOSE)
    np.testing.assert_allclose(ours.backward(dy), xt.grad, **CLOSE)
    for ours_i, theirs_i in zip(ours.layers[::2], theirs[::2], strict=True):
        np.testing.assert_allclose(ours_i.weight.grad, theirs_i.weight.grad.T, **CLOSE)
        np.testing.assert_allclose(ours_i.bias.grad[0], theirs_i.bias.grad, **CLOSE)


@pytest.mark.parametrize("name", ["BCELoss", "BCEWithLogitsLoss"])
def test_losses(name):
    rng = np.random.default_rng(4)
    x, target = rng.uniform(0.01, 0.99, size=(7, 3)), rng.integers(0, 2, size=(7, 3)) * 1.0
    if name == "BCEWithLogitsLoss":
        x = rng.normal(scale=30, size=(7, 3))
    ours, theirs = getattr(losses, name)(), getattr(torch.nn, name)()
    xt = tensor(x, requires_grad=True)
    value = theirs(xt, tensor(target))
    value.backward()
    np.testing.assert_allclose(ours.forward(x, target), value.item(), **CLOSE)
    np.testing.assert_allclose(ours.backward(), xt.grad, **CLOSE)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_fifty_steps_of_sgd(momentum):
    rng = np.random.default_rng(5)
    start, gradients = rng.normal(size=(3, 2)), rng.normal(size=(50, 3, 2))
    p, q = Parameter(start.copy()), torch.nn.Parameter(tensor(start))
    ours = SGD([p], lr=0.1, momentum=momentum)
    theirs = torch.optim.SGD([q], lr=0.1, momentum=momentum)
    for gradient in gradients:
        p.grad, q.grad = gradient.copy(), tensor(gradient)
        ours.step()
        theirs.step()
    np.testing.assert_allclose(p.data, q.detach(), **CLOSE)
