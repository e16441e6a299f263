"""The headline benchmark, without TensorFlow: its parts say the truth, and say what is wrong."""

import sys

import numpy as np
import pytest

from lib import data
from lib.experiments import xor_network
from lib.optim import SGD
from lib.seeds import generators
from lib.train import fit

pytest.importorskip("resource")  # Windows has none
from benchmarks import headline  # noqa: E402


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("headline") / "weights.npz"
    headline.write_weights(path, 3, 2)
    return path


def ours(weights, first, count):
    command = [sys.executable, "-m", "benchmarks.xor_lib", weights, first, count, 101]
    return headline.timed([str(part) for part in command])


def test_lib_trains_the_stored_weights_alone_as_in_a_stack(weights):
    alone, stacked = ours(weights, 2, 1), ours(weights, 0, 3)
    assert alone["losses"].shape == (1, 2) and stacked["losses"].shape == (3, 2)
    assert headline.apart(alone["losses"], stacked["losses"][2:]) < 1e-5
    net, loss = xor_network("tanh", "naive", generators(17_500, 3))
    optimiser = SGD(net.parameters(), lr=0.01)
    record = fit(net, loss, optimiser, *data.xor(np.float32), steps=101, every=100)
    assert headline.apart(stacked["losses"], record["loss"].T).max() < 1e-5
    assert 0 < alone["times"]["loop"] < alone["times"]["whole"]


def test_the_limit_is_far_below_what_is_measured_and_grows_with_the_steps(weights):
    limit = headline.limit(101)
    assert 0 < limit < ours(weights, 0, 1)["times"]["loop"] / 10
    assert 3 < headline.limit(1010) / limit < 30


def test_the_copies_differ_in_the_last_digit_alone(weights):
    with np.load(weights) as stored:
        for name in stored.files:
            array, copies = stored[name][:2], stored[name][3:].reshape(headline.NUDGES, 2, -1)
            away = np.abs(copies - array.reshape(2, -1)) / np.spacing(np.abs(array).reshape(2, -1))
            assert (0 < away).all() and (away <= 1).all()


def test_losses_that_differ_by_more_than_rounding_end_the_benchmark():
    one, rounding = np.full((1, 2), 0.5), np.array([1e-3])
    headline.check("both", headline.apart(one * 1.004, one), rounding)
    for other in (one * 1.006, one * np.nan):
        with pytest.raises(SystemExit, match="both: the losses of network 0 differ"):
            headline.check("both", headline.apart(other, one), rounding)


def test_a_process_that_fails_is_shown_with_its_error(weights):
    with pytest.raises(SystemExit, match="(?s)xor_lib.*IndexError"):
        ours(weights, 70, 1)


def test_impossible_numbers_are_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        headline.main(["--networks", "3", "--rounds", "4"])
    assert stop.value.code == 2 and "given 3, 20001, 4" in capsys.readouterr().err
