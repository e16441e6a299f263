"""Labels, fonts and figures: words in both languages, and the same bytes twice."""

import io
import re
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lib import language, plots
from lib.activations import Sigmoid


@pytest.fixture(autouse=True)
def english():
    yield
    language.use("en")
    plt.close("all")


@pytest.mark.parametrize("section", ["terms", "labels"])
def test_every_word_stands_in_every_language(section):
    for key, words in language.glossary()[section].items():
        assert all(words.get(code) for code in language.LANGUAGES), key


def test_every_term_has_a_meaning_in_every_language():
    for key, words in language.glossary()["terms"].items():
        means = words.get("means", {})
        for code in language.LANGUAGES:
            assert len(means.get(code, "")) > 20 and means[code].endswith((".", ".)")), (key, code)
            assert bool(re.search("[가-힣]", means[code])) == (code == "ko"), (key, code)


def test_no_word_is_given_twice():
    """YAML would take the last and say nothing."""
    lines = (language.FOLDER / "glossary.yml").read_text(encoding="utf-8").splitlines()
    keys = [re.match(r"  ([^ #][^:]*):", line) for line in lines]
    keys = [found[1] for found in keys if found]
    assert sorted(keys) == sorted(set(keys))


def test_labels_follow_the_language_and_unknown_ones_are_refused():
    assert language.label("gradient") == "gradient"
    language.use("ko")
    assert language.label("gradient") == "기울기"
    with pytest.raises(KeyError, match="given 'gradiant'; near it: .*gradient"):
        language.label("gradiant")
    with pytest.raises(ValueError, match="expected one of ko, en, given 'fr'"):
        language.use("fr")


def test_a_missing_font_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(plots, "HERE", tmp_path)
    with pytest.raises(FileNotFoundError, match="CourseHangul.ttf"):
        plots.use_style()


def test_powers_of_ten():
    assert [plots.power_of_ten(v) for v in (1e-12, 1, 100, 0.02, 0)] == [
        "10⁻¹²",
        "10⁰",
        "10²",
        "",
        "",
    ]


def draw() -> str:
    plots.use_style()
    fig, ax = plt.subplots()
    x = np.linspace(-4, 4, 41)
    plots.draw_function(ax, Sigmoid(), x, name=language.label("sigmoid"), slope_name="σ′(x)")
    file = io.BytesIO()
    fig.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue().decode()


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_figures_repeat_themselves_and_keep_text_as_text(code):
    language.use(code)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph that no font has is a warning
        first, second = draw(), draw()
    assert first == second
    assert f">{language.label('sigmoid')}<" in first


def test_no_label_needs_a_glyph_that_the_fonts_lack():
    plots.use_style()
    language.use("ko")
    characters = {c for words in language.glossary()["labels"].values() for c in words["ko"]}
    fig = plt.figure(layout="none")
    fig.text(0, 0, "".join(sorted(characters)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fig.canvas.draw()


def test_the_figures_draw_what_they_are_given():
    fig, ax = plt.subplots()
    by_depth = np.array([[1.0, 1.0], [1e-3, 1e-2], [0.0, np.nan]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a layer with no positive value
        plots.draw_by_depth(ax, by_depth, "name")
    np.testing.assert_allclose(ax.lines[0].get_ydata()[1], 5.5e-3)
    fig, ax = plt.subplots()
    plots.draw_shares(ax, ["a", "b"], [0.25, 1], [(0.1, 0.4), (0.9, 1)])
    assert [round(p.get_width(), 2) for p in ax.patches] == [0.25, 1]
    fig, ax = plt.subplots()
    plots.draw_graph(ax, {"a": (0, 0, "a"), "b": (1, 0, "b")}, [("a", "b", -2.0, 0.5)])
    assert {"−2", "0.5"} <= {t.get_text() for t in ax.texts}


def test_the_style_sheet_and_the_code_know_the_same_colours():
    sheet = (Path(plots.__file__).parent / "course.mplstyle").read_text()
    assert {c[1:] for c in [*plots.COLOURS, plots.INK, plots.MUTED, plots.GRID]} <= set(
        re.findall(r"\b[0-9a-f]{6}\b", sheet)
    )


def test_a_function_has_one_colour_however_its_name_is_written():
    assert plots.of("Leaky ReLU") == plots.of("LeakyReLU") and plots.of("Tanh") == plots.of("tanh")
    apart = {plots.of(name) for name in ("sigmoid", "tanh", "ReLU", "Leaky ReLU", "ELU", "GELU")}
    assert len(apart) == len(plots.COLOURS)
