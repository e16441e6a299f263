"""Mean-field theory against closed forms and against wide random networks."""

import numpy as np
import pytest

from lib import meanfield
from lib.activations import Identity, ReLU, Sigmoid, Tanh
from lib.init import normal
from lib.models import mlp
from lib.probes import rms
from lib.seeds import generators


def test_moments_of_a_normal_variable():
    assert meanfield.expect(lambda z: z**4, 2.0) == pytest.approx(12, rel=1e-9)
    np.testing.assert_allclose(meanfield.expect(np.square, [0.0, 1.0, 9.0]), [0, 1, 9], atol=1e-9)
    with pytest.raises(ValueError, match="at least 0, given -1"):
        meanfield.expect(np.square, [1, -1.0])


def test_closed_forms():
    assert meanfield.next_variance(ReLU(), 3.0, 2.0) == pytest.approx(3, rel=1e-6)
    assert meanfield.next_variance(Identity(), 3.0, 0.5, 1.0) == pytest.approx(2.5, rel=1e-9)
    assert meanfield.gradient_factor(ReLU(), 3.0, 2.0) == pytest.approx(1, rel=1e-9)
    found = meanfield.next_correlation(ReLU(), [-1, 0, 1], 1.0, 2.0)  # arc-cosine kernel
    np.testing.assert_allclose(found, [0, 1 / np.pi, 1], atol=1e-4)
    found = meanfield.next_correlation(Tanh(), 0.0, 1.0, 1.0, 0.5)  # the bias alone is shared
    assert found == pytest.approx(0.5 / meanfield.next_variance(Tanh(), 1.0, 1.0, 0.5), rel=1e-6)
    assert meanfield.fixed_point(Tanh(), 0.5) < 1e-9
    q = meanfield.fixed_point(Tanh(), 1.5, 0.1)
    assert meanfield.next_variance(Tanh(), q, 1.5, 0.1) == pytest.approx(q, rel=1e-9)
    for activation in (Tanh(), ReLU(), Identity(), Sigmoid()):
        c = 1.0
        for _ in range(5):  # its own answer is a correlation, whatever is rounded
            c = meanfield.next_correlation(activation, c, 1.5, 1.3, 0.2)
        assert -1 <= c <= 1
    with pytest.raises(ValueError, match=r"c in \[-1, 1\], given 2"):
        meanfield.next_correlation(Tanh(), 2, 1.0, 1.0)


@pytest.mark.parametrize("activation", [Tanh, Sigmoid, ReLU])
def test_wide_networks_do_what_the_theory_says(activation):
    width, depth = 300, 6

    def scaled(shape, rng, dtype):
        return normal(shape, rng, std=1.3 / np.sqrt(width), dtype=dtype)

    net = mlp([width] * (depth + 1), activation, init=scaled, rng=generators(1, 24))
    x = np.random.default_rng(2).normal(size=(8, width))
    y = net.forward(x)
    net.backward(np.random.default_rng(3).normal(size=y.shape))
    variance, factors = 1.69 * np.mean(x**2), []
    for k in range(depth - 1):
        z = net.signals[2 * k + 1]
        assert np.mean(z**2) == pytest.approx(variance, rel=0.1)
        factors.append(meanfield.gradient_factor(activation(), variance, 1.69))
        variance = meanfield.next_variance(activation(), variance, 1.69)
    grads = [np.mean(rms(net.gradients[2 * k + 1]) ** 2) for k in range(depth)]
    for found, factor in zip(np.divide(grads[:-1], grads[1:]), factors, strict=True):
        assert found == pytest.approx(factor, rel=0.15)
