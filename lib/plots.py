"""Figures: functions that take an `ax`, draw on it and return it, and know nothing of training.

All share the style sheet `course.mplstyle`. Labels stand beside what they name, in the page's
language (the caller passes words from `lib.language.label`); lines differ in dash as well as in
colour, so that no reader needs the colours.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from numpy.typing import ArrayLike

from lib.activations import Activation

HERE = Path(__file__).parent
INK, MUTED, GRID = "#1f2328", "#59636e", "#d1d9e0"
COLOURS = ["#0969da", "#bc4c00", "#1a7f37", "#8250df", "#bf3989", "#6e7781"]
DASHES = ["-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)), (0, (1, 1.5)), (0, (9, 2))]
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def use_style() -> None:
    """Apply the style sheet, and make notebooks store figures as repeatable SVG with real text.

    Hangul is measured with a font packaged beside this file, so no system font is needed; the text
    itself stays text.
    """
    font_manager.fontManager.addfont(HERE / "fonts" / "CourseHangul.ttf")
    plt.style.use(HERE / "course.mplstyle")
    mpl.rcParams["font.family"] = ["DejaVu Sans", "Course Hangul"]
    try:
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:  # a script, not a notebook: nothing to set
        return
    set_matplotlib_formats("svg", bbox_inches=None, metadata={"Date": None, "Creator": None})


def power_of_ten(value: float, _: int | None = None) -> str:
    """0.001 as "10⁻³", in plain characters; "" for what is no power of ten."""
    if value <= 0:
        return ""
    exponent = np.log10(value)
    if abs(exponent - round(exponent)) > 1e-6:
        return ""
    return "10" + str(round(exponent)).translate(SUPERSCRIPT)


class _Decades(LogLocator):
    """Powers of ten whose exponents are multiples of one step, so that 1 is among them."""

    def tick_values(self, vmin: float, vmax: float) -> np.ndarray:
        """At most `numticks` powers between vmin and vmax, both above 0, by the smallest step."""
        first, last = np.ceil(np.log10(vmin) - 1e-9), np.floor(np.log10(vmax) + 1e-9)
        for step in (1, 2, 3, 5, 10, 15, 20, 30, 50, 100):
            exponents = np.arange(np.ceil(first / step) * step, last + 1, step)
            if len(exponents) <= self.numticks:
                break
        return 10.0**exponents


def log_axis(axis: Axis, ticks: int = 6) -> None:
    """Make `ax.xaxis` or `ax.yaxis` logarithmic, with labels like 10⁻³ at whole powers."""
    getattr(axis.axes, f"set_{axis.axis_name}scale")("log")
    axis.set_major_locator(_Decades(numticks=ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(power_of_ten))


def style(i: int) -> dict:
    """Colour and dash of the i-th series, for `ax.plot(..., **style(i))`."""
    return {"color": COLOURS[i % len(COLOURS)], "linestyle": DASHES[i % len(DASHES)]}


def of(activation: str) -> int:
    """The number that an activation function has as a series, so its colour is one everywhere.

    "Leaky ReLU" and "LeakyReLU" are the same; ELU and SELU share a number; what has none gets 5.
    """
    numbers = {"sigmoid": 0, "tanh": 1, "relu": 2, "leakyrelu": 3, "elu": 4, "selu": 4}
    return numbers.get(activation.lower().replace(" ", ""), 5)


def name_at(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    *,
    color: str = INK,
    dx: float = 4,
    dy: float = 4,
    **options: object,
) -> None:
    """Write `text` beside the point (x, y), (dx, dy) points away."""
    options = {"ha": "left" if dx >= 0 else "right", "va": "center"} | options
    ax.annotate(text, (x, y), (dx, dy), textcoords="offset points", color=color, **options)


def draw_function(
    ax: Axes,
    activation: Activation,
    x: np.ndarray,
    *,
    name: str,
    slope_name: str,
    at: tuple[float, float] = (1.0, 1.0),
) -> Axes:
    """An activation function and its slope over x, each named at the abscissae `at`."""
    y = activation.f(x)
    slope = activation.df(x, y)
    for i, (values, text, where) in enumerate(zip((y, slope), (name, slope_name), at, strict=True)):
        ax.plot(x, values, **style(i))
        height = np.interp(where, x, values)
        name_at(ax, where, height, text, color=COLOURS[i], dx=12, dy=2)
    return ax


def draw_by_depth(
    ax: Axes, by_depth: ArrayLike, name: str = "", i: int = 0, *, dx: float = 5, dy: float = 0
) -> Axes:
    """A quantity by layer on a log axis: the median over networks, and the middle 80% as a band.

    `by_depth` has shape (layers,) or (layers, S), as `probes.rms_by_depth` gives it; zeros and NaNs
    are left out. The first entry stands at 1; the name stands beside the last.
    """
    values = np.asarray(by_depth, dtype=float).reshape(len(by_depth), -1)
    values = np.where(values > 0, values, np.nan)
    layers = np.arange(1, len(values) + 1)
    low, middle, high = np.nanquantile(values, [0.1, 0.5, 0.9], axis=1)
    ax.fill_between(layers, low, high, color=COLOURS[i], alpha=0.15, linewidth=0)
    ax.plot(layers, middle, **style(i))
    name_at(ax, layers[-1], middle[-1], name, color=COLOURS[i], dx=dx, dy=dy)
    log_axis(ax.yaxis)
    return ax


def draw_shares(
    ax: Axes,
    names: list[str],
    shares: ArrayLike,
    intervals: ArrayLike,
    i: int = 0,
    *,
    offset: float = 0.0,
) -> Axes:
    """Horizontal bars of shares with their intervals: shares (R,), intervals (R, 2), in [0, 1].

    A second series goes on the same axes with another `i` and `offset` (up is positive).
    """
    shares, intervals = np.asarray(shares), np.asarray(intervals)
    rows = np.arange(len(names))[::-1]
    ax.barh(rows + offset, shares, height=0.34, color=COLOURS[i], alpha=0.35)
    error = np.abs(intervals.T - shares)
    marks = {"fmt": "o", "color": COLOURS[i], "capsize": 3, "markersize": 4}
    ax.errorbar(shares, rows + offset, xerr=error, **marks)
    for row, share, (_, high) in zip(rows, shares, intervals, strict=True):
        name_at(ax, high, row + offset, f"{share:.1%}", color=COLOURS[i], dx=6, dy=0)
    ax.set_yticks(rows, names)
    ax.set_xlim(0, 1.15)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    ax.grid(axis="y", visible=False)
    return ax


def draw_graph(ax: Axes, nodes: dict, edges: list) -> Axes:
    """A computational graph: values above the edges going forward, gradients below coming back.

    `nodes` maps a name to (x, y, text); `edges` is a list of (from, to, value, gradient).
    """
    for start, end, value, gradient in edges:
        (x0, y0, _), (x1, y1, _) = nodes[start], nodes[end]
        arrow = {"arrowstyle": "-|>", "color": MUTED, "shrinkA": 15, "shrinkB": 15, "lw": 1}
        ax.annotate("", (x1, y1), (x0, y0), arrowprops=arrow)
        middle = (x0 + x1) / 2, (y0 + y1) / 2
        for number, colour, dy in ((value, COLOURS[0], 9), (gradient, COLOURS[1], -9)):
            text = f"{number:.3g}".replace("-", "−")
            name_at(ax, *middle, text, color=colour, dx=0, dy=dy, ha="center")
    box = {"boxstyle": "round,pad=0.45", "facecolor": "#ffffff", "edgecolor": MUTED}
    for x, y, text in nodes.values():
        ax.text(x, y, text, ha="center", va="center", bbox=box)
    xs, ys = [n[0] for n in nodes.values()], [n[1] for n in nodes.values()]
    ax.set(xlim=(min(xs) - 0.5, max(xs) + 0.5), ylim=(min(ys) - 0.6, max(ys) + 0.6))
    ax.axis("off")
    return ax
