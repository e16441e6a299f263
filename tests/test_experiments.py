"""The experiments of the chapters, and their stored studies."""

import numpy as np
import pytest

from lib import experiments, study
from lib.experiments import normed

# how many seeds are stored for each point
STORED = {"xor-ten-layers": 1000, "digits-by-depth": 40}


@pytest.mark.parametrize("name", study.STUDIES)
def test_the_stored_study_is_the_one_declared(name):
    results = study.load(name)
    points = list(study.STUDIES[name].points())
    for point in points:
        assert study.select(results, **point)["seed"].tolist() == list(range(STORED[name]))
    assert len(results) == STORED[name] * len(points)


def test_the_beginning_of_the_xor_experiment_can_be_made_again():
    """A short run: the columns that do not depend on training are those of the long one."""
    again = experiments.xor_ten_layers("tanh", "naive", study.generators(17_500, 3), steps=1)
    stored = study.select(study.load("xor-ten-layers"), activation="tanh", loss="naive")[:3]
    for column in ("first", "last"):
        np.testing.assert_allclose(again[column], stored[column], rtol=2e-3)
    assert again["solved"].tolist() == [experiments.NEVER] * 3


def test_unknown_networks_are_refused_with_those_there_are():
    with pytest.raises(ValueError, match="naive, logits; given 'mse'"):
        experiments.xor_network("tanh", "mse", [1])
    with pytest.raises(ValueError, match="expected one of tanh 0.01, .*; given 'tanh'"):
        experiments.digits_by_depth("tanh", 2, 0.1, [1])


def test_watch_changes_nothing_and_noise_is_for_training_only():
    x, log = np.random.default_rng(0).normal(size=(3, 8, 4)).astype(np.float32), []
    watch, noise = normed.Watch(log), normed.Noise(1)
    assert watch.forward(x) is x and watch.forward(x) is x and log == [0]
    once = noise.forward(x)
    np.testing.assert_allclose(
        noise.backward(np.ones_like(x)) * (x - x[..., :1, :]), once - once[..., :1, :], atol=1e-5
    )
    assert noise.eval().forward(x) is x


def test_a_seed_of_the_normed_digits_does_not_depend_on_its_company():
    def block(width, seeds):
        return [normed.norm(width, seeds), normed.ReLU()]

    two, three = (normed.digits_by_block(block, 0.1, 2, n, steps=3) for n in (2, 3))
    np.testing.assert_allclose(two, three[:2], atol=0.01)
