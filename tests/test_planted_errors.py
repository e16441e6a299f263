"""A check that cannot fail is worth nothing: plant errors in `lib`, and see each one caught.

Each row takes the source of a module, replaces one piece of text, and makes a layer from the
result. The checks are those of every layer: gradcheck, an untouched dy, gradients that add up.
"""

import types
from pathlib import Path

import numpy as np
import pytest

import lib
from lib.gradcheck import gradcheck
from lib.seeds import generators

X = np.random.default_rng(1).normal(scale=2, size=(6, 4))
X[0] = [-7, 7, 0.5, -0.5]  # beyond the cap of ReLU6, too
TIME = np.random.default_rng(2).normal(size=(5, 6, 4))

# module, how to make the layer in it, the right text, the wrong text
PLANTED = [
    ("layers", "Linear(4, 3, rng=1)", "product(self.x.mT, dy)", "-product(self.x.mT, dy)"),
    ("layers", "Linear(4, 3, rng=1)", "product(self.x.mT, dy)", "2 * product(self.x.mT, dy)"),
    ("layers", "Linear(4, 3, rng=1)", "over_examples(dy)", "over_examples(dy) / 4"),
    ("layers", "Linear(4, 4, rng=1)", "dy, self.weight.data.mT", "dy, self.weight.data"),
    (
        "layers",
        "Linear(4, 3, rng=1)",
        "product(dy, self.weight.data.mT)",
        "1.01 * product(dy, self.weight.data.mT)",
    ),
    ("layers", "Linear(4, 3, rng=1)", "self.weight.grad += ", "self.weight.grad = "),
    ("layers", "Linear(4, 3, rng=1)", "self.bias.grad += ", "self.bias.grad = "),
    ("layers", "Residual(Linear(4, 4, rng=1))", "return dy + self.body", "return self.body"),
    (
        "layers",
        "Residual(Linear(4, 4, rng=1))",
        "return dy + self.body.backward(dy)",
        "dy += self.body.backward(dy)\n        return dy",
    ),
    ("activations", "Sigmoid()", "return y * (1 - y)", "return y"),
    ("activations", "Sigmoid()", "return y * (1 - y)", "return x * (1 - x)"),
    ("activations", "Tanh()", "return 1 - y * y", "return 1 - x * x"),
    ("activations", "ReLU()", "return (x > 0)", "return (y >= 0)"),
    ("activations", "ReLU6()", "((x > 0) & (x < 6))", "(x > 0)"),
    ("activations", "LeakyReLU(0.2)", "+ self.negative_slope * (1", "- self.negative_slope * (1"),
    ("activations", "ELU(0.5)", "0) + self.alpha)", "0) + 1)"),
    ("activations", "SELU()", "super().df(x, y / self.scale)", "super().df(x, y)"),
    ("activations", "SiLU()", "return s + y * (1 - s)", "return s"),
    ("activations", "Mish()", "return t + x * (1 - t * t)", "return t + (1 - t * t)"),
    ("activations", "GELU()", "+ x * normal_density(x)", "+ normal_density(x)"),
    (
        "activations",
        "Tanh()",
        "return dy * self.df(self.x, self.y)",
        "dy *= self.df(self.x, self.y)\n        return dy",
    ),
    ("activations", "Tanh()", "1 - y * y", "np.nan * y"),
    ("layers", "Linear(4, 3, rng=1)", "over_examples(dy)", "np.nan * over_examples(dy)"),
    ("normalization", "BatchNorm1d(4)", "(d - level", "(d"),
    ("normalization", "BatchNorm1d(4)", " - xhat * along", ""),
    ("normalization", "LayerNorm(4)", "xhat * along) / std", "xhat * along)"),
    ("normalization", "LayerNorm(4)", "over_examples(dy * self.xhat)", "over_examples(dy)"),
    ("normalization", "BatchNorm1d(4).eval()", "_backward(dy) / self.std", "_backward(dy)"),
    ("normalization", "BatchNorm1d(4)", "self.std, -2)", "self.std, -1)"),
    ("learned", "PReLU(4)", "(dy * np.minimum(self.x, 0))", "(dy)"),
    ("learned", "PReLU(4)", "above + self.weight.data * (1 - above)", "above + (1 - above)"),
    (
        "learned",
        "Maxout(4, 3, rng=1)",
        "self.winner, dy[..., None]",
        "0 * self.winner, dy[..., None]",
    ),
    ("recurrent", "RNN(4, 3, rng=1)", "* (1 - h * h)", ""),
    ("recurrent", "RNN(4, 3, rng=1)", "(dy[..., t, :, :] + dh)", "dy[..., t, :, :]"),
    ("recurrent", "RNN(4, 3, rng=1)", "(dz, self.hs[:-1])", "(dz, self.hs[1:])"),
    ("recurrent", "LSTM(4, 3, rng=1)", "(dz, self.hs[:-1])", "(dz, self.hs[1:])"),
    ("recurrent", "LSTM(4, 3, rng=1)", "zt[..., :n] = dc * g", "zt[..., :n] = dc * f"),
    ("recurrent", "LSTM(4, 3, rng=1)", "dc * self.cs[t]", "dc * self.cs[t + 1]"),
    ("recurrent", "LSTM(4, 3, rng=1)", "(gate + is_tanh)", "gate"),
    ("recurrent", "LSTM(4, 3, rng=1)", "dc = dc * f  #", "dc = dc  #"),
    ("recurrent", "LSTM(4, 3, rng=1)", "dh * o * (1 - tanh_c * tanh_c)", "dh * o"),
    ("recurrent", "LSTM(4, 3, rng=1)", "dh = dh + dy[..., t, :, :]", "dh = dy[..., t, :, :]"),
]


def module_with(name: str, right: str, wrong: str) -> types.ModuleType:
    """The module `lib.name`, made anew from its source with one piece of text replaced."""
    path = Path(lib.__file__).parent / f"{name}.py"
    source = path.read_text(encoding="utf-8")
    assert right in source, f"expected {right!r} in {path.name}: the planted error must be renewed"
    module = types.ModuleType(f"planted_{name}")
    exec(compile(source.replace(right, wrong), path.name, "exec"), module.__dict__)
    return module


def faults(layer, x) -> list[str]:
    """What the checks say against a layer; an empty list when they find nothing."""
    found = [name for name, error in gradcheck(layer, x, 3).items() if error > 1e-6]
    y = layer.forward(x)
    dy = np.random.default_rng(4).normal(size=y.shape)
    before = dy.copy()
    layer.zero_grad()
    layer.backward(dy)
    if not np.array_equal(dy, before):
        found.append("writes into dy")
    once = [p.grad.copy() for p in layer.parameters()]
    layer.forward(x)
    layer.backward(before.copy())
    grads = [p.grad for p in layer.parameters()]
    if not all(np.allclose(g, 2 * o) for g, o in zip(grads, once, strict=True)):
        found.append("gradients do not add up")
    return found


@pytest.mark.parametrize(("module", "make", "right", "wrong"), PLANTED)
def test_a_planted_error_is_caught_and_the_right_text_is_not(module, make, right, wrong):
    x = TIME if module == "recurrent" else X
    as_it_is = module_with(module, right, right)
    assert not faults(eval(make, vars(as_it_is)), x), "the checks accuse the innocent"
    assert faults(eval(make, vars(module_with(module, right, wrong))), x)


def test_an_error_in_the_shape_of_a_bias_is_caught_by_stacking():
    """A bias of shape (out,) is fine alone and silently wrong with as many networks as examples."""
    right = "self.bias.data  # (..., N, out)"
    wrong = "self.bias.data[..., 0, :]  # (..., N, out)"
    broken = module_with("layers", right, wrong).Linear
    options = {"bias_init": lambda shape, rng, dtype: np.stack([g.normal(size=shape) for g in rng])}
    stack = broken(4, 3, rng=generators(1, 6), **options)
    y = stack.forward(X)
    alone = X @ stack.weight.data[2] + stack.bias.data[2]
    assert y.shape == (6, 6, 3) and not np.allclose(y[2], alone)
