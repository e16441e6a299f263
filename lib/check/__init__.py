"""Instant feedback on the exercises: `check.name(answer)` says what is wrong with an answer.

    from lib import check

    check.log_sigmoid(log_sigmoid)

There is one function for each exercise with code, named after what the exercise asks for. None of
them holds an answer: they ask the answer itself, by finite differences, symmetries, limits and
counts (`differences`), and put a name to what they find: a factor, a sign, a missing sum. An
answer that is not there yet is no error, so a chapter runs from top to bottom with its exercises
untouched. The exercises stand in `part1` to `part4`, as the chapters do in the parts of the book.
"""

from lib.check.part1 import crossing, log_sigmoid, make_inputs, scaled_sigmoid, softplus
from lib.check.part2 import (
    decay_weights,
    envelope,
    excess,
    gain_and_chi,
    half_relu,
    logit_ratio,
    unit_ranges,
)
from lib.check.part3 import (
    layer_norm_backward,
    lsuv,
    my_zca,
    open_share,
    orthogonal_rnn,
    power_sizes,
    safe_clip,
    skip_init,
)
from lib.check.part4 import decayed, dropout_means, edge, seeds_needed

__all__ = [
    "crossing",
    "decay_weights",
    "decayed",
    "dropout_means",
    "edge",
    "envelope",
    "excess",
    "gain_and_chi",
    "half_relu",
    "layer_norm_backward",
    "log_sigmoid",
    "logit_ratio",
    "lsuv",
    "make_inputs",
    "my_zca",
    "open_share",
    "orthogonal_rnn",
    "power_sizes",
    "safe_clip",
    "scaled_sigmoid",
    "seeds_needed",
    "skip_init",
    "softplus",
    "unit_ranges",
]
