"""Initialisers, losses, the optimiser, the loop and the probes."""

import numpy as np
import pytest

from lib import data, probes
from lib.activations import ReLU, Tanh, sigmoid
from lib.init import generators, normal, xavier_normal, zeros
from lib.layers import Parameter, mlp
from lib.losses import BCELoss, BCEWithLogitsLoss
from lib.optim import SGD
from lib.train import fit


def test_initialisers_have_the_variance_of_their_formula():
    draws = normal((1000, 1000), 0, std=0.3, mean=1.0)
    assert abs(draws.std() / 0.3 - 1) < 0.005 and abs(draws.mean() - 1) < 0.002
    assert abs(xavier_normal((1500, 500), 0, gain=2).var() / (4 / 1000) - 1) < 0.01
    assert not zeros((3, 4)).any()


def test_a_list_of_generators_stacks_their_draws():
    stacked = normal((2, 3), generators(4, 5))
    assert stacked.shape == (5, 2, 3)
    np.testing.assert_array_equal(stacked[3], normal((2, 3), generators(4, 9)[3]))
    assert zeros((1, 3), [generators(4, 2)] * 3).shape == (3, 2, 1, 3)
    assert normal((2, 3), 1, dtype=np.float32).dtype == np.float32


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: normal((2, 3), std=-1), "std >= 0, given -1"),
        (lambda: normal((2, 3, 4)), r"\(fan_in, fan_out\), given \(2, 3, 4\)"),
        (lambda: xavier_normal((0, 4)), "fan_in to be a whole number >= 1, given 0"),
        (lambda: zeros((2, 2), []), "at least one generator"),
        (lambda: generators(1, 0), "count to be a whole number >= 1, given 0"),
    ],
)
def test_initialisers_refuse(call, message):
    with pytest.raises(ValueError, match=message):
        call()


LOSSES = {
    "BCELoss": (BCELoss, lambda z: sigmoid(z)),
    "BCEWithLogitsLoss": (BCEWithLogitsLoss, lambda z: z),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_right_per_network(name):
    loss, prepare = LOSSES[name][0](), LOSSES[name][1]
    rng = np.random.default_rng(0)
    z, target = rng.normal(size=(3, 5, 2)), (rng.random((5, 2)) < 0.5) * 1.0
    p = sigmoid(z)
    by_hand = [-np.mean(np.where(target == 1, np.log(q), np.log(1 - q))) for q in p]
    np.testing.assert_allclose(loss.forward(prepare(z), target), by_hand, rtol=1e-12)
    gradient = loss.backward()
    u = rng.normal(size=z.shape)
    up, down = (loss.forward(prepare(z) + h * u, target) for h in (1e-6, -1e-6))
    np.testing.assert_allclose((gradient * u).sum((-2, -1)), (up - down) / 2e-6, rtol=1e-6)


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


def test_sgd_is_its_recurrence():
    p = Parameter(np.array([[1.0, 2.0]]))
    optimiser = SGD([p], lr=0.1, momentum=0.9)
    velocity, value = 0.0, p.data.copy()
    for gradient in (1.0, -2.0, 0.5):
        p.grad = np.full((1, 2), gradient)
        optimiser.step()
        velocity = 0.9 * velocity + gradient
        value = value - 0.1 * velocity
    np.testing.assert_allclose(p.data, value, rtol=1e-12)
    with pytest.raises(ValueError, match="lr=-1"):
        SGD([p], lr=-1)
    with pytest.raises(ValueError, match="at least one parameter"):
        SGD([], lr=1)


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


def test_fit_records_before_the_update_and_learns():
    _, record = train(1, steps=201, every=100, probe=lambda net: probes.rms(net.signals[-1]))
    assert record["step"].tolist() == [0, 100, 200] and record["probe"].shape == (3,)
    assert record["loss"][0] > record["loss"][1] > record["loss"][2]
    with pytest.raises(ValueError, match="steps=0"):
        train(1, steps=0)


def test_a_network_that_meets_nan_disturbs_no_other():
    x, target = data.xor()
    net = mlp([2, 4, 1], ReLU, init=normal, rng=generators(8, 3))
    net.layers[0].weight.data[1] = np.nan
    healthy = mlp([2, 4, 1], ReLU, init=normal, rng=generators(8, 3))
    loss = [
        fit(n, BCEWithLogitsLoss(), SGD(n.parameters(), 0.1), x, target, steps=9)["loss"]
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
    with pytest.raises(ValueError, match="given 5 of 3"):
        probes.wilson(5, 3)
    with pytest.raises(ValueError, match="at least two layers, given 1"):
        probes.decay_per_layer([1.0])


def test_xor_is_xor():
    x, target = data.xor(np.float32)
    assert x.dtype == target.dtype == np.float32
    assert [int(a) ^ int(b) for a, b in x] == target[:, 0].tolist()
