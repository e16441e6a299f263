"""Interactive figures from one call: live with a kernel, drawn beforehand without one.

`explore(draw, depth=[5, 10, 20])` is the last line of a cell. In JupyterLab it shows ipywidgets
that call `draw` for any value; in the built book the same output shows the listed values from
finished pictures, with native controls and no server.
"""

from __future__ import annotations

import asyncio
import html
import itertools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lib import frames
from lib.choices import Choice
from lib.language import label

if TYPE_CHECKING:
    from ipywidgets import Widget

WIDGET = "application/vnd.jupyter.widget-view+json"
MOST_FRAMES = 120
DELAY = 0.03  # seconds: what arrives meanwhile is drawn once


class InteractiveFigure:
    """What `explore` returns; a notebook shows it."""

    def __init__(self, draw: Callable, choices: list[Choice], start: int, page: str, options: dict):
        self.draw, self.choices, self.start, self.options = draw, choices, start, options
        self.html = page

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        names = ", ".join(choice.name for choice in self.choices)
        return {"text/plain": f"explore({names})", "text/html": self.html} | self._live()

    def _live(self) -> dict:
        """The widget's part of the output, or nothing where no kernel could move it."""
        try:
            from IPython import get_ipython

            if getattr(get_ipython(), "kernel", None) is None:
                return {}
        except ImportError:
            return {}
        bundle = self.widget()._repr_mimebundle_()
        return {WIDGET: bundle[WIDGET]}

    def widget(self) -> Widget:
        """The live figure: controls, picture, sentence. Redrawn at most once per `DELAY`."""
        import ipywidgets

        at = np.unravel_index(self.start, [len(choice.values) for choice in self.choices])
        controls = {c.name: c.widget(int(i)) for c, i in zip(self.choices, at, strict=True)}
        picture = ipywidgets.HTML()
        waiting = []

        def redraw():
            waiting.clear()
            values = {name: control.value for name, control in controls.items()}
            try:
                (figure,), (said,) = frames.figures(self.draw, [values], **self.options)
                picture.value = frames.svg_of(figure) + f"<p>{html.escape(said)}</p>"
            except ValueError as error:
                picture.value = f"<pre>{html.escape(str(error))}</pre>"

        def changed(_):
            if not waiting:
                waiting.append(asyncio.get_running_loop().call_later(DELAY, redraw))

        for control in controls.values():
            control.observe(changed, "value")
        redraw()
        return ipywidgets.VBox([picture, *controls.values()])


def explore(
    draw: Callable,
    *,
    start: dict | None = None,
    play: str | None = None,
    only: Sequence[str] = (),
    rows: int = 1,
    figsize: tuple[float, float] | None = None,
    **choices: Sequence,
) -> InteractiveFigure:
    """A figure with a control for each of `choices`: `draw(ax, **values)` draws one picture.

    `draw` must be pure: the same values, the same picture. It may return a sentence that says what
    is to be seen; the sentence stands below the figure. A choice is a list of ascending numbers
    (a slider), of strings (a list to select from) or [False, True] (a box to tick), and is called
    by the label of its name. `start` says where the controls stand first, `play` names a
    choice of numbers that a button runs through, `only` those whose values a live slider may not
    leave, `rows` how many axes `draw` is given, one above the other. All combinations are drawn at
    once, at most 120. Raises ValueError or TypeError before anything is shown.
    """
    known = [Choice(name, values, name in only) for name, values in choices.items()]
    names = {choice.name: choice for choice in known}
    if not known:
        raise ValueError("explore: expected at least one choice, given none")
    start = start or {}
    for name in [*start, *only, *([play] if play else [])]:
        if name not in names:
            raise ValueError(f"explore: expected one of {', '.join(names)}; given {name!r}")
    for name, value in start.items():
        if value not in names[name].values:
            raise ValueError(
                f"explore: expected {name} to start at one of {names[name].values}, given {value!r}"
            )
    if play and not names[play].numbers:
        raise ValueError(f"explore: expected play to name a choice of numbers, given {play!r}")
    if (size := math.prod(len(choice.values) for choice in known)) > MOST_FRAMES:
        raise ValueError(
            f"explore: expected at most {MOST_FRAMES} pictures to draw beforehand, "
            f"given {' x '.join(str(len(c.values)) for c in known)} = {size}"
        )
    grid = [dict(zip(names, v, strict=True)) for v in itertools.product(*(c.values for c in known))]
    at = [c.values.index(start.get(c.name, c.values[0])) for c in known]
    first = int(np.ravel_multi_index(at, [len(c.values) for c in known]))
    options = {"rows": rows, "figsize": figsize}
    drawn, said = frames.figures(draw, [*grid, grid[first]], **options)
    svgs = [frames.svg_of(figure) for figure in drawn]
    if svgs.pop() != svgs[first]:
        raise ValueError(
            f"explore: expected the same picture twice for {grid[first]}; draw is not pure"
        )
    controls = "".join(c.control(i) for c, i in zip(known, at, strict=True))
    if play:
        controls += (
            f'<button type="button" data-play="{label("play")}" data-pause="{label("pause")}" '
            f'data-runs="{list(names).index(play)}">{label("play")}</button>'
        )
    return InteractiveFigure(
        draw, known, first, frames.pack(svgs, said[:-1], controls, first), options
    )
