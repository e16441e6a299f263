"""The gradient microscope: choose a network, see its signal and its gradient by layer.

One figure over the whole grid of `lib.propagation`. With a kernel it measures what is chosen; in
the book it draws the stored numbers. Chapters 03, 14, 15 and 16, and a page of its own.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from lib import frames, plots
from lib.choices import Choice
from lib.language import label
from lib.propagation import (
    ACTIVATIONS,
    DEPTHS,
    INITS,
    LAYERS,
    NORMS,
    SHARES,
    STEPS,
    check,
    measure,
    predict,
)
from lib.widgets import InteractiveFigure

SIZE = (5, 4.4)
CHOICES = {
    "activation": list(ACTIVATIONS),
    "initialization": list(INITS),
    "normalization": list(NORMS),
    "skip": [False, True],
    "depth": DEPTHS,
}
VERDICTS = {"vanishing": (0, 1e-3), "alive": (1e-3, 1e3), "exploding": (1e3, math.inf)}


def times(value: float) -> str:
    """A factor for a sentence: 0.031, 3·10⁻⁹."""
    if value == 0 or 0.01 <= value < 100:
        return f"{value:.2g}"
    power = math.floor(math.log10(value) + 1e-9)
    digit = round(value / 10**power)
    power, digit = (power + 1, 1) if digit == 10 else (power, digit)
    return f"{digit}·10{str(power).translate(plots.SUPERSCRIPT)}"


def reading(depth: int, signal: float, gradient: float) -> str:
    """The sentence that reads the figure; `signal` and `gradient` are factors end to end."""
    verdict = next(name for name, (low, high) in VERDICTS.items() if low <= gradient < high)
    words = {"signal": times(signal), "gradient": times(gradient), "verdict": label(verdict)}
    return label("microscope reading", depth=depth, **words)


def draw(
    axes: np.ndarray[Axes],
    *,
    activation: str,
    initialization: str,
    normalization: str,
    skip: bool,
    depth: int,
) -> str:
    """Signal, gradient and prediction by layer above, shares of units below; two axes."""
    setting = activation, initialization, depth, normalization, skip
    seen, (signal, gradient) = measure(*setting), predict(*setting)
    above, below = axes
    layers = np.arange(depth + 1)
    for i, (values, theory) in enumerate(((seen["signal"], signal), (seen["gradient"], gradient))):
        name = label(("signal", "gradient")[i])
        alive = np.where(values > 0, values, np.nan)
        if np.isfinite(alive).all():
            low, middle, high = np.quantile(alive, [0.1, 0.5, 0.9], axis=1)
            above.fill_between(layers, low, high, color=plots.COLOURS[i], alpha=0.15, linewidth=0)
            above.plot(layers, middle, **plots.style(i))
            above.plot(layers, theory, ":", color=plots.INK, linewidth=1)
        place = 0.02 + 0.5 * i, 1.04
        above.text(*place, name, transform=above.transAxes, color=plots.COLOURS[i])
        share = seen[("saturated", "dead")[i]].mean(axis=1)
        below.plot(layers[1:], share, **plots.style(i + 2))
        name = label(("saturated units", "dead units")[i])
        below.text(*place, name, transform=below.transAxes, color=plots.COLOURS[i + 2])
    for ax in (above, below):
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
    plots.log_axis(above.yaxis)
    below.set(xlabel=label("layer axis"), ylim=(-0.03, 1.03), xlim=above.get_xlim())
    below.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    middle = {key: np.median(seen[key], axis=1) for key in ("signal", "gradient")}
    ratios = middle["signal"][-1] / middle["signal"][0], middle["gradient"][0]
    return reading(depth, *ratios / np.array([1, middle["gradient"][-1]]))


def microscope(
    activation: str = "tanh",
    initialization: str = "Xavier",
    depth: int = 50,
    normalization: str = "none",
    skip: bool = False,
) -> InteractiveFigure:
    """The microscope, set to the given network. Raises ValueError for what is not in its grid."""
    check(activation, initialization, normalization, depth)
    if depth not in DEPTHS:
        raise ValueError(f"microscope: expected a depth of {DEPTHS}, given {depth}")
    given = dict(
        zip(CHOICES, (activation, initialization, normalization, skip, depth), strict=True)
    )
    choices = [Choice(name, values, listed=False) for name, values in CHOICES.items()]
    at = [c.values.index(given[c.name]) for c in choices]
    options = {"rows": 2, "figsize": SIZE}
    (figure,), (said,) = frames.figures(draw, [given], **options)
    controls = "".join(c.control(i) for c, i in zip(choices, at, strict=True))
    keys = ["signal", "gradient", "predicted", "saturated units", "dead units", "layer axis"]
    words = {key: label(key) for key in [*keys, *VERDICTS]}
    fields = dict.fromkeys(("depth", "signal", "gradient", "verdict"))
    words["reading"] = label("microscope reading", **{key: f"{{{key}}}" for key in fields})
    facts = {"words": words, "choices": CHOICES, "layers": LAYERS, "shares": SHARES, "steps": STEPS}
    start = int(np.ravel_multi_index(at, [len(c.values) for c in choices]))
    extra = (
        f'<p class="explore-more"><a>{label("link to this setting")}</a></p>'
        f"<pre><code></code></pre>"
    )
    page = frames.still(frames.svg_of(figure), said, controls, facts, extra)
    return InteractiveFigure(draw, choices, start, page, options)
