"""Every layer: right against finite differences, alike alone and stacked, careful with dy."""

import copy
import math
import re
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from registry import FEATURES, LAYERS, RECURRENT, WITH_PARAMETERS, batch, generator

import lib.layers
from lib.activations import ELU, REGISTRY, SELU, Activation, LeakyReLU, ReLU, ReLU6, Sigmoid, Tanh
from lib.dropout import Dropout
from lib.gradcheck import gradcheck, relative_error
from lib.init import constant, normal
from lib.layers import Layer, Linear, Parameter, Residual, Sequential
from lib.learned import Maxout, PReLU
from lib.models import mlp
from lib.normalization import BatchNorm1d, LayerNorm
from lib.recurrent import LSTM, RNN
from lib.seeds import generators
from lib.special import normal_cdf, normal_density
from lib.stacked import SideBySideLinear
from lib.sums import over_examples, product

every_layer = pytest.mark.parametrize("name", LAYERS)


@every_layer
def test_backward_agrees_with_central_differences(name):
    errors = gradcheck(LAYERS[name](generator()), batch(name), generator(2))
    assert max(errors.values()) < 1e-7, errors


@pytest.mark.parametrize(
    "lead", [(3,), (2, 3), (7,)], ids=str
)  # (7,): as many networks as examples
@every_layer
def test_a_stack_is_its_networks_side_by_side(name, lead):
    """Also with (7,), as many networks as examples."""
    count = int(np.prod(lead))
    rngs = generators(5, count)
    nested = [rngs[i * lead[-1] : (i + 1) * lead[-1]] for i in range(lead[0])]
    stack = LAYERS[name](nested if len(lead) == 2 else rngs, lead)
    x = batch(name, *lead)
    y = stack.forward(x)
    dy = generator(3).normal(size=y.shape)
    dx = stack.backward(dy)
    assert all(p.grad.shape == p.data.shape for p in stack.parameters())
    for i, index in enumerate(np.ndindex(*lead)):
        alone = LAYERS[name](generators(5, count)[i])
        np.testing.assert_allclose(alone.forward(x[index]), y[index], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(alone.backward(dy[index]), dx[index], rtol=1e-12, atol=1e-12)
        for one, many in zip(alone.parameters(), stack.parameters(), strict=True):
            np.testing.assert_allclose(one.grad, many.grad[index], rtol=1e-12, atol=1e-12)


@every_layer
def test_backward_leaves_dy_alone_and_gradients_add_up(name):
    layer = LAYERS[name](generator())
    y = layer.forward(batch(name))
    dy = generator(3).normal(size=y.shape)
    before = dy.copy()
    layer.backward(dy)
    once = [p.grad.copy() for p in layer.parameters()]
    layer.backward(dy)
    np.testing.assert_array_equal(dy, before)
    for first, p in zip(once, layer.parameters(), strict=True):
        np.testing.assert_allclose(p.grad, 2 * first, rtol=1e-12)
    layer.zero_grad()
    assert all(isinstance(p.grad, float) and p.grad == 0.0 for p in layer.parameters())


@every_layer
def test_float32_stays_float32(name):
    dtype = {"dtype": np.float32} if name in WITH_PARAMETERS else {}
    layer = LAYERS[name](generator(), **dtype)
    y = layer.forward(batch(name, dtype=np.float32))
    dx = layer.backward(np.ones_like(y))
    arrays = [y, dx, *[p.data for p in layer.parameters()], *[p.grad for p in layer.parameters()]]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


@every_layer
def test_a_list_is_an_input_too(name):
    x = batch(name)
    given_list, given_array = (LAYERS[name](generator()).forward(a) for a in (x.tolist(), x))
    np.testing.assert_array_equal(given_list, given_array)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_layer
def test_no_warning_at_the_ends(name, dtype):
    layer = LAYERS[name](generator())
    x = np.array([[-1e3, -50, 0, 1e3], [1e3, -1e3, 1e3, 0]], dtype=dtype)
    with np.errstate(all="raise", under="ignore"):
        y = layer.forward(x[None] if name in RECURRENT else x)
        dx = layer.backward(np.ones_like(y))
    assert np.isfinite(y).all() and np.isfinite(dx).all()


@given(
    name=st.sampled_from(list(LAYERS)),
    n=st.integers(0, 4),
    steps=st.integers(0, 3),
)
@settings(deadline=None, max_examples=150)
def test_any_number_of_examples_and_steps(name, n, steps):
    """Empty batches, one example, no time at all: the right shape, or a clear error."""
    layer = LAYERS[name](generator())
    x = batch(name, n=n, steps=steps)
    if name in ("BatchNorm1d", "mlp") and n < 2:
        with pytest.raises(ValueError, match=f"two examples in training, given {n}"):
            layer.forward(x)
        return
    y = layer.forward(x)
    assert y.shape[:-1] == x.shape[:-1]
    assert layer.backward(np.ones_like(y)).shape == x.shape


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


LINEAR32 = Linear(4, 2, dtype=np.float32)


def shared_at_two_depths(layer):
    return Sequential(Linear(4, 4), layer, Residual(Linear(4, 4), Residual(layer)))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Sequential(Tanh(), Tanh), TypeError, "expected layers, given type at place 1"),
        (lambda: Sequential(*[Tanh()] * 2), ValueError, "expected each layer once"),
        (lambda: shared_at_two_depths(Tanh()), ValueError, "each layer once, given one twice"),
        (lambda: Parameter(np.ones(3)), ValueError, "two trailing axes"),
        (lambda: Parameter([[1, 2]]), ValueError, r"of floats .* given int64 of shape \(1, 2\)"),
        (lambda: mlp([3], Tanh), ValueError, r"at least two widths, \(in, out\), given \[3\]"),
        (lambda: mlp([3, 2], Tanh, norm="group"), ValueError, "'layer', given 'group'"),
        (lambda: gradcheck(Tanh(), np.ones((2, 3), np.float32)), ValueError, "given float32"),
        (
            lambda: Residual(Linear(3, 2)).forward(np.ones((4, 3))),
            ValueError,
            r"\(4, 3\), given \(4, 2\)",
        ),
        (lambda: Dropout(1.0), ValueError, "0 <= p < 1, given 1.0"),
        (
            lambda: Dropout(0.5, rng=[1, 2]).forward(np.ones((3, 2, 2))),
            ValueError,
            r"x \(2, ..., N, D\), one network per generator; given \(3, 2, 2\)",
        ),
        (lambda: Dropout(0.5, rng=[1, 2]).forward(np.ones((2, 4))), ValueError, r"given \(2, 4\)"),
        (lambda: gradcheck(LINEAR32, np.ones((2, 4))), ValueError, "weight in float32"),
        (
            lambda: gradcheck(Linear(4, 2), np.ones((5, 2, 4))),
            ValueError,
            r"weight: expected .* shape \(4, 2\), given \(5, 4, 2\): x has leading axes",
        ),
        (
            lambda: BatchNorm1d(3, lead=(2,)).forward(np.ones((5, 1, 4, 3))),
            ValueError,
            r"lead=\(5, 2\), given \(2,\)",
        ),
        (
            lambda: BatchNorm1d(3).forward(np.ones((4, 2))),
            ValueError,
            r"\(..., N, 3\), given \(4, 2\)",
        ),
        (
            lambda: SideBySideLinear(3, 2, rng=[0, 1]).forward(np.ones((4, 2))),
            ValueError,
            r"\(..., N, 3\), given \(4, 2\)",
        ),
        (
            lambda: SideBySideLinear(3, 2, rng=[0, 1]).forward(np.ones(3)),
            ValueError,
            r"\(..., N, 3\), given \(3,\)",
        ),
        (lambda: LayerNorm(0), ValueError, "num_features to be a whole number >= 1, given 0"),
        (
            lambda: PReLU(3).forward(np.ones((4, 2))),
            ValueError,
            r"3 features, given x of shape \(4, 2\)",
        ),
        (lambda: Maxout(3, 2, 0), ValueError, "pieces to be a whole number >= 1, given 0"),
        (
            lambda: RNN(3, 2).forward(np.ones((5, 3))),
            ValueError,
            r"\(..., T, N, 3\), given \(5, 3\)",
        ),
        (
            lambda: LSTM(3, 2).forward(np.ones((5, 4, 3)), c0=np.ones((4, 3))),
            ValueError,
            r"c0 of shape \(4, 2\), given \(4, 3\)",
        ),
    ],
)
def test_bad_input_says_what_was_given_and_expected(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", [*REGISTRY, "PReLU", "Maxout"])
def test_nan_stays_nan_and_raises_nothing(name):
    """A network that diverges must be seen to diverge, not crash on the way."""
    layer = LAYERS[name](generator())
    x = np.array([[np.nan, np.inf, -np.inf, 0.5]])
    with np.errstate(invalid="ignore"):
        y = layer.forward(x)
        layer.backward(np.ones_like(y))
    assert np.isnan(y).ravel()[0]


@pytest.mark.parametrize(
    ("layer", "corner", "slope"),
    [
        (ReLU(), 0, 0),
        (ReLU6(), 0, 0),
        (ReLU6(), 6, 0),
        (LeakyReLU(), 0, 0.01),
        (LeakyReLU(0.2), 0, 0.2),
        (ELU(), 0, 1),
        (ELU(0.5), 0, 0.5),
        (SELU(), 0, 1.0507009873554805 * 1.6732632423543772),
        (PReLU(), 0, 0.25),
    ],
)
def test_at_a_corner_the_slope_is_that_of_torch(layer, corner, slope):
    layer.forward([[float(corner)]])
    assert layer.backward(np.ones((1, 1))) == slope


def test_the_normal_distribution_is_its_formula():
    x = np.linspace(-9, 9, 181)
    density = [math.exp(-v * v / 2) / math.sqrt(2 * math.pi) for v in x]
    np.testing.assert_allclose(normal_density(x), density, rtol=1e-12)
    np.testing.assert_allclose(
        normal_cdf(x), [math.erfc(-v / math.sqrt(2)) / 2 for v in x], rtol=0, atol=1e-12
    )
    assert normal_density(np.array([-1e300, 1e300])).tolist() == [0, 0]
    assert normal_cdf(np.array([-1e300, -9.0, 9.0, 1e300])).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gelu_ends_at_0_and_its_slope_too(dtype):
    x = np.array([[-1e20, -100, 100, 1e20]], dtype)
    gelu = REGISTRY["GELU"]()
    np.testing.assert_array_equal(gelu.forward(x), [[0, 0, dtype(100), dtype(1e20)]])
    np.testing.assert_array_equal(gelu.backward(np.ones_like(x)), [[0, 0, 1, 1]])


def test_a_parameter_is_a_copy():
    array = np.ones((2, 2))
    Parameter(array).data -= 1
    assert (array == 1).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
@pytest.mark.parametrize("make", [BatchNorm1d, LayerNorm, Dropout])
def test_whole_numbers_are_taken_as_floats(make, dtype):
    """In eight bits a sum goes round at 256, and a small eps is 0."""
    x = np.array([[200, 7], [250, 7], [100, 7]])
    as_given, as_floats = ((Dropout(rng=0) if make is Dropout else make(2)) for _ in "ab")
    np.testing.assert_array_equal(
        as_given.forward(x.astype(dtype)), as_floats.forward(x.astype(float))
    )


def test_batch_norm_goes_back_as_it_came():
    """Whatever the mode is by then."""
    x, dy = np.random.default_rng(0).normal(size=(2, 6, 3))
    layer = BatchNorm1d(3)
    layer.forward(x)
    in_training = layer.backward(dy)
    layer.forward(x)
    np.testing.assert_array_equal(layer.eval().backward(dy), in_training)


def test_sequential_keeps_signals_and_gradients():
    net = mlp([FEATURES, 3, 2], Sigmoid, rng=generator())
    y = net.forward(batch("mlp"))
    dx = net.backward(np.ones_like(y))
    assert len(net.signals) == len(net.gradients) == len(net.layers) + 1
    assert net.signals[-1] is y and net.gradients[0] is dx
    assert [s.shape for s in net.signals] == [g.shape for g in net.gradients]


def test_a_function_inside_activations_may_be_shared():
    """It is asked for its pure pair alone, which keeps nothing."""
    inner = Tanh()

    class Shifted(Activation):
        def __init__(self):
            self.inner = inner

        def f(self, x):
            return inner.f(x) - 0.5

        def df(self, x, y):
            return inner.df(x, y + 0.5)

    net = mlp([4, 3, 3, 2], Shifted, rng=0)
    assert max(gradcheck(net, batch("mlp"), 1).values()) < 1e-7


def test_a_tied_parameter_is_listed_once():
    first, second = Linear(3, 3, rng=0), Linear(3, 3, rng=1)
    second.weight = first.weight
    net = Sequential(first, Residual(second))
    assert set(net.named_parameters()) == {"0.weight", "0.bias", "1.body.0.weight", "1.body.0.bias"}
    assert net.parameters() == [first.weight, first.bias, second.bias]


def test_training_and_test_reach_every_layer_inside():
    inner, outer = Dropout(), BatchNorm1d(3)
    net = Sequential(outer, Residual(Residual(inner)))
    assert net.eval() is net and not (net.training or inner.training or outer.training)
    assert net.train() is net and net.training and inner.training and outer.training


def test_an_integer_seed_draws_every_layer_anew():
    net = mlp([4, 4, 4, 4], Tanh, bias_init=lambda s, g, dtype: g.normal(size=s), rng=3)
    first, second = (net.layers[i].weight.data for i in (0, 2))
    assert not np.allclose(first, second) and not np.allclose(first[:1], net.layers[0].bias.data)


@pytest.mark.parametrize("make", [Linear, RNN])
def test_the_bias_goes_on_where_the_weight_stopped(make):
    """With an integer seed, too: not the same numbers again."""
    options = {"bias_init": normal, "init": normal} if make is Linear else {}
    first, *others = (p.data for p in make(4, 4, rng=3, **options).parameters())
    assert all(not np.isin(p, first).any() for p in others)


def test_mlp_has_the_layers_that_were_asked_for():
    net = mlp([4, 6, 6, 2], ReLU, norm="layer", skip=True, rng=generators(1, 3))
    kinds = [type(layer).__name__ for layer in net.layers]
    assert kinds == ["Linear", "LayerNorm", "ReLU", "Residual", "Linear"]
    assert "3.body.1.weight" in net.named_parameters()
    assert net.layers[1].weight.data.shape == (3, 1, 6)


def test_mlp_with_slopes_of_each_network_as_its_docstring_says():
    net = mlp([3, 4, 2], partial(PReLU, lead=(5,)), rng=generators(0, 5))
    assert max(gradcheck(net, generator().normal(size=(5, 6, 3)), 1).values()) < 1e-7


def test_mlp_starts_as_it_is_told():
    weight, bias = (partial(constant, value=value) for value in (2.0, 3.0))
    net = mlp([3, 4, 2], Tanh, init=weight, bias_init=bias)
    assert [set(p.data.ravel()) for p in net.parameters()] == [{2.0}, {3.0}] * 2


def test_maxout_of_two_pieces_can_be_the_absolute_value():
    layer = Maxout(1, 1, rng=0)
    layer.linear.weight.data = np.array([[1.0, -1.0]])
    assert layer.forward([[-3.0], [2.0], [0.0]]).tolist() == [[3], [2], [0]]
    assert layer.backward(np.ones((3, 1))).tolist() == [[-1], [1], [1]]  # of equal ones, the first
    assert Maxout(3, 4).linear.weight.data.shape == (3, 2 * 4)


def test_dropout_keeps_the_mean_and_masks_both_ways():
    layer = Dropout(0.3, rng=[1, 2])
    x = np.ones((2, 5000, 4))
    y = layer.forward(x)
    assert set(np.unique(y.round(6))) == {0.0, round(1 / 0.7, 6)}
    assert np.abs(y.mean(axis=(1, 2)) - 1).max() < 0.03 and not np.array_equal(y[0], y[1])
    np.testing.assert_array_equal(layer.backward(x), y)
    assert not np.array_equal(layer.forward(x), y), "each pass draws anew"
    alone = Dropout(0.3, rng=2)
    np.testing.assert_array_equal(alone.forward(x[1]), y[1])
    assert layer.eval().forward(x) is not None and np.array_equal(layer.forward(x), x)
    np.testing.assert_array_equal(Dropout(0.0).forward(x), x)


def test_batch_norm_normalises_in_training_and_remembers_for_the_test():
    layer, rng = BatchNorm1d(3), generator()
    for _ in range(200):
        y = layer.forward(rng.normal(loc=2, scale=5, size=(64, 3)))
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=0), 1, atol=1e-5)
    np.testing.assert_allclose(layer.running_mean, 2, atol=0.7)
    np.testing.assert_allclose(layer.running_var, 25, rtol=0.2)
    mean = layer.running_mean.copy()
    assert layer.eval().forward(np.full((1, 3), 2.0)).shape == (1, 3)
    np.testing.assert_array_equal(layer.running_mean, mean)


def test_batch_norm_starts_at_the_standard_normal_and_moves_by_a_tenth_as_torch_does():
    layer = BatchNorm1d(1)
    np.testing.assert_array_equal([layer.running_mean, layer.running_var], [[[0]], [[1]]])
    layer.forward([[1.0], [3.0]])
    np.testing.assert_allclose([layer.running_mean, layer.running_var], [[[0.2]], [[1.1]]])
    expected = (2 - 0.2) / math.sqrt(1.1 + 1e-5)
    np.testing.assert_allclose(layer.eval().forward([[2.0]]), [[expected]], rtol=1e-12)


@pytest.mark.parametrize("make", [RNN, LSTM])
def test_recurrent_weights_start_evenly_within_one_over_the_root_of_the_width(make):
    for p in make(9, 100, rng=0).parameters():
        assert 0.09 < np.abs(p.data).max() <= 0.1


@pytest.mark.parametrize("name", RECURRENT)
def test_the_gradient_in_the_first_state(name):
    """dh0 and dc0 against central differences: the loss is the sum of all outputs."""
    layer, x = LAYERS[name](generator()), batch(name)
    states = {"h0": 0.1 * generator(4).normal(size=(7, 3))}
    if name == "LSTM":
        states["c0"] = 0.1 * generator(5).normal(size=(7, 3))
    layer.backward(np.ones_like(layer.forward(x, **states)))
    found = {key: getattr(layer, f"d{key}") for key in states}
    for key, state in states.items():
        u = generator(6).normal(size=state.shape)
        up, down = (
            layer.forward(x, **(states | {key: state + h * u})).sum() for h in (1e-5, -1e-5)
        )
        assert relative_error((found[key] * u).sum(), (up - down) / 2e-5) < 1e-7


@pytest.mark.parametrize("name", RECURRENT)
def test_two_halves_are_the_whole(name):
    """The state after the first half, given to the second, continues the sequence."""
    layer, x = LAYERS[name](generator()), batch(name, steps=6)
    whole = layer.forward(x)
    layer.forward(x[:3])
    rest = layer.forward(x[3:], layer.h, *([layer.c] if name == "LSTM" else []))
    np.testing.assert_allclose(rest, whole[3:], rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "shape", [(4, 5), (6, 4, 5), (2, 3, 100, 7), (6, 100, 1), (2, 0, 3)], ids=str
)
def test_the_quick_sum_over_examples_is_the_plain_one_bit_for_bit(shape, dtype):
    a = generator().normal(size=shape).astype(dtype)
    np.testing.assert_array_equal(over_examples(a), a.sum(axis=-2, keepdims=True), strict=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("n", "d", "k"),
    [(4, 5, 5), (1, 1, 1), (32, 16, 64), (7, 1, 3), (3, 9, 1), (0, 2, 3), (2, 0, 3)],
)
def test_the_quick_product_is_the_plain_one_bit_for_bit(n, d, k, dtype):
    a, b, c = (generator().normal(size=s).astype(dtype) for s in ((n, d), (d, k), (n, k)))
    stack = np.stack([b, 2 * b, 3 * b])
    for first, second in ((a, b), (a.mT, c), (c, b.mT), (a.mT, a), (a, stack), (b[None], c.mT)):
        np.testing.assert_array_equal(product(first, second), first @ second, strict=True)


def test_relative_error_of_nan_is_infinite():
    assert relative_error([np.nan], [1.0]) == np.inf
    assert relative_error([0.0], [0.0]) == 0


def test_relative_error_does_not_depend_on_the_order():
    assert relative_error([1.0], [3.0]) == relative_error([3.0], [1.0]) == 0.5


class Invents(Layer):
    """Its output is constant; its backward says otherwise."""

    def __init__(self, sign):
        self.sign = sign

    def forward(self, x):
        return np.ones_like(x)

    def backward(self, dy):
        return self.sign * np.abs(dy)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_gradient_where_there_is_none_is_wrong_whatever_its_sign(sign):
    assert all(gradcheck(Invents(sign), np.ones((1, 1)), seed)["input"] == 1 for seed in range(4))


def test_a_derivative_below_rounding_counts_as_right():
    layer = Linear(1, 1)
    layer.weight.data[:], layer.bias.data[:] = 1e-9, 1e8
    assert gradcheck(layer, np.ones((1, 1)), 1)["input"] == 0


class Swaps(Layer):
    """The gradient of each example goes to the other; their sum is right."""

    def forward(self, x):
        return 2 * x

    def backward(self, dy):
        return 2 * dy[::-1]


def test_gradcheck_goes_another_way_in_every_entry():
    assert gradcheck(Swaps(), np.ones((2, 1)), 0)["input"] > 0.01


def test_gradcheck_forgets_what_was_added_before():
    layer = LAYERS["Linear"](generator())
    assert all(max(gradcheck(layer, batch("Linear"), 1).values()) < 1e-7 for _ in range(2))


def test_gradcheck_leaves_the_layer_as_it_is():
    layer, x = LAYERS["BatchNorm1d"](generator()), batch("BatchNorm1d")
    layer.backward(np.ones_like(layer.forward(x)))
    before = copy.deepcopy(vars(layer))
    gradcheck(layer, x + 1, 1)
    after = {name: vars(p) if isinstance(p, Parameter) else p for name, p in vars(layer).items()}
    before |= {name: vars(p) for name, p in before.items() if isinstance(p, Parameter)}
    np.testing.assert_equal(after, before)


class Twice(Linear):
    """Twice the right gradients for the first network of a stack, but for the bias."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.weight.grad[0] *= 2
        dx[0] *= 2
        return dx


def test_gradcheck_of_a_stack_tells_of_its_worst_network():
    x = batch("Linear", 2)
    x[1] *= 1e3  # the other's gradients are much larger
    errors = gradcheck(Twice(FEATURES, 2, rng=generators(0, 2)), x, 1)
    np.testing.assert_allclose([errors["input"], errors["weight"]], 1 / 3, rtol=1e-6)
    assert errors["bias"] < 1e-7


def test_every_layer_of_lib_is_in_the_registry():
    made = {type(make(generator())).__name__ for make in LAYERS.values()}
    ours = re.compile(r"lib\.(?!experiments\.)")  # those of an experiment are tested with it
    known = {c.__name__ for c in _subclasses(lib.layers.Layer) if ours.match(c.__module__)}
    bases = {"Activation", "_Normalization", "_Recurrent"}
    assert known - bases == made


def _subclasses(cls):
    return {cls_ for c in cls.__subclasses__() for cls_ in {c, *_subclasses(c)}}
