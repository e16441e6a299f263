"""The exercises of part III, keeping gradients alive: chapters 13 to 18."""

from __future__ import annotations

import numpy as np

from lib.activations import Tanh
from lib.check.comparing import close, compare, only, same
from lib.check.differences import backward, gradient
from lib.check.judge import Missing, Wrong, call, call_for, exercise, function, layer, perform
from lib.init import orthogonal
from lib.language import label
from lib.layers import Linear, Parameter
from lib.models import mlp
from lib.normalization import LayerNorm
from lib.recurrent import RNN
from lib.seeds import generators


@exercise
def my_zca(answer: object) -> None:
    """Chapter 13: white on the training data, turned back, and the same map for other data."""
    f, rng = function(answer), np.random.default_rng(0)
    mixing, n = rng.normal(size=(4, 4)), 60
    train, other = rng.normal(size=(n, 4)) @ mixing + 3, rng.normal(size=(5, 4)) @ mixing + 4
    m, eye = train.mean(axis=0), np.eye(4)
    centred, y = train - m, call(f, train, train, 0.0)
    if y.shape != train.shape:
        raise Wrong("shape", what=label("check output"), given=y.shape, expected=train.shape)
    compare(y.mean(axis=0), np.zeros(4), label("check white mean"))
    covariance = y.T @ y / n
    slips = {"slip eigenvalues": np.linalg.inv(centred.T @ centred / n)}
    slips["slip unbiased"] = eye * (n - 1) / n
    compare(covariance, eye, label("check covariance"), slips=slips, sizes={"examples": n})
    cross = centred.T @ y / n
    if not same(cross, cross.T):
        raise Wrong("slip not turned back")
    if np.linalg.eigvalsh(cross).min() < 0:
        raise Wrong("sign", what=label("check output"))
    matrix = np.linalg.lstsq(centred, y, rcond=None)[0]
    slips = {"slip own mean": (other - other.mean(axis=0)) @ matrix}
    compare(call(f, train, other, 0.0), (other - m) @ matrix, label("check other"), slips=slips)
    compare(1e4 * call(f, train, train, 1e8), centred, label("check large eps"), tol=1e-4)


@exercise
def lsuv(answer: object) -> None:
    """Chapter 14: every linear layer's output has standard deviation 1, in each network."""
    f, x = function(answer), 3 * np.random.default_rng(0).normal(size=(50, 6))
    _lsuv(f, x, mlp([6] + [8] * 4 + [3], Tanh, init=orthogonal, rng=0))
    with only("several"):
        _lsuv(f, x, mlp([6] + [8] * 4 + [3], Tanh, init=orthogonal, rng=generators(0, 3)))


def _lsuv(f, x, net):
    linears = [a for a in net.layers if isinstance(a, Linear)]
    old = [a.weight.data.copy() for a in linears]
    perform(f, net, x)
    net.forward(x)
    if any(a.weight.data.shape != w.shape for a, w in zip(linears, old, strict=True)):
        raise Wrong("slip not one number")
    ratios = [a.weight.data / w for a, w in zip(linears, old, strict=True)]
    if np.allclose(ratios[0], 1):
        raise Wrong("slip unchanged")
    if not all(close(r, r[..., :1, :1]).all() for r in ratios):
        raise Wrong("slip not one number")
    std = np.stack([z.std(axis=(-2, -1)) for z in net.signals[1::2]])  # (layers, ...)
    first = (x @ old[0]).std(axis=(-2, -1))
    if same(std[0], 1 / first) and not same(std[0], np.ones_like(first)):
        raise Wrong("squared", what=label("check divisor"))
    compare(std, np.ones_like(std), label("check std layers"))


@exercise
def layer_norm_backward(answer: object) -> None:
    """Chapter 15: the gradients in x, gamma and beta, against differences of LayerNorm."""
    f, rng = function(answer), np.random.default_rng(0)
    _layer_norm(f, rng.normal(size=(1, 4)) * 2 + 1, rng, {"features": 4})
    with only("batch"):
        _layer_norm(f, rng.normal(size=(5, 4)) * 2 + 1, rng, {"features": 4, "examples": 5})


def _layer_norm(f, x, rng, sizes):
    norm, dy = LayerNorm(4), rng.normal(size=x.shape)
    norm.weight.data, norm.bias.data = rng.normal(size=(2, 1, 4))
    gamma = norm.weight.data

    def loss():
        return (dy * norm.forward(x)).sum()

    dx, dgamma, dbeta = call_for(3, f, dy, x, gamma.copy())
    slips = {"slip constants": dy * gamma / x.std(axis=-1, keepdims=True)}
    what = label("check gradient", name="x")
    compare(dx, gradient(loss, x), what, sizes=sizes, slips=slips, tol=1e-4)
    for name, given, p in (("γ", dgamma, norm.weight), ("β", dbeta, norm.bias)):
        compare(given, gradient(loss, p.data), label("check gradient", name=name), sizes=sizes)


@exercise
def skip_init(answer: object) -> None:
    """Chapter 16: y = alpha x with one learned number, 0 at first, and its way back."""
    made = layer(answer, "forward", "backward")
    if any(value is ... for value in vars(made).values()):
        raise Missing
    parameters = made.parameters()
    if len(parameters) != 1 or parameters[0].data.size != 1:
        raise Wrong("slip one parameter", count=sum(p.data.size for p in parameters))
    (alpha,) = parameters
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 3))
    if alpha.data.any():
        raise Wrong("slip start")
    for factor, key in ((0, "check output zero"), (1, "check output one")):
        alpha.data[...] = factor
        compare(call(made.forward, x), factor * x, label(key))
    alpha.data[...] = -0.7
    made.forward(x)
    if same(call(made.backward, x), x):
        raise Wrong("slip no alpha")
    backward(made, lambda n: rng.normal(size=(n, 3)), {"features": 3})


@exercise
def open_share(answer: object) -> None:
    """Chapter 16: of units that close for good at known blocks, the share still open."""
    f, rng = function(answer), np.random.default_rng(0)
    first = rng.integers(1, 7, size=(2, 5, 40))  # the block after which a unit is first negative
    block = np.arange(1, 6)[:, None, None, None]
    positive = (rng.random((5, *first.shape)) < 0.7) & (first != block) | (first > block)
    counted = (first > block).mean(axis=(1, 2, 3))
    shares = positive.mean(axis=(1, 2, 3))
    slips = {"slip reopened": shares, "slip independent": shares.cumprod()}
    slips["slip closed"] = 1 - counted
    compare(call(f, positive), counted, label("check share"), slips=slips)


@exercise
def power_sizes(answer: object) -> None:
    """Chapter 17: the largest stretch of W^k, found by trying all directions of the plane."""
    f, powers = function(answer), [1, 2, 10, 30]
    W = np.array([[0.9, 1.0], [-0.1, 0.8]])
    angles = np.linspace(0, np.pi, 20001)
    v, stretched = np.stack([np.cos(angles), np.sin(angles)], axis=1), {}
    for k in range(1, 31):
        v = v @ W
        stretched[k] = np.sqrt((v**2).sum(axis=1).max())
    eigen, single = np.abs(np.linalg.eigvals(W)).max(), stretched[1]
    slips = {"slip eigenvalue": eigen ** np.array(powers), "slip bound": single ** np.array(powers)}
    slips["slip frobenius"] = [np.linalg.norm(np.linalg.matrix_power(W, k)) for k in powers]
    compare(call(f, W, powers), [stretched[k] for k in powers], label("check sizes"), slips=slips)


@exercise
def orthogonal_rnn(answer: object) -> None:
    """Chapter 17: RNNs that turn their state and never stretch it; inputs and bias as before."""
    rnn = perform(function(answer), 8, 30)
    if not isinstance(rnn, RNN):
        raise Wrong("slip no rnn", given=type(rnn).__name__)
    W = rnn.weight_hh.data
    if W.shape != (30, 8, 8):
        raise Wrong("shape", what=label("check recurrent"), given=W.shape, expected=(30, 8, 8))
    u = np.random.default_rng(0).normal(size=(30, 5, 8))
    lengths = np.sqrt((u**2).sum(axis=-1))
    compare(np.sqrt(((u @ W) ** 2).sum(axis=-1)), lengths, label("check lengths"))
    if same(W[0], W[1]):
        raise Wrong("slip same networks")
    compare(rnn.weight_ih.data.std(), 8**-0.5, label("check input std"), tol=0.05)
    if rnn.bias.data.any():
        raise Wrong("slip bias")


@exercise
def safe_clip(answer: object) -> None:
    """Chapter 18: clipped by norm where the norm is finite, 0 in every parameter where not."""
    f, c = function(answer), 2.0
    rng = np.random.default_rng(0)
    grads = [rng.normal(size=(4, 2, 3)), rng.normal(size=(4, 1, 3))]
    norm = np.sqrt(sum((g**2).sum(axis=(-2, -1), keepdims=True) for g in grads))
    size = np.array([0.5, 6, 1, 1])[:, None, None]  # below c, above c, and two that are lost
    grads = [g / norm * size for g in grads]
    grads[0][2, 0, 0], grads[1][3, 0, 1] = np.nan, np.inf
    params = [Parameter(np.ones_like(g)) for g in grads]
    for p, g in zip(params, grads, strict=True):
        p.grad = g.copy()
    perform(f, params, c)
    found = [np.broadcast_to(p.grad, p.data.shape) for p in params]
    if any((p.data != 1).any() for p in params):
        raise Wrong("slip data", name="data")
    if not any(g[:2].any() for g in found):
        raise Wrong("slip all lost")
    if any(not np.isfinite(g[2:]).all() for g in found):
        raise Wrong("slip still lost")
    if any(g[2:].any() for g in found):
        raise Wrong("slip part lost")
    flat = [np.concatenate([g[:2].reshape(2, -1) for g in gs], axis=1) for gs in (found, grads)]
    compare(flat[0][0], flat[1][0], label("check small gradient"))
    length = np.sqrt((flat[0][1] ** 2).sum())
    if not same(flat[0][1] / length, flat[1][1] / 6):
        raise Wrong("slip direction")
    compare(length, c, label("check clipped norm"))
