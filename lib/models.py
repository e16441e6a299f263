"""Models: networks that the chapters build again and again, in one call."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import DTypeLike

from lib.init import xavier_normal, zeros
from lib.layers import Layer, Linear, Residual, Sequential
from lib.normalization import BatchNorm1d, LayerNorm
from lib.seeds import Rng, as_generators

NORMALIZATIONS = {None: None, "batch": BatchNorm1d, "layer": LayerNorm}


def mlp(
    widths: list[int],
    activation: Callable[[], Layer],
    *,
    init: Callable = xavier_normal,
    bias_init: Callable = zeros,
    norm: str | None = None,
    skip: bool = False,
    linear: type[Linear] = Linear,
    rng: Rng = None,
    dtype: DTypeLike = np.float64,
) -> Sequential:
    """A multilayer perceptron: Linear layers with `activation()` between them, none after the last.

    `widths` lists the features from input to output, so mlp([2, 5, 1], Tanh) is
    Linear(2, 5), Tanh(), Linear(5, 1). The last layer gives logits; a loss on logits follows it.
    `norm` puts "batch" or "layer" normalisation between a Linear and its activation; `skip`
    wraps each hidden block whose widths agree in a Residual; `linear` may be SideBySideLinear. An
    activation that learns needs to know of S networks itself: partial(PReLU, lead=(S,)). Raises
    ValueError for fewer than two widths, a width below 1 or an unknown norm. Used from chapter 03.
    """
    if len(widths) < 2:
        raise ValueError(f"mlp: expected at least two widths, (in, out), given {list(widths)}")
    if norm not in NORMALIZATIONS:
        raise ValueError(f"mlp: expected norm to be None, 'batch' or 'layer', given {norm!r}")
    rng = as_generators(rng)  # once, so that each layer goes on where the one before stopped
    drawn = partial(linear, init=init, bias_init=bias_init, rng=rng, dtype=dtype)
    layers: list[Layer] = []
    for fan_in, fan_out in zip(widths[:-2], widths[1:-1], strict=True):
        block: list[Layer] = [drawn(fan_in, fan_out)]
        if norm:
            lead = block[0].weight.data.shape[:-2]
            block.append(NORMALIZATIONS[norm](fan_out, lead=lead, dtype=dtype))
        block.append(activation())
        layers += [Residual(*block)] if skip and fan_in == fan_out else block
    return Sequential(*layers, drawn(*widths[-2:]))
