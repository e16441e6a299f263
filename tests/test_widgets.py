"""Interactive figures: what is stored, what is live, and what is refused before it is drawn."""

import asyncio
import io
import json
import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from lib import frames, language, plots
from lib.choices import words
from lib.pieces import Pieces
from lib.widgets import WIDGET, explore


@pytest.fixture(autouse=True)
def style():
    plots.use_style()
    yield
    language.use("en")


def draw(ax, *, depth, activation="tanh", skip=False):
    ax.plot([0, 1], [0, depth], **plots.style(0))
    ax.plot([depth / 10], [0], "o" if skip else "s")
    plots.name_at(ax, 0.5, 1, activation)
    ax.set(xlim=(0, 1), ylim=(0, 10))
    return f"{activation} & {depth:g}"


def unpacked(page):
    """The pieces of every frame and its sentence, put together as the script does."""
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page)[1])
    svg = re.search(r"<svg.*?</svg>", page, re.S)[0]
    slots, begins = [], []
    for tag in re.finditer(r"<g\b[^>]*>|</g>", svg):
        if tag[0] != "</g>":
            begins.append(tag.end())
        elif (begin := begins.pop()) and not begins:
            slots.append(svg[begin : tag.start()])
    pieces = data["pieces"]
    for number, markup in zip(data["first"], slots, strict=True):
        assert (number is None) == (markup == "")
        if number is not None:
            pieces[number] = markup
    for changes, said in zip(data["frames"], data["says"], strict=True):
        numbers = list(data["first"])
        for slot, number in zip(changes[::2], changes[1::2], strict=True):
            numbers[slot] = number
        yield ["" if n is None else pieces[n] for n in numbers], said


def test_every_frame_is_the_picture_that_draw_draws():
    page = explore(draw, depth=[2, 5, 9], skip=[False, True], start={"depth": 5}).html
    found = list(unpacked(page))
    grid = [{"depth": d, "skip": s} for d in (2, 5, 9) for s in (False, True)]
    assert [said for _, said in found] == ["tanh & 2"] * 2 + ["tanh & 5"] * 2 + ["tanh & 9"] * 2
    assert "tanh &amp; 5</figcaption>" in page
    drawn, _ = frames.figures(draw, grid, 1, None)
    together = Pieces()
    together.take_apart(frames.svg_of(drawn[2]))  # as explore does, the first picture first
    for figure, (pieces, _) in zip(drawn, found, strict=True):
        _, numbers = together.take_apart(frames.svg_of(figure))
        expected = [list(together.known)[n].replace("@", "") for n in numbers]
        assert [re.sub(r"x[0-9a-f]{8}-", "", p) for p in pieces if p] == expected


def test_a_tick_more_or_less_moves_no_other_piece():
    def draw(ax, ticks):
        ax.set(xlim=(0, 1), ylim=(0, 1), xticks=np.linspace(0, 1, ticks), yticks=[])
        ax.plot([0, 1], [0, 1])
        ax.text(0.1, 0.9, "a line")

    page = explore(draw, ticks=[2, 4, 5], start={"ticks": 4}).html
    rows = [pieces for pieces, _ in unpacked(page)]
    assert [row.count("") for row in rows] == [3, 1, 0]
    ticks = [place for place in zip(*rows, strict=True) if "" in place]
    assert len(ticks) == 3 and all("<use" in place[2] for place in ticks)
    line, words = (
        [row.index(p) for row in rows for p in row if mark in p] for mark in ("#0969da", "a line")
    )
    assert len(set(line)) == len(set(words)) == 1


def test_the_axes_of_all_frames_are_where_there_is_room_for_all():
    def labelled(ax, *, depth):
        ax.plot([0, depth], [0, depth])
        ax.set(xlabel="x" if depth < 9 else "x\nx", ylabel="y" if depth < 99 else "y\ny")

    def places(values):
        drawn, _ = frames.figures(labelled, [{"depth": value} for value in values], 1, None)
        for figure in drawn:
            frames.svg_of(figure)  # which must not move them
        return np.array([figure.axes[0].get_position().extents for figure in drawn])

    alone = np.concatenate([places([depth]) for depth in (1, 10, 1e5)])
    room = [*alone[:, :2].max(axis=0), *alone[:, 2:].min(axis=0)]
    np.testing.assert_allclose(places([1, 10, 1e5]), [room] * 3)
    assert (alone[:, :2].std(axis=0) > 0.001).all()


def test_what_frames_share_is_stored_once():
    page = explore(draw, depth=np.linspace(1, 9, 17)).html
    assert page.count(">0.4<") == 1  # a tick label
    assert len(page) < 3 * len(explore(draw, depth=[1]).html)
    assert page == explore(draw, depth=np.linspace(1, 9, 17)).html


def test_controls_have_names_values_and_words_of_the_language():
    language.use("ko")
    page = explore(
        draw, depth=[1, 5], activation=["tanh", "sigmoid"], skip=[False, True], play="depth"
    ).html
    assert re.search(r'<label class="slider">깊이 <input type="range" min="0" max="1"', page)
    assert ">시그모이드</option>" in page and ">tanh</option>" in page
    assert re.search(r'type="checkbox" data-choice="2"> 잔차 연결', page)
    assert 'data-play="재생" data-pause="멈춤"' in page


def test_small_numbers_are_written_as_powers():
    page = explore(draw, depth=[-2.5, 1e-5, 1]).html
    assert "−2.5" in page and "10⁻⁵" in page
    said = [words(v) for v in (1e-4, 0.001, 0.1, 1, 1000, 12500, 1e7, -2.5)]
    assert said == ["10⁻⁴", "0.001", "0.1", "1", "1000", "12,500", "10⁷", "−2.5"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, ValueError, "at least one choice"),
        ({"depth": []}, ValueError, "at least one value for depth"),
        ({"depth": [2, 1]}, ValueError, r"numbers to ascend; given \[2, 1\]"),
        ({"depth": [1, 1]}, ValueError, "to differ"),
        ({"depth": [1, "a"]}, TypeError, "finite numbers, strings, or False and True"),
        ({"depth": [1, float("nan")]}, TypeError, "finite numbers"),
        ({"depth": range(100), "skip": [False, True]}, ValueError, "at most 120.* 100 x 2 = 200"),
        ({"depth": [1], "start": {"depth": 3}}, ValueError, r"start at one of \[1\], given 3"),
        ({"depth": [1], "start": {"dept": 1}}, ValueError, "one of depth; given 'dept'"),
        ({"depth": [1], "play": "skip"}, ValueError, "one of depth; given 'skip'"),
        ({"activation": ["a"], "play": "activation"}, ValueError, "a choice of numbers"),
        ({"depth": [1], "only": ["x"]}, ValueError, "given 'x'"),
    ],
)
def test_bad_choices_are_refused_before_anything_is_drawn(options, error, message):
    def never(ax, **values):
        raise AssertionError("drawn")

    with pytest.raises(error, match=message):
        explore(never, **options)


def test_a_draw_that_fails_for_one_value_says_which():
    def fails(ax, *, depth):
        ax.plot([1 / (depth - 3)])

    with pytest.raises(ValueError, match="with depth=3 it raised ZeroDivisionError"):
        explore(fails, depth=[1, 2, 3, 4])


def test_without_the_style_of_the_course_a_picture_is_the_same_twice_too():
    def line(ax, *, depth):
        ax.plot([0, depth], marker="o")  # a clip path and a marker, which have ids

    with mpl.rc_context():
        plt.style.use("default")
        assert "depth" in explore(line, depth=[1, 2]).html
    salt = mpl.rc_params_from_file(plots.HERE / "course.mplstyle", use_default_template=False)
    figure = frames.figures(line, [{"depth": 1}], 1, None)[0][0]
    with mpl.rc_context(salt):
        file = io.StringIO()
        figure.canvas.print_svg(file, metadata={"Date": None, "Creator": None})
    assert frames.svg_of(figure) == file.getvalue(), "the ids are those of the style"


def test_an_impure_draw_is_refused():
    drawn = []

    def impure(ax, *, depth):
        drawn.append(depth)
        ax.plot([0, len(drawn)])

    with pytest.raises(ValueError, match="draw is not pure"):
        explore(impure, depth=[1, 2])


def test_a_fast_drag_is_drawn_once():
    drawn = []

    def counted(ax, *, depth):
        drawn.append(depth)
        ax.plot([0, depth])

    async def drag():
        figure = explore(counted, depth=[0.0, 1.0])
        box = figure.widget()
        slider = box.children[1]
        drawn.clear()
        for value in np.linspace(0, 0.7, 50):
            slider.value = value
        await asyncio.sleep(0.3)
        return slider.value, box.children[0].value

    value, picture = asyncio.run(drag())
    assert drawn == [value] and value == pytest.approx(0.7) and "<svg" in picture


def test_a_live_figure_shows_an_error_in_place():
    def fails(ax, *, depth):
        if depth == 2:
            raise RuntimeError("no such depth")

    async def move():
        box = explore(fails, depth=[1, 3]).widget()
        box.children[1].value = 2
        await asyncio.sleep(0.2)
        return box.children[0].value

    assert "depth=2 it raised RuntimeError: no such depth" in asyncio.run(move())


def test_without_a_kernel_there_is_no_live_part():
    bundle = explore(draw, depth=[1, 5])._repr_mimebundle_()
    assert WIDGET not in bundle and "<svg" in bundle["text/html"]


@pytest.mark.parametrize(
    ("depth", "kind", "ends"),
    [
        ([5, 6, 9], "IntSlider", (5, 9)),
        ([5.0, 6.0, 9.0], "FloatSlider", (5, 9)),
        ([0.0, 1.0, 500.0], "FloatSlider", (0, 500)),
        ([0.01, 0.1, 10.0], "FloatLogSlider", (-2, 1)),
    ],
)
def test_a_live_slider_goes_from_the_first_value_to_the_last(depth, kind, ends):
    picture, slider = explore(draw, depth=depth).widget().children
    assert type(slider).__name__ == kind and (slider.min, slider.max) == ends
    assert "<svg" in picture.value and slider.value == depth[0]


def test_only_the_listed_values_where_others_make_no_sense():
    import ipywidgets

    box = explore(draw, depth=[1, 5, 9], only=("depth",)).widget()
    assert isinstance(box.children[1], ipywidgets.SelectionSlider)
    box = explore(draw, depth=[1.0, 5.0, 9.0], activation=["tanh", "ReLU"]).widget()
    assert isinstance(box.children[1], ipywidgets.FloatSlider)
    assert [value for _, value in box.children[2].options] == ["tanh", "ReLU"]
