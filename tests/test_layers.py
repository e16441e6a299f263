"""Every layer: right against finite differences, alike alone and stacked, careful with dy."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from registry import FEATURES, LAYERS, WITH_PARAMETERS, generator

import lib.layers
from lib.activations import Sigmoid, Tanh
from lib.gradcheck import gradcheck, relative_error
from lib.init import generators
from lib.layers import Linear, Parameter, Sequential, mlp

every_layer = pytest.mark.parametrize("name", LAYERS)


def batch(*lead, n=7, dtype=np.float64):
    return generator(1).normal(size=(*lead, n, FEATURES)).astype(dtype)


@every_layer
def test_backward_agrees_with_central_differences(name):
    errors = gradcheck(LAYERS[name](generator()), batch(), generator(2))
    assert max(errors.values()) < 1e-7, errors


@pytest.mark.parametrize("name", WITH_PARAMETERS)
@pytest.mark.parametrize("victim", range(2))
def test_gradcheck_notices_one_percent(name, victim):
    """A backward pass scaled by 1.01 in one parameter alone must not pass."""
    layer = LAYERS[name](generator())
    wrong = list(layer.named_parameters())[victim]
    right_backward = layer.backward

    def backward(dy):
        dx = right_backward(dy)
        layer.named_parameters()[wrong].grad *= 1.01
        return dx

    layer.backward = backward
    errors = gradcheck(layer, batch(), generator(2))
    assert errors.pop(wrong) > 1e-3
    assert max(errors.values()) < 1e-7


@pytest.mark.parametrize(
    "lead", [(3,), (2, 3), (7,)], ids=str
)  # (7,): as many networks as examples
@every_layer
def test_a_stack_is_its_networks_side_by_side(name, lead):
    count = int(np.prod(lead))
    rngs = generators(5, count)
    nested = [rngs[i * lead[-1] : (i + 1) * lead[-1]] for i in range(lead[0])]
    stack = LAYERS[name](nested if len(lead) == 2 else rngs)
    x = batch(*lead)
    y = stack.forward(x)
    dy = generator(3).normal(size=y.shape)
    dx = stack.backward(dy)
    for i, index in enumerate(np.ndindex(*lead)):
        alone = LAYERS[name](generators(5, count)[i])
        np.testing.assert_allclose(alone.forward(x[index]), y[index], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(alone.backward(dy[index]), dx[index], rtol=1e-12, atol=1e-12)
        pairs = zip(alone.parameters(), stack.parameters(), strict=True)
        for one, many in pairs:
            np.testing.assert_allclose(one.grad, many.grad[index], rtol=1e-12, atol=1e-12)


@every_layer
def test_backward_leaves_dy_alone_and_gradients_add_up(name):
    layer = LAYERS[name](generator())
    y = layer.forward(batch())
    dy = generator(3).normal(size=y.shape)
    before = dy.copy()
    layer.backward(dy)
    once = [p.grad.copy() for p in layer.parameters()]
    layer.backward(dy)
    np.testing.assert_array_equal(dy, before)
    for first, p in zip(once, layer.parameters(), strict=True):
        np.testing.assert_allclose(p.grad, 2 * first, rtol=1e-12)
    layer.zero_grad()
    assert all(p.grad == 0.0 for p in layer.parameters())


@every_layer
def test_float32_stays_float32(name):
    dtype = {"dtype": np.float32} if name in WITH_PARAMETERS else {}
    layer = LAYERS[name](generator(), **dtype)
    y = layer.forward(batch(dtype=np.float32))
    dx = layer.backward(np.ones_like(y))
    arrays = [y, dx, *[p.data for p in layer.parameters()], *[p.grad for p in layer.parameters()]]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_layer
def test_no_warning_at_the_ends(name, dtype):
    layer = LAYERS[name](generator())
    x = np.array([[-1e3, -50, 0, 1e3]], dtype=dtype)
    with np.errstate(all="raise", under="ignore"):
        y = layer.forward(x)
        dx = layer.backward(np.ones_like(y))
    assert np.isfinite(y).all() and np.isfinite(dx).all()


@given(
    shape=hnp.array_shapes(min_dims=2, max_dims=4, min_side=0, max_side=3), out=st.integers(1, 3)
)
@settings(deadline=None, max_examples=40)
def test_shapes_of_a_linear_layer(shape, out):
    """Empty batches, one example, one feature and any leading axes."""
    *lead, n, _ = shape
    layer = Linear(FEATURES, out, rng=generator())
    y = layer.forward(np.ones((*lead, n, FEATURES)))
    assert y.shape == (*lead, n, out)
    assert layer.backward(y).shape == (*lead, n, FEATURES)


@pytest.mark.parametrize("given_shape", [(4, 5), (3,), (2, 4, 1)], ids=str)
def test_a_wrong_shape_names_what_was_given_and_expected(given_shape):
    with pytest.raises(ValueError) as error:
        Linear(3, 2).forward(np.ones(given_shape))
    assert str(given_shape) in str(error.value) and "(..., N, 3)" in str(error.value)


@pytest.mark.parametrize("widths", [(-3, 2), (3, 0), (2.5, 2), (3, "2")], ids=str)
def test_a_width_that_is_none_is_refused(widths):
    wrong = next(w for w in widths if not (isinstance(w, int) and w >= 1))
    with pytest.raises(ValueError, match=r"features to be a whole number >= 1, given") as error:
        Linear(*widths)
    assert repr(wrong) in str(error.value)


def test_other_bad_input():
    with pytest.raises(TypeError, match="expected layers, given type at place 1"):
        Sequential(Tanh(), Tanh)
    with pytest.raises(ValueError, match="two trailing axes"):
        Parameter(np.ones(3))
    with pytest.raises(ValueError, match=r"at least two widths, \(in, out\), given \[3\]"):
        mlp([3], Tanh)
    with pytest.raises(ValueError, match="float64 x, given float32"):
        gradcheck(Tanh(), np.ones((2, 3), np.float32))


def test_sequential_keeps_signals_and_gradients():
    net = mlp([FEATURES, 3, 2], Sigmoid, rng=generator())
    y = net.forward(batch())
    dx = net.backward(np.ones_like(y))
    assert len(net.signals) == len(net.gradients) == len(net.layers) + 1
    assert net.signals[-1] is y and net.gradients[0] is dx
    assert [s.shape for s in net.signals] == [g.shape for g in net.gradients]


def test_relative_error_of_nan_is_infinite():
    assert relative_error([np.nan], [1.0]) == np.inf
    assert relative_error([0.0], [0.0]) == 0


def test_every_layer_of_lib_is_in_the_registry():
    made = {type(make(generator())).__name__ for make in LAYERS.values()}
    known = {c.__name__ for c in _subclasses(lib.layers.Layer) if c.__module__.startswith("lib.")}
    assert known - {"Activation"} == made


def _subclasses(cls):
    return {cls_ for c in cls.__subclasses__() for cls_ in {c, *_subclasses(c)}}
