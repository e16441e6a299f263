"""The experiments of the chapters, and their stored studies."""

import numpy as np
import pytest

from lib import experiments, study

# how many seeds are stored for each point
STORED = {
    "xor-ten-layers": 1000,
    "digits-by-depth": 40,
    "adding-problem": 30,
    "trainable-depth": 25,
    "isometry": 25,
}


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


def test_the_adding_experiment_begins_as_it_did():
    results = study.load("adding-problem")
    again = experiments.adding("RNN", 10, study.generators(1997, 2), updates=201)
    stored = study.select(results, cell="RNN", length=10)[:2]
    np.testing.assert_allclose(again["early"], stored["early"], rtol=0.05)
    assert np.isnan(experiments.adding("RNN", 10, study.generators(1, 1), updates=1)["early"])


def test_the_last_step_hands_its_gradient_back_to_the_last_step_only():
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(2, 5, 4, 3)), rng.normal(size=(2, 4, 3))
    layer = experiments.LastStep()
    np.testing.assert_array_equal(layer.forward(x), x[:, -1])
    dx = layer.backward(dy)
    np.testing.assert_array_equal(dx[:, -1], dy)
    assert dx.shape == x.shape and not dx[:, :-1].any()


def test_the_adding_networks_start_as_their_names_say():
    lstm = experiments.adding_network("LSTM 1", study.generators(1, 2)).layers[0]
    assert (lstm.bias.data[..., 16:32] == 1).all()
    assert (np.abs(lstm.bias.data[..., :16]) <= 0.25).all()
    rnn = experiments.adding_network("RNN", 1).layers[0].weight_hh.data
    np.testing.assert_allclose(rnn.T @ rnn, np.eye(16), atol=1e-5)
    with pytest.raises(ValueError, match="RNN wide, LSTM 0, LSTM 1; given 'GRU'"):
        experiments.adding_network("GRU", 1)
