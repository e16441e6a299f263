"""The experiments of the chapters, and their stored studies."""

import json

import numpy as np
import pytest
import short_runs

from lib import experiments, study
from lib.activations import Tanh
from lib.experiments import normed
from lib.experiments.activations import ENTRANTS, divided_data, entrant_network, own_gain
from lib.experiments.practice import Softmax
from lib.gradcheck import gradcheck
from lib.layers import Residual


@pytest.mark.parametrize("name", study.STUDIES)
def test_the_stored_study_is_the_one_declared(name):
    declared, results = study.STUDIES[name], study.load(name)
    points = list(declared.points())
    for point in points:
        assert study.select(results, **point)["seed"].tolist() == list(range(declared.seeds))
    assert len(results) == declared.seeds * len(points)


@pytest.mark.parametrize("name", study.STUDIES)
def test_the_stored_results_of_a_study_are_those_of_its_experiment(name):
    stored = json.loads(short_runs.STORED.read_text())
    assert list(stored) == list(study.STUDIES)
    found = short_runs.measure(name)
    assert found.keys() == stored[name].keys()
    for column, values in found.items():
        np.testing.assert_allclose(
            values,
            stored[name][column],
            rtol=1e-3,
            err_msg=f"{name} has changed; short_runs.py says what to do",
        )


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
    with pytest.raises(ValueError, match="depth to be a whole number >= 1, given 0"):
        experiments.xor_by_depth("tanh", 0, study.generators(1, 1))
    with pytest.raises(ValueError, match="expected one of best, half, centered; given 'own'"):
        experiments.shifted_layer(1.0, "own", study.generators(1, 1))
    with pytest.raises(ValueError, match="expected one of none, batch; given 'layer'"):
        experiments.right_by_scale("layer", 0.1, study.generators(1, 1))
    with pytest.raises(ValueError, match="expected one of small, one, .*; given 'he'"):
        experiments.predicted_decay("tanh", "he")
    with pytest.raises(ValueError, match="expected one of digits, spirals; given 'moons'"):
        entrant_network("moons", "ReLU", [1])
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


def test_residual_blocks_are_what_their_names_say():
    rngs = study.generators(16, 3)
    x = np.random.default_rng(0).normal(size=(3, 5, 8))
    for kind, (skip, norm) in experiments.BLOCKS.items():
        first, second = experiments.residual_blocks(kind, 2, 8, rngs)
        y = second.forward(first.forward(x))
        assert y.shape == x.shape
        assert (kind == "residual zero") == np.array_equal(x, y)
        assert isinstance(first, Residual) == skip
        assert len(first.parameters()) == (4 if norm else 2)
    with pytest.raises(ValueError, match="expected one of plain, .*; given 'skip'"):
        experiments.residual_blocks("skip", 2, 8, 0)


def test_residual_depth_does_not_depend_on_the_company():
    together = experiments.residual_depth("residual batch", 2, 0.03, study.generators(16, 3), 5)
    last = study.generators(16, 3)[2:]
    alone = experiments.residual_depth("residual batch", 2, 0.03, last, 5)
    for column, values in together.items():
        np.testing.assert_allclose(values[2:], alone[column], rtol=1e-3)


def test_watch_changes_nothing_and_noise_is_for_training_only():
    x, log = np.random.default_rng(0).normal(size=(3, 8, 4)).astype(np.float32), []
    watch, noise = normed.Watch(log), normed.Noise(1)
    assert watch.forward(x) is x and watch.forward(x) is x and log == [0]
    once = noise.forward(x)
    np.testing.assert_allclose(
        noise.backward(np.ones_like(x)) * (x - x[..., :1, :]), once - once[..., :1, :], atol=1e-5
    )
    back = noise.backward(x)
    np.testing.assert_array_equal(noise.eval().backward(x), back, err_msg="as it came")
    assert noise.forward(x) is x
    np.testing.assert_array_equal(noise.train().backward(x), x)


def test_a_unit_that_does_not_vary_is_left_out_of_the_shift():
    """The others still count: two networks, of which one has a unit that is 1 for all examples."""
    x = np.random.default_rng(0).normal(size=(2, 50, 3))
    x[1, :, 2] = 1
    log = []
    watch = normed.Watch(log)
    watch.forward(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        watch.forward(x + 0.125)
        watch.forward(x + 0.125)
    varies = [0.125 / x[i, :, j].std() for i in (0, 1) for j in range(3) if (i, j) != (1, 2)]
    assert log == pytest.approx([np.mean(varies), 0])


def test_a_seed_of_the_normed_digits_does_not_depend_on_its_company():
    def block(width, seeds):
        return [normed.norm(width, seeds), normed.ReLU()]

    two, three = (normed.digits_by_block(block, 0.1, 2, n, steps=3) for n in (2, 3))
    np.testing.assert_allclose(two, three[:2], atol=0.01)


def test_every_activation_has_a_network_of_about_the_same_size():
    for task in ("digits", "spirals"):
        sizes = [
            sum(p.data[0].size for p in entrant_network(task, name, [1, 2]).parameters())
            for name in ENTRANTS
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
    both = experiments.compare_activations("spirals", "SiLU", study.generators(1200, 2), (0.01,))
    stored = study.select(study.load("activations"), task="spirals", entrant="SiLU")[:2]
    assert set(both) == {"val0", "test0"}
    np.testing.assert_allclose(both["test0"], stored["test0"], atol=10)  # of 500: 62 and 20


def test_planted_faults_are_what_their_names_say():
    with pytest.raises(ValueError, match="expected one of none, slope, .*; given 'bug'"):
        experiments.faulty_network("bug", 1)
    with pytest.raises(ValueError, match="expected one of SGD, momentum, Adam; given 'Lion'"):
        experiments.named_optimiser("Lion", experiments.practice_network(1), 0.1)
    found = experiments.digits_faults("slope", study.generators(1903, 2))
    stored = study.select(study.load("digits-faults"), fault="slope")[:2]
    np.testing.assert_allclose(found["gradient"], stored["gradient"], rtol=1e-2)
    np.testing.assert_allclose(found["start"], stored["start"], rtol=1e-2)


def test_the_softmax_that_is_planted_is_a_softmax():
    x = np.random.default_rng(0).normal(size=(5, 3))
    exps = np.exp(x)
    np.testing.assert_allclose(Softmax().forward(x), exps / exps.sum(axis=-1, keepdims=True))
    assert gradcheck(Softmax(), x, 1)["input"] < 1e-7


def test_the_practice_sets_do_not_overlap_and_keep_their_sizes():
    sets = experiments.practice_data()
    assert [x.shape[0] for x, _ in sets] == [1000, 400, 397] == [y.shape[0] for _, y in sets]
    assert abs(sets[0][0].mean()) < 1e-12  # standardised by the training images


def test_each_remedy_is_in_its_network():
    for remedy in experiments.REMEDIES:
        net, optimiser = experiments.remedied_network(remedy, study.generators(1, 2))
        kinds = [type(layer).__name__ for layer in net.layers]
        assert ("Dropout" in kinds) == (remedy in ("dropout", "both"))
        assert optimiser.weight_decay == (1.0 if remedy in ("weight decay", "both") else 0.0)
    with pytest.raises(ValueError, match="given 'hope'"):
        experiments.remedied_network("hope", 1)
    one = experiments.digits_remedies("both", 50, 0.2, study.generators(1, 3)[2:], steps=40)
    three = experiments.digits_remedies("both", 50, 0.2, study.generators(1, 3), steps=40)
    np.testing.assert_allclose(one["test_loss"], three["test_loss"][2:], rtol=1e-3)


def test_patients_and_quotients():
    with pytest.raises(ValueError, match="expected one of healthy, .*; given 'patient D'"):
        experiments.patient_charts("patient D")
    chart = experiments.patient_charts("patient A", steps=(0,))[0]
    assert chart["gradient"].shape == (8,) and chart["ratio"].shape == (9,)
    assert chart["peak"] == chart["loss"]
    one_sided, central = experiments.quotient_errors(Tanh, np.float64, [1e-3, 1e-4])
    np.testing.assert_allclose(np.median(one_sided[0] / one_sided[1]), 10, rtol=0.02)
    np.testing.assert_allclose(np.median(central[0] / central[1]), 100, rtol=0.2)


def same_as_stored(name, again, rtol=2e-3, **point):
    """What was run again for the first seeds of a point is what the study has stored for them."""
    stored = study.select(study.load(name), **point)
    assert stored.dtype.names == (*point, "seed", *again)
    for column, values in again.items():
        np.testing.assert_allclose(values, stored[column][: len(values)], rtol=rtol)


SAMPLES = [  # tame ones: nothing here grows from the last digit, which is the processor's
    ("digits-by-depth", {"start": "tanh Xavier", "depth": 2, "lr": 0.001}),
    ("trainable-depth", {"sigma_w": 1.0, "depth": 4, "lr": 0.005}),
    ("isometry", {"weights": "orthogonal", "depth": 8, "lr": 0.03}),
    ("digits-by-rate", {"optimiser": "Adam", "lr": 3e-4}),
    ("residual-depth", {"kind": "plain", "depth": 2, "lr": 0.003}),
    ("residual-depth", {"kind": "residual", "depth": 2, "lr": 0.003}),
    ("residual-depth", {"kind": "residual scaled", "depth": 2, "lr": 0.003}),
    ("start-by-norm", {"norm": "none", "lr": 0.03}),
    ("start-by-norm", {"norm": "batch", "lr": 0.1}),
]


@pytest.mark.parametrize(("name", "point"), SAMPLES)
def test_a_sample_of_a_study_can_be_made_again(name, point):
    declared = study.STUDIES[name]
    again = declared.experiment(**point, rngs=study.generators(declared.seed, 2))
    same_as_stored(name, again, rtol=2e-2, **point)


def test_xor_by_depth_is_at_ten_layers_what_it_was():
    deep = study.select(study.load("xor-by-depth"), depth=10)
    for activation in experiments.ACTIVATIONS:
        ten = study.select(study.load("xor-ten-layers"), activation=activation, loss="naive")[:100]
        here = study.select(deep, activation=activation)
        ended = (ten["accuracy"] == 1) & (ten["end"] < 0.5)
        expected = np.where(ended, ten["solved"], experiments.NEVER)
        assert here["solved"].tolist() == expected.tolist()
        assert here["nan"].tolist() == ten["nan"].tolist()
        np.testing.assert_allclose(here["last"], ten["last"], rtol=0.06)


def test_a_sample_of_xor_by_depth_can_be_made_again():
    again = experiments.xor_by_depth("tanh", 2, study.generators(17_500, 2))
    same_as_stored("xor-by-depth", again, activation="tanh", depth=2)
    start = experiments.xor_by_depth("Leaky ReLU 0.2", 20, study.generators(17_500, 3), steps=1)
    stored = study.select(study.load("xor-by-depth"), activation="Leaky ReLU 0.2", depth=20)
    np.testing.assert_allclose(start["first"], stored["first"][:3], rtol=2e-3)
    assert (study.select(study.load("xor-by-depth"), depth=1)["solved"] == experiments.NEVER).all()


def test_the_decay_by_start_can_be_made_again_and_follows_the_theory():
    again = experiments.decay_by_start("GELU", study.generators(3, 2))
    same_as_stored("decay-by-start", again, activation="GELU")
    off = {("GELU", "He"), ("SiLU", "He"), ("Softplus", "He")}  # not yet at their fixed point
    for activation in experiments.DECAYING:
        stored = study.select(study.load("decay-by-start"), activation=activation)
        for start in experiments.DECAY_STARTS:
            measured = (stored[start] ** 40).mean() ** (1 / 40)  # of mean squares, over 20 layers
            error = measured / experiments.predicted_decay(activation, start) - 1
            assert 0.03 < error < 0.2 if (activation, start) in off else abs(error) < 0.03


def test_the_shifted_layer_zigzags_only_where_the_step_is_long():
    rngs = study.generators(44, 3)
    again = experiments.shifted_layer(0.5, "best", rngs, steps=60)
    same_as_stored("zig-zag", again, shift=0.5, step_length="best")
    assert (again["zigzag"] == 10).all()
    half = study.select(study.load("zig-zag"), step_length="half")
    assert (half["zigzag"] == 0).all() and (half["needed"] > 0).all()


def test_dying_units_can_be_counted_again():
    again = experiments.dying_units(-1, 1, study.generators(6, 4))
    same_as_stored("dying-relu", again, bias=-1, lr=1)
    stored = study.load("dying-relu")
    assert (stored["back1"] == 0).all() and (stored["back2"] <= stored["dead2"]).all()
    assert (stored["back2"][stored["dead2"] == 16] == 0).all()  # where a whole layer is dead


def test_the_map_of_chapter_15_is_the_beginning_of_its_study():
    """All but a few at the border, which another processor may see on the other side of it."""
    stored = study.load("start-by-norm")
    for norm in ("none", "batch"):
        _, learned = experiments.rate_by_scale(normed.NORMS[norm], seeds=2)
        at_norm = study.select(stored, norm=norm)
        rates = [study.select(at_norm, lr=lr)[:2] for lr in normed.RATES]
        right = [[here[f"right{k}"] for k in range(len(normed.SCALES))] for here in rates]
        assert np.mean((np.array(right) >= experiments.ENOUGH) == learned) > 0.9
