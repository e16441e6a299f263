"""The microscope: what is stored is what is measured, and theory says so beforehand."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lib import language, plots, propagation
from lib.microscope import draw, microscope, reading, times
from lib.seeds import generators

STORED = json.loads(propagation.RESULTS.read_text(encoding="utf-8"))
SETTINGS = list(propagation.settings())


def test_every_setting_is_stored():
    assert len(STORED) == len(SETTINGS) == 10 * 6 * 3 * 2
    for entry in STORED:
        assert len(entry["gradient"]) == len(propagation.DEPTHS)
        lines = [*entry["signal"], *entry["shares"], *entry["theory"]]
        assert {len(line) for line in lines} == {len(propagation.LAYERS)}


def test_what_is_stored_is_a_whole_number_or_nothing():
    assert propagation.stored([0.0, np.nan, np.inf, 10.0, 0.1]) == [None, None, None, 20, -20]


@pytest.mark.parametrize("number", np.random.default_rng(7).choice(len(SETTINGS), 6, replace=False))
def test_a_sample_measured_again_is_what_is_stored(number, monkeypatch):
    monkeypatch.setattr(propagation, "DEPTHS", [5, 10])  # the same networks, cut earlier
    monkeypatch.setattr(propagation, "LAYERS", list(range(11)))
    fresh, entry = propagation.pack(*SETTINGS[number]), STORED[number]

    def agree(ours, theirs):
        for a, b in zip(ours, theirs, strict=True):
            assert (a is None) == (b is None) and (a is None or abs(a - b) <= 1), SETTINGS[number]

    for ours, theirs in zip(fresh["signal"], entry["signal"], strict=True):
        agree(ours, theirs[:11])
    for ours, theirs in zip(fresh["gradient"], entry["gradient"][:2], strict=True):
        for line, stored in zip(ours, theirs, strict=True):
            agree(line, stored)
    for ours, theirs in zip(fresh["shares"], entry["shares"], strict=True):
        agree(ours, theirs[:11])
    agree(fresh["theory"][0], entry["theory"][0][:11])


@pytest.mark.parametrize(
    ("activation", "init", "norm", "skip"),
    [
        ("tanh", "Xavier", "none", False),
        ("sigmoid", "1.0", "none", False),
        ("ReLU", "He", "batch", False),
        ("ReLU", "He", "layer", True),
        ("GELU", "He", "layer", False),
        ("ReLU", "He", "none", False),
    ],
)
def test_theory_meets_measurement_over_ten_layers(activation, init, norm, skip):
    seen = propagation.measure(activation, init, 10, norm, skip, rng=generators(3, 60))
    signal, gradient = propagation.predict(activation, init, 10, norm, skip)
    assert signal[0] == gradient[-1] == 1
    for values, theory in ((seen["signal"], signal), (seen["gradient"], gradient)):
        found = np.sqrt((values**2).mean(axis=1))
        np.testing.assert_allclose(
            found / found[np.argmin(theory)], theory / theory.min(), rtol=0.2
        )


def test_a_network_cut_early_is_the_shallow_network():
    deep = propagation.measure("tanh", "He", 6, depths=[4])["gradient"][4]
    np.testing.assert_array_equal(deep, propagation.measure("tanh", "He", 4)["gradient"])


def test_the_sentence():
    language.use("en")
    assert times(0.0311) == "0.031" and times(3.2e-9) == "3·10⁻⁹" and times(9.7e4) == "1·10⁵"
    assert times(0) == "0" and times(1e-300) == "1·10⁻³⁰⁰"
    assert reading(50, 1, 2e-9).endswith("2·10⁻⁹ of that at the output: vanishing.")
    assert reading(5, 1, 0.5).endswith("alive.") and reading(5, 1, 1e9).endswith("exploding.")


def test_the_figure_of_a_setting_with_no_gradient_at_all():
    from matplotlib.figure import Figure

    plots.use_style()
    setting = {"activation": "ReLU", "initialization": "zeros", "normalization": "none"}
    said = draw(Figure().subplots(2), **setting, skip=False, depth=5)
    assert "0 of that at the output: vanishing" in said


def test_unknown_settings_are_refused():
    with pytest.raises(ValueError, match="expected one of sigmoid, tanh.*given 'relu'"):
        microscope("relu")
    with pytest.raises(ValueError, match="depth of .*given 7"):
        microscope(depth=7)
    with pytest.raises(ValueError, match="at least 1, given 0"):
        propagation.measure(depth=0)


def test_to_ask_for_help_measures_nothing():
    command = [sys.executable, "-m", "lib.propagation", "--help"]
    run = subprocess.run(
        command,
        cwd=Path(propagation.__file__).parents[1],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert run.returncode == 0 and "Measure the whole grid" in run.stdout
