"""Choices: what a reader may change in an interactive figure, and the controls that do it.

A choice has a name and values. It is checked when it is made, and shows itself as a native control
of the page or as an ipywidget.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lib.language import glossary, label
from lib.plots import power_of_ten

if TYPE_CHECKING:
    from ipywidgets import Widget


def words(value: object) -> str:
    """A value or a key as a reader should see it: its label if there is one, 1e-05 as 10⁻⁵."""
    if isinstance(value, str):
        key = value.replace("_", " ")
        known = key in glossary()["labels"] or key in glossary()["terms"]
        return label(key) if known else value
    if 9999 < value < 1e6 and value == int(value):
        return f"{int(value):,}"
    power = power_of_ten(value) if value < 0.001 or value > 9999 else ""
    return power or f"{value:.4g}".replace("-", "−")


class Choice:
    """One named choice: its values, how it is shown, and how a reader changes it."""

    def __init__(self, name: str, values: Sequence, listed: bool):
        values = [v.item() if isinstance(v, np.generic) else v for v in values]
        if not values:
            raise ValueError(f"explore: expected at least one value for {name}, given none")
        kinds = {type(v) for v in values}
        numbers = kinds <= {int, float} and all(math.isfinite(v) for v in values)
        if not (numbers or kinds == {str} or values == [False, True]):
            raise TypeError(
                f"explore: expected {name} to list finite numbers, strings, or False and True; "
                f"given {values!r}"
            )
        if len(set(values)) < len(values) or numbers and sorted(values) != values:
            raise ValueError(
                f"explore: expected the values of {name} to differ, and numbers to ascend; "
                f"given {values!r}"
            )
        self.name, self.values, self.numbers, self.listed = name, values, numbers, listed

    def control(self, at: int) -> str:
        """The native control, at the value number `at`; `data-choice` says how many there are."""
        name, size = html.escape(words(self.name)), f'data-choice="{len(self.values)}"'
        shown = [words(v) for v in self.values]
        if self.numbers:
            values = html.escape(json.dumps(shown, ensure_ascii=False))
            return (
                f'<label class="slider">{name} <input type="range" min="0" '
                f'max="{len(shown) - 1}" value="{at}" {size} data-values="{values}" '
                f'aria-valuetext="{shown[at]}"> '
                f'<output aria-hidden="true">{shown[at]}</output></label>'
            )
        if isinstance(self.values[0], bool):
            checked = " checked" if at else ""
            return f'<label><input type="checkbox" {size}{checked}> {name}</label>'
        options = "".join(
            f'<option value="{i}"{" selected" if i == at else ""}>{html.escape(text)}</option>'
            for i, text in enumerate(shown)
        )
        return f"<label>{name} <select {size}>{options}</select></label>"

    def widget(self, at: int) -> Widget:
        """The same as a live ipywidget, for any number from the smallest to the largest value."""
        import ipywidgets

        v, start = self.values, self.values[at]
        common = {
            "description": words(self.name),
            "value": start,
            "style": {"description_width": "initial"},
        }
        if isinstance(start, bool):
            return ipywidgets.Checkbox(**common)
        if self.listed or len(v) == 1 or not self.numbers:
            kind = ipywidgets.SelectionSlider if self.numbers else ipywidgets.Dropdown
            return kind(options=[(words(value), value) for value in v], **common)
        if all(isinstance(value, int) for value in v):
            return ipywidgets.IntSlider(min=v[0], max=v[-1], **common)
        if v[0] > 0 and v[-1] / v[0] >= 100:
            ends = {"min": math.log10(v[0]), "max": math.log10(v[-1])}
            return ipywidgets.FloatLogSlider(readout_format=".3g", **ends, **common)
        step = (v[-1] - v[0]) / 200
        return ipywidgets.FloatSlider(
            min=v[0], max=v[-1], step=step, readout_format=".4g", **common
        )
