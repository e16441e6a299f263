"""Initialisers, losses, the optimiser, the loop and the probes."""

import itertools
import sys
from functools import partial

import numpy as np
import pytest

from lib import data, probes
from lib.activations import REGISTRY, ReLU, Tanh, sigmoid
from lib.init import (
    calculate_gain,
    constant,
    kaiming_normal,
    kaiming_uniform,
    lecun_normal,
    normal,
    orthogonal,
    uniform,
    xavier_normal,
    xavier_uniform,
    zeros,
)
from lib.layers import Linear, Parameter
from lib.losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, MSELoss
from lib.models import mlp
from lib.optim import SGD, Adagrad, Adam, AdamW, RMSprop, clip_grad_norm_, clip_grad_value_
from lib.seeds import generators
from lib.stacked import SideBySideLinear
from lib.state import load_state_dict, state_dict
from lib.train import _batches, fit


def test_initialisers_have_the_variance_of_their_formula():
    draws = normal((1000, 1000), 0, std=0.3, mean=1.0)
    assert abs(draws.std() / 0.3 - 1) < 0.005 and abs(draws.mean() - 1) < 0.002
    standard = normal((1000, 1000), 0)
    assert abs(standard.std() - 1) < 0.005 and abs(standard.mean()) < 0.005
    assert abs(xavier_normal((1500, 500), 0, gain=2).var() / (4 / 1000) - 1) < 0.01
    assert not zeros((3, 4)).any()


def test_a_list_of_generators_stacks_their_draws():
    for several in (range(3), np.arange(3), (0, 1, 2)):
        assert normal((2, 4), several).shape == (3, 2, 4)
    stacked = normal((2, 3), generators(4, 5))
    assert stacked.shape == (5, 2, 3)
    np.testing.assert_array_equal(stacked[3], normal((2, 3), generators(4, 9)[3]))
    assert zeros((1, 3), [generators(4, 2)] * 3).shape == (3, 2, 1, 3)


INITIALISERS = [
    *(constant, zeros, normal, uniform, xavier_normal, xavier_uniform),
    *(kaiming_normal, kaiming_uniform, lecun_normal, orthogonal),
]


@pytest.mark.parametrize("draw", INITIALISERS)
def test_every_initialiser_draws_for_each_network_in_the_type_asked_for(draw):
    single = draw((3, 2), generators(0, 2), dtype=np.float32)
    assert single.dtype == np.float32 and single.shape == (2, 3, 2)
    assert draw((3, 2), 0).dtype == np.float64


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: normal((2, 3), std=-1), "std >= 0, given -1"),
        (lambda: normal((2, 3, 4)), r"\(fan_in, fan_out\), given \(2, 3, 4\)"),
        (lambda: xavier_normal((0, 4)), "fan_in to be a whole number >= 1, given 0"),
        (lambda: xavier_normal((4, 0)), "fan_out to be a whole number >= 1, given 0"),
        (lambda: zeros((2, 2), []), "at least one generator"),
        (lambda: generators(1, 0), "count to be a whole number >= 1, given 0"),
    ],
)
def test_initialisers_refuse(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def surprise(z, target):
    p = sigmoid(z)
    return -np.where(target == 1, np.log(p), np.log(1 - p))


LOSSES = {  # each with how z becomes a prediction, and the loss of one entry
    "BCELoss": (BCELoss, lambda z: sigmoid(z), surprise),
    "BCEWithLogitsLoss": (BCEWithLogitsLoss, lambda z: z, surprise),
    "MSELoss": (MSELoss, lambda z: z, lambda z, target: (z - target) ** 2),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_right_per_network(name):
    make, prepare, of_each = LOSSES[name]
    loss = make()
    rng = np.random.default_rng(0)
    z, target = rng.normal(size=(3, 5, 2)), (rng.random((5, 2)) < 0.5) * 1.0
    by_hand = [np.mean(of_each(q, target)) for q in z]
    np.testing.assert_allclose(loss.forward(prepare(z), target), by_hand, rtol=1e-12)
    gradient = loss.backward()
    u = rng.normal(size=z.shape)
    up, down = (loss.forward(prepare(z) + h * u, target) for h in (1e-6, -1e-6))
    np.testing.assert_allclose((gradient * u).sum((-2, -1)), (up - down) / 2e-6, rtol=1e-6)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64])
@pytest.mark.parametrize("name", LOSSES)
def test_targets_in_whole_numbers_leave_float32_as_it_is(name, dtype):
    p, target = np.array([[0.2], [0.7]], np.float32), np.array([[0], [1]])
    loss, other = LOSSES[name][0](), LOSSES[name][0]()
    value, expected = loss.forward(p, target.astype(dtype)), other.forward(p, target.astype("f4"))
    assert value.dtype == np.float32 and value == expected
    np.testing.assert_array_equal(loss.backward(), other.backward(), strict=True)


def test_the_naive_loss_is_nan_where_the_stable_one_is_not():
    one, z = np.ones((1, 1), np.float32), np.full((1, 1), 20, np.float32)
    naive, stable = BCELoss(), BCEWithLogitsLoss()
    assert np.isnan(naive.forward(sigmoid(z), one)) and np.isnan(naive.backward())
    assert abs(stable.forward(z, one) / np.exp(-20.0) - 1) < 1e-4
    with np.errstate(all="raise", under="ignore"):
        ends = np.array([[1e3], [-1e3]])
        assert stable.forward(ends, np.array([[0.0], [1.0]])) == 1e3


def test_losses_refuse_other_shapes():
    with pytest.raises(ValueError, match=r"given \(4, 1\) and \(4, 2\)"):
        BCELoss().forward(np.ones((4, 1)), np.ones((4, 2)))


def test_a_step_refuses_gradients_of_more_networks_than_there_are():
    net = Linear(3, 2, rng=0)
    before = net.weight.data.copy()
    net.backward(np.ones_like(net.forward(np.ones((5, 4, 3)))))
    message = r"Adam.step: expected .* shape \(3, 2\), given \(5, 3, 2\): x has leading axes"
    with pytest.raises(ValueError, match=message):
        Adam(net.parameters()).step()
    np.testing.assert_array_equal(net.weight.data, before)


def test_a_parameter_without_a_gradient_stays_where_it_is():
    still, moved = Parameter(np.ones((1, 2))), Parameter(np.ones((1, 2)))
    moved.grad = np.ones((1, 2))
    AdamW([still, moved]).step()  # its decay alone would move both
    assert still.data.tolist() == [[1, 1]] and (moved.data < 1).all()


def test_optimisers_refuse():
    p = Parameter(np.array([[1.0, 2.0]]))
    with pytest.raises(ValueError, match="lr=-1"):
        SGD([p], lr=-1)
    with pytest.raises(ValueError, match="at least one parameter"):
        SGD([], lr=1)
    with pytest.raises(ValueError, match=r"expected lr \(..., 1, 1\), given \(2,\)"):
        SGD([p], lr=np.ones(2))
    with pytest.raises(ValueError, match="expected lr >= 0"):
        SGD([p], lr=np.array([0.1, -0.1]).reshape(2, 1, 1))
    with pytest.raises(ValueError, match="expected betas >= 0"):
        Adam([p], betas=(-0.1, 0.9))
    for wrong in (lambda: Adam([p], betas=(0.9, 1.0)), lambda: RMSprop([p], alpha=2)):
        with pytest.raises(
            ValueError, match=r"expected (betas|alpha) >= 0 \(a mean's < 1\), given"
        ):
            wrong()
    with pytest.raises(ValueError, match="expected lr >= 0 .* given lr=nan"):
        SGD([p], lr=float("nan"))
    with pytest.raises(ValueError, match="expected momentum > 0 with nesterov"):
        SGD([p], lr=0.1, nesterov=True)


@pytest.mark.parametrize(
    ("make", "defaults"),
    [
        (partial(SGD, lr=1), {"momentum": 0, "weight_decay": 0, "nesterov": False}),
        (Adagrad, {"lr": 0.01, "eps": 1e-10}),
        (RMSprop, {"lr": 0.01, "alpha": 0.99, "eps": 1e-8}),
        (Adam, {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0}),
        (AdamW, {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}),
    ],
)
def test_the_defaults_of_the_optimisers_are_those_of_torch(make, defaults):
    optimiser = make([Parameter(np.ones((1, 2)))])
    assert {name: getattr(optimiser, name) for name in defaults} == defaults


def recurrence(name, w, lr=0.1, decay=0.01, eps=1e-3):
    """One weight under three gradients, number by number, as the papers write it."""
    v = s = m = 0.0
    for t, g in enumerate((1.0, -2.0, 0.5), 1):
        if name == "AdamW":
            w -= lr * decay * w
        elif name in ("SGD", "Nesterov", "Adam"):
            g += decay * w
        if name == "SGD":
            w -= lr * g
        elif name == "momentum":
            v = 0.9 * v + g
            w -= lr * v
        elif name == "Nesterov":
            v = 0.9 * v + g
            w -= lr * (g + 0.9 * v)
        elif name == "Adagrad":
            s += g**2
            w -= lr * g / (s**0.5 + eps)
        elif name == "RMSprop":
            s = 0.7 * s + 0.3 * g**2
            w -= lr * g / (s**0.5 + eps)
        else:
            m, s = 0.8 * m + 0.2 * g, 0.7 * s + 0.3 * g**2
            w -= lr * (m / (1 - 0.8**t)) / ((s / (1 - 0.7**t)) ** 0.5 + eps)
    return w


OPTIMISERS = {
    "SGD": partial(SGD, weight_decay=0.01),
    "momentum": partial(SGD, momentum=0.9),
    "Nesterov": partial(SGD, momentum=0.9, nesterov=True, weight_decay=0.01),
    "Adagrad": partial(Adagrad, eps=1e-3),
    "RMSprop": partial(RMSprop, alpha=0.7, eps=1e-3),
    "Adam": partial(Adam, betas=(0.8, 0.7), eps=1e-3, weight_decay=0.01),
    "AdamW": partial(AdamW, betas=(0.8, 0.7), eps=1e-3, weight_decay=0.01),
}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_optimiser_is_its_recurrence(name):
    p = Parameter(np.array([[1.0, 2.0]]))
    optimiser = OPTIMISERS[name]([p], lr=0.1)
    for gradient in (1.0, -2.0, 0.5):
        p.grad = np.full((1, 2), gradient)
        optimiser.step()
    expected = [[recurrence(name, 1.0), recurrence(name, 2.0)]]
    np.testing.assert_allclose(p.data, expected, rtol=1e-12)


def train(rngs, lr=0.5, steps=30, loss=BCEWithLogitsLoss, **options):
    x, target = data.xor()
    net = mlp([2, 4, 1], Tanh, init=normal, rng=rngs)
    record = fit(net, loss(), SGD(net.parameters(), lr), x, target, steps=steps, **options)
    return net, record


def test_a_stack_trains_as_its_networks_do_alone():
    lr = np.array([0.1, 0.5, 2.0]).reshape(3, 1, 1)
    stack, record = train(generators(8, 3), lr)
    for i in range(3):
        alone, one = train(generators(8, 3)[i], lr[i].item())
        np.testing.assert_allclose(record["loss"][:, i], one["loss"], rtol=1e-10)
        np.testing.assert_allclose(
            stack.parameters()[0].data[i], alone.parameters()[0].data, rtol=1e-10
        )


@pytest.mark.parametrize("activation", REGISTRY)
@pytest.mark.parametrize("optimiser", [SGD, Adam])
def test_networks_side_by_side_train_as_one_after_the_other_and_stay_so(activation, optimiser):
    x, target = data.xor(np.float32)
    nets = [
        mlp([2, 5, 5, 1], REGISTRY[activation], linear=linear, rng=generators(5, 6), dtype="f4")
        for linear in (Linear, SideBySideLinear)
    ]
    losses = [
        fit(n, BCEWithLogitsLoss(), optimiser(n.parameters(), lr=0.01), x, target, steps=20)["loss"]
        for n in nets
    ]
    np.testing.assert_allclose(*losses, rtol=1e-5)
    load_state_dict(nets[1], state_dict(nets[0]))
    beside = nets[1].signals[1:] + nets[1].gradients[1:]
    for p in nets[1].parameters():
        beside += [p.data, p.grad]
    if activation != "GELU":  # which goes through a table, in an order of its own
        assert {a.strides[0] for a in beside} == {4}  # the next network's number comes next
    assert nets[0].layers[0].weight.data.strides[0] == 40  # of a plain stack it is far away


def test_fit_records_before_the_update_and_learns():
    _, record = train(1, steps=201, every=100, probe=lambda net: probes.rms(net.signals[-1]))
    assert record["step"].tolist() == [0, 100, 200] and record["probe"].shape == (3,)
    assert record["loss"][0] > record["loss"][1] > record["loss"][2]
    with pytest.raises(ValueError, match="steps >= 1, given 0"):
        train(1, steps=0)
    _, record = train(1, steps=3, probe=lambda net: net.layers[0].weight.data)
    assert len({weights.tobytes() for weights in record["probe"]}) == 3, "copies, not the array"


def test_before_step_comes_between_the_gradient_and_the_update():
    x, target = data.xor()
    net, seen = mlp([2, 1], Tanh, rng=1), []
    weight = net.parameters()[0]
    start = weight.data.copy()

    def forget():
        seen.append((weight.grad.any(), np.array_equal(weight.data, start)))
        weight.grad *= 0

    fit(net, MSELoss(), SGD([weight], 0.1), x, target, steps=2, before_step=forget)
    assert seen == [(True, True)] * 2


@pytest.mark.parametrize(
    ("progress", "terminal", "shown"),
    [(True, False, True), (False, True, False), (None, False, False), (None, True, True)],
)
def test_fit_shows_a_progress_bar_on_a_terminal_or_if_asked(
    progress, terminal, shown, capsys, monkeypatch
):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    train(1, steps=3, progress=progress)
    assert ("0/3" in capsys.readouterr().err) == shown


def test_a_network_that_meets_nan_disturbs_no_other():
    x, target = data.xor()
    net = mlp([2, 4, 1], ReLU, init=normal, rng=generators(8, 3))
    net.layers[0].weight.data[1] = np.nan
    healthy = mlp([2, 4, 1], ReLU, init=normal, rng=generators(8, 3))
    criterion, options = BCEWithLogitsLoss(), {"steps": 9, "stop_on_nan": False}
    loss = [
        fit(n, criterion, SGD(n.parameters(), 0.1), x, target, **options)["loss"]
        for n in (net, healthy)
    ]
    assert np.isnan(loss[0][:, 1]).all()
    np.testing.assert_array_equal(loss[0][:, [0, 2]], loss[1][:, [0, 2]])


def test_probes():
    assert probes.rms(np.full((2, 3, 4), 1e-200)).tolist() == [1e-200] * 2
    assert probes.rms(np.zeros((3, 4))) == 0 and np.isnan(probes.rms([[np.nan, 1.0]]))
    assert abs(probes.rms([[3.0, 4.0]]) - np.sqrt(12.5)) < 1e-12
    np.testing.assert_allclose(probes.decay_per_layer([[1e-6, 1], [1e-3, 1], [1, 4]]), [1e-3, 0.5])
    assert probes.accuracy([[1.0], [np.nan], [-1.0]], [[1], [0], [1]]) == pytest.approx(2 / 3)
    assert probes.wilson(0, 1000) == pytest.approx((0, 0.003827), abs=1e-6)
    assert probes.wilson(5, 10) == pytest.approx((0.23659, 0.76341), abs=1e-5)
    assert probes.wilson(10, 10) == pytest.approx((1 - probes.wilson(0, 10)[1], 1))
    assert max(probes.wilson(n, n)[1] for n in range(1, 100)) == 1, "whatever is rounded"
    with pytest.raises(ValueError, match="given 5 of 3"):
        probes.wilson(5, 3)
    for n, first in ((6, 1), (20, 6), (100, 40), (1000, 469)):  # from tables of the sign test
        shuffled = np.random.default_rng(n).permutation(n) + 1
        assert probes.median_interval(shuffled) == (first, n + 1 - first)
    for values in ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, np.nan]):
        with pytest.raises(ValueError, match="6 values or more, no NaN; given"):
            probes.median_interval(values)
    with pytest.raises(ValueError, match="at least two layers, given 1"):
        probes.decay_per_layer([1.0])


def test_probes_give_one_number_per_network():
    x = np.array([[[1.0, -1.0]], [[1.0, 2.0]]])  # (S, N, D) = (2, 1, 2)
    layer = ReLU()
    layer.forward(x)
    assert probes.dead_share(layer).tolist() == probes.saturated_share(layer).tolist() == [0.5, 0]
    np.testing.assert_allclose(probes.rms(x), [1, 2.5**0.5])
    assert probes.accuracy(x.mT, [[1.0], [0.0]]).tolist() == [1, 0.5]


def test_xor_is_xor():
    x, target = data.xor(np.float32)
    assert x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert x.dtype == target.dtype == np.float32
    assert [int(a) ^ int(b) for a, b in x] == target[:, 0].tolist()


def test_cross_entropy_is_the_mean_surprise_and_refuses_bad_targets():
    rng = np.random.default_rng(1)
    z, target = rng.normal(size=(3, 6, 4)), rng.integers(4, size=6)
    loss = CrossEntropyLoss()
    p = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    by_hand = [-np.mean(np.log(q[np.arange(6), target])) for q in p]
    np.testing.assert_allclose(loss.forward(z, target), by_hand, rtol=1e-12)
    gradient, u = loss.backward(), rng.normal(size=z.shape)
    np.testing.assert_array_equal(loss.backward(), gradient)
    up, down = (loss.forward(z + h * u, target) for h in (1e-6, -1e-6))
    np.testing.assert_allclose((gradient * u).sum((-2, -1)), (up - down) / 2e-6, rtol=1e-6)
    with np.errstate(all="raise", under="ignore"):
        assert loss.forward(np.array([[1e3, -1e3]]), np.array([0])) == 0
    for bad in ([0, 4, 1, 1, 1, 1], [0, -1, 1, 1, 1, 1], [0.0] * 6, [1, 2]):
        with pytest.raises(ValueError, match="CrossEntropyLoss: expected"):
            loss.forward(z, np.array(bad))


@pytest.mark.parametrize("optimiser", [SGD, Adagrad, RMSprop, Adam, AdamW])
def test_every_optimiser_learns_and_keeps_networks_apart(optimiser):
    x, target = data.xor()
    lr = np.array([0.003, 0.01, 0.03]).reshape(3, 1, 1)
    stack = mlp([2, 8, 1], Tanh, init=normal, rng=generators(8, 3))
    options = {"momentum": 0.9, "nesterov": True} if optimiser is SGD else {}
    record = fit(
        stack, MSELoss(), optimiser(stack.parameters(), lr, **options), x, target, steps=60
    )
    assert (record["loss"][-1] < record["loss"][0]).all()
    alone = mlp([2, 8, 1], Tanh, init=normal, rng=generators(8, 3)[1])
    one = fit(alone, MSELoss(), optimiser(alone.parameters(), 0.01, **options), x, target, steps=60)
    np.testing.assert_allclose(record["loss"][:, 1], one["loss"], rtol=1e-9)
    with pytest.raises(ValueError, match="expected lr >= 0"):
        optimiser(stack.parameters(), -0.1)


def test_clipping_by_norm_keeps_the_direction_of_each_network_by_value_does_not():
    a, b = Parameter(np.zeros((2, 1, 2))), Parameter(np.zeros((2, 1, 1)))
    a.grad, b.grad = np.array([[[3.0, 0.0]], [[0.3, 0.0]]]), np.array([[[4.0]], [[0.4]]])
    before = clip_grad_norm_([a, b], 1.0)
    np.testing.assert_allclose(before, [5, 0.5])
    np.testing.assert_allclose(a.grad[:, 0, 0], [0.6, 0.3], rtol=1e-6)
    np.testing.assert_allclose(b.grad[:, 0, 0], [0.8, 0.4], rtol=1e-6)
    clip_grad_value_([a, b], 0.5)
    np.testing.assert_allclose(a.grad[:, 0, 0], [0.5, 0.3], rtol=1e-6)
    assert clip_grad_norm_([Parameter(np.zeros((1, 1)))], 1.0) == 0
    with pytest.raises(ValueError, match="max_norm > 0, given 0"):
        clip_grad_norm_([a], 0)


def test_fit_stops_on_nan_and_says_where():
    x, target = data.xor()
    net = mlp([2, 4, 1], ReLU, init=normal, rng=generators(8, 3))
    net.layers[2].weight.data[1] = np.inf
    with pytest.raises(
        FloatingPointError, match=r"at step 0, in 1 of 3 networks, first \(1,\)"
    ) as error:
        fit(net, MSELoss(), SGD(net.parameters(), 0.1), x, target, steps=9)
    assert "first not finite: 2.weight" in str(error.value)


def test_fit_names_the_input_the_output_or_nothing_where_all_was_finite():
    x, target = data.xor()

    def told(net, x):
        with pytest.raises(FloatingPointError) as error:
            fit(net, MSELoss(), SGD(net.parameters(), 0.1), x, target, steps=1)
        return str(error.value).split("; ")[1]

    net = mlp([2, 4, 1], ReLU, rng=1)
    assert told(net, x * np.nan) == "first not finite: the input"
    net.layers[0].weight.data[:] = net.layers[2].weight.data[:] = 1e200
    assert told(net, x) == "first not finite: the output of layer 2 (Linear)"
    assert told(Linear(2, 1), x * np.nan) == "all signals and parameters are finite"


def test_fit_takes_shuffled_batches_that_cover_everything():
    seen = []
    x = np.arange(6.0)[:, None]
    net = mlp([1, 1], Tanh, rng=1)
    fit(
        net,
        MSELoss(),
        SGD(net.parameters(), 0.0),
        x,
        x,
        steps=6,
        batch_size=2,
        rng=0,
        probe=lambda n: seen.append(n.signals[0][:, 0].tolist()) or 0,
    )
    first, second = sum(seen[:3], []), sum(seen[3:], [])
    assert sorted(first) == sorted(second) == x[:, 0].tolist() and first != second
    for size in (-1, 0):
        with pytest.raises(ValueError, match=f"batch_size >= 1, given {size}"):
            fit(net, MSELoss(), SGD(net.parameters(), 0.0), x, x, steps=1, batch_size=size)


def test_batches_of_more_targets_than_inputs_are_refused():
    net, x = mlp([1, 1], Tanh, rng=1), np.ones((6, 1))
    options = {"steps": 1, "batch_size": 2}
    for loss, target in ((MSELoss(), np.ones((7, 1))), (CrossEntropyLoss(), np.zeros(7, int))):
        with pytest.raises(ValueError, match="fit: expected 6 targets, given 7"):
            fit(net, loss, SGD(net.parameters(), 0.1), x, target, **options)


def test_batches_of_class_numbers_for_each_network():
    x = np.arange(6.0)[:, None]
    classes = np.stack([np.arange(6), np.arange(6)[::-1]])  # (networks, examples)
    batches = _batches(x, classes, -1, 2, np.random.default_rng(0))
    for inputs, targets in itertools.islice(batches, 5):
        np.testing.assert_array_equal(targets[0], inputs[:, 0])
        np.testing.assert_array_equal(targets[1], 5 - inputs[:, 0])


def test_batches_of_as_many_outputs_as_examples():
    x = np.eye(8)
    for dtype in (float, int):  # whole numbers are no class numbers to this loss
        net = Linear(8, 8, rng=1)
        options = {"steps": 500, "batch_size": 8, "rng": 0}
        record = fit(
            net, MSELoss(), SGD(net.parameters(), 2.0), x, np.eye(8, dtype=dtype), **options
        )
        assert record["loss"][-1] < 1e-9, dtype


def test_a_batch_larger_than_the_set_is_the_whole_set():
    x = np.arange(3.0)[:, None]
    inputs, targets = next(_batches(x, np.arange(3), -1, 5, np.random.default_rng(0)))
    assert sorted(inputs[:, 0]) == [0, 1, 2] and targets.tolist() == inputs[:, 0].tolist()


def test_saturated_dead_update_and_jacobian():
    layer = ReLU()
    layer.forward(np.array([[-1.0, 1.0, -1.0], [-1.0, -1.0, 2.0]]))
    assert probes.dead_share(layer) == pytest.approx(1 / 3)
    assert probes.saturated_share(layer) == pytest.approx(4 / 6)
    squash = Tanh()
    squash.forward(np.array([[0.0, 3.0], [0.1, -4.0]]))
    assert probes.saturated_share(squash) == 0.5 and probes.dead_share(squash) == 0
    p = Parameter(np.full((1, 2), 5.0))
    assert probes.update_ratio([np.full((1, 2), 4.0)], [p]).tolist() == [0.25]
    with pytest.raises(TypeError, match="given Sequential"):
        probes.dead_share(mlp([2, 2], Tanh))
    with pytest.raises(TypeError, match="given Sequential"):
        probes.saturated_share(mlp([2, 2], Tanh))
    ratios = probes.update_ratio([np.zeros((1, 2))] * 2, [p, Parameter(np.zeros((1, 2)))])
    np.testing.assert_array_equal(ratios, [np.inf, np.nan])
    net = mlp([3, 5, 2], Tanh, rng=1)
    net.backward(np.ones_like(net.forward(np.ones((7, 3)))))
    kept = [*net.signals, *net.gradients, *(p.grad for p in net.parameters())]
    x = np.array([0.1, -0.2, 0.3])
    found = probes.jacobian(net, x)
    for now, before in zip(
        [*net.signals, *net.gradients, *(p.grad for p in net.parameters())], kept, strict=True
    ):
        np.testing.assert_array_equal(now, before)
    h = 1e-6
    columns = [
        (net.forward([x + h * e]) - net.forward([x - h * e]))[0] / (2 * h) for e in np.eye(3)
    ]
    np.testing.assert_allclose(found, np.stack(columns, axis=1), rtol=1e-7)
    assert probes.jacobian(mlp([3, 5, 2], Tanh, rng=[1, 2]), x).shape == (2, 2, 3)


def test_orthogonal_and_the_other_initialisers():
    for shape in ((6, 4), (4, 6), (5, 5)):
        w = orthogonal(shape, 1, gain=2.0)
        small = w @ w.T if shape[0] <= shape[1] else w.T @ w
        np.testing.assert_allclose(small, 4 * np.eye(min(shape)), atol=1e-12)
    shape = (1000, 1000)
    for draws, variance in (
        (xavier_uniform(shape, 0), 1 / 1000),
        (kaiming_normal(shape, 0), 2 / 1000),
        (kaiming_uniform(shape, 0), 2 / 1000),
        (kaiming_normal(shape, 0, nonlinearity="relu"), 2 / 1000),
        (kaiming_uniform(shape, 0, a=0.2), 2 / 1.04 / 1000),
        (kaiming_normal((500, 2000), 0, mode="fan_out"), 2 / 2000),
        (lecun_normal(shape, 0), 1 / 1000),
        (uniform(shape, 0, bound=3), 3.0),
    ):
        assert abs(draws.var() / variance - 1) < 0.005
    assert (constant((2, 3), value=7) == 7).all()
    with pytest.raises(ValueError, match="expected one of linear, .*given 'swish'"):
        calculate_gain("swish")
    with pytest.raises(ValueError, match="mode 'fan_in' or 'fan_out', given 'fan'"):
        kaiming_normal(shape, mode="fan")


@pytest.mark.parametrize(
    ("nonlinearity", "gain"),
    [
        (["linear"], 1),
        (["sigmoid"], 1),
        (["tanh"], 5 / 3),
        (["relu"], 2**0.5),
        (["leaky_relu"], (2 / 1.0001) ** 0.5),
        (["leaky_relu", 0.3], (2 / 1.09) ** 0.5),
        (["selu"], 3 / 4),
    ],
)
def test_the_gains_are_those_that_torch_recommends(nonlinearity, gain):
    assert calculate_gain(*nonlinearity) == pytest.approx(gain, rel=1e-12)


def test_spirals_lie_in_a_ring_and_turn():
    x, label = data.spirals(300, 3, 0, noise=0)
    radius = np.hypot(*x.T)
    assert 0.1 <= radius.min() and radius.max() <= 1
    angle = 2 * np.pi * (label / 3 + 0.75 * radius)
    np.testing.assert_allclose(x, radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], -1))
    noisy, _ = data.spirals(300, 3, 0)
    off = np.angle((noisy @ [1, 1j]) / (x @ [1, 1j]))
    assert abs(off.std() / 0.15 - 1) < 0.1
    assert data.spirals(3, 3, 0)[1].tolist() == [0, 1, 2]


def test_data_sets():
    x, label = data.spirals(90, 3, 0)
    assert x.shape == (90, 2) and np.bincount(label).tolist() == [30] * 3
    images, labels = data.digits()
    assert images.shape == (1797, 64) and images.max() == 16 and set(labels) == set(range(10))
    assert images.dtype == np.float64 and labels.dtype == np.int64
    squares = data.patches(500, 8, 0)
    assert squares.shape == (500, 64) and 0 <= squares.min() < squares.max() <= 1
    assert np.corrcoef(squares[:, 0], squares[:, 1])[0, 1] > 0.9, "neighbours in a photo are alike"
    bits, odd = data.parity(50, 5, 0)
    assert (odd[:, 0] == bits.sum(axis=1) % 2).all() and set(np.unique(bits)) == {0, 1}
    sequences, total = data.adding_problem(200, 10, 0)
    assert (sequences[..., 1].sum(axis=0) == 2).all() and sequences.shape == (10, 200, 2)
    assert sequences[:5, :, 1].sum() == 200
    assert sequences[..., 1].any(axis=1).all(), "every step is marked now and then"
    np.testing.assert_allclose(total[:, 0], (sequences[..., 0] * sequences[..., 1]).sum(axis=0))
    for call, message in (
        (lambda: data.spirals(2, 3), "n >= classes = 3, given 2"),
        (lambda: data.patches(2, 1000), "size <= 512, given 1000"),
        (lambda: data.adding_problem(2, 1), "steps >= 2, given 1"),
        (lambda: data.whiten(images, kind="ica"), "given 'ica'"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_preprocessing_uses_the_training_set_only():
    rng = np.random.default_rng(2)
    mix = rng.normal(size=(5, 5))
    train, test = rng.normal(size=(4000, 5)) @ mix + 3, rng.normal(size=(10, 5)) @ mix + 3
    one, other = data.standardise(train, test)
    np.testing.assert_allclose([one.mean(axis=0), one.std(axis=0)], [[0] * 5, [1] * 5], atol=1e-12)
    np.testing.assert_allclose(other, (test - train.mean(axis=0)) / train.std(axis=0))
    one, other = data.standardise([[1.0, 5.0], [3.0, 5.0]], [[2.0, 6.0]])
    assert one.tolist() == [[-1, 0], [1, 0]] and other.tolist() == [[0, 1]], "only centred"
    (one,) = data.standardise(np.full((1000, 1), 0.1, np.float32))
    assert one.dtype == np.float32 and np.abs(one).max() < 1e-6, "its mean is rounded"
    one, other = data.standardise([[1.0, 50.0], [1.2, 70.0]], [[2.1, 60.0]], eps=2)
    np.testing.assert_allclose(one, [[-0.05, -1], [0.05, 1]])
    np.testing.assert_allclose(other, [[0.5, 0]])
    (one,) = data.whiten(train[:, :1], eps=0)
    np.testing.assert_allclose(one, data.standardise(train[:, :1])[0], rtol=1e-3)
    for kind in ("whiten", "zca"):
        white, _ = data.whiten(train, test, kind=kind, eps=0)
        np.testing.assert_allclose(np.cov(white, rowvar=False), np.eye(5), atol=1e-9)
    for kind in ("pca", "whiten", "zca"):
        white, mean = data.whiten(train, train.mean(axis=0, keepdims=True), kind=kind)
        np.testing.assert_allclose([white.mean(axis=0), mean[0]], np.zeros((2, 5)), atol=1e-9)
    (turned,) = data.whiten(train, kind="pca")
    covariance = np.cov(turned, rowvar=False)
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=1e-9)
    singular = np.linalg.svd(train - train.mean(axis=0), compute_uv=False)
    np.testing.assert_allclose(np.diag(covariance), singular**2 / 3999, rtol=1e-9)
    assert data.whiten(train, kind="pca", keep=2)[0].shape == (4000, 2)
    zca, _ = data.whiten(train, test, eps=0)
    assert np.trace(np.corrcoef(zca, train, rowvar=False)[:5, 5:]) > 2, "zca stays near the data"


def test_eps_of_whitening_is_added_to_the_variances():
    train = np.array([[2.0, 0.1], [-2, 0.1], [2, -0.1], [-2, -0.1]])
    (white,) = data.whiten(train, eps=0.5)
    np.testing.assert_allclose(white, train / np.sqrt(train.var(axis=0, ddof=1) + 0.5))
