"""The experiments of the chapters, and their stored studies."""

import numpy as np
import pytest

from lib import experiments, study
from lib.experiments.activations import ENTRANTS, divided_data, entrant_network, own_gain

# how many seeds are stored for each point
STORED = {"xor-ten-layers": 1000, "digits-by-depth": 40, "activations": 100}


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
    with pytest.raises(ValueError, match="expected one of digits, spirals; given 'moons'"):
        entrant_network("moons", "ReLU", [1])
    with pytest.raises(ValueError, match="expected one of tanh 0.01, .*; given 'tanh'"):
        experiments.digits_by_depth("tanh", 2, 0.1, [1])


def test_every_activation_has_a_network_of_about_the_same_size():
    for task, names in (("digits", ENTRANTS), ("spirals", ENTRANTS)):
        sizes = [
            sum(p.data[0].size for p in entrant_network(task, name, [1, 2]).parameters())
            for name in names
        ]
        assert max(sizes) < 1.05 * min(sizes)
    assert own_gain("ReLU") == 1.414 and own_gain("SELU") == 1


@pytest.mark.parametrize("task", ["digits", "spirals"])
def test_the_three_sets_do_not_overlap_and_the_test_digits_stay_the_same(task):
    first, second = (divided_data(task, g) for g in study.generators(0, 2))
    images = np.concatenate([x @ np.arange(1, x.shape[1] + 1) for x, _ in first])
    assert len(images) - len(np.unique(images)) <= 3  # two digits may be equal by chance
    if task == "digits":
        assert first[2][1].tolist() == second[2][1].tolist()
        assert first[0][1].tolist() != second[0][1].tolist()


def test_a_network_of_the_comparison_learns_alone_as_in_company():
    both = experiments.compare_activations("spirals", "SiLU", study.generators(1200, 2), (0.1,))
    stored = study.select(study.load("activations"), task="spirals", entrant="SiLU")[:2]
    assert set(both) == {"val0", "test0"}
    assert np.abs(both["test0"] - stored["test3"]).max() < 25  # of 500; equal on one machine
