"""Experiments: what a study repeats over many seeds. One function each, from a point to numbers.

A function takes the parameters of one point and a list of generators, one per network, and
returns one array per column, one entry per network. All networks of a call train side by side, but
none knows of the others: the numbers of a seed do not depend on its company. Each chapter's
experiments have a module of their own; what studies and chapters call is named here.
"""

from lib.experiments.activations import CONTEST, compare_activations
from lib.experiments.adding import CELLS, LastStep, adding, adding_network
from lib.experiments.decay import DECAY_STARTS, DECAYING, decay_by_start, predicted_decay
from lib.experiments.depth import (
    BIAS_VARIANCE,
    WEIGHTS,
    steps_to_learn,
    tanh_network,
    trainable_depth,
)
from lib.experiments.digits import share_right
from lib.experiments.dying import dying_units
from lib.experiments.events import NEVER, first_step
from lib.experiments.normed import ENOUGH, digits_by_block, rate_by_scale, right_by_scale
from lib.experiments.optimisers import OPTIMISERS, named_optimiser
from lib.experiments.patients import PATIENTS, patient_charts
from lib.experiments.practice import (
    FAULTS,
    ThroughReLU,
    digits_by_rate,
    digits_faults,
    faulty_network,
    practice_data,
    practice_network,
)
from lib.experiments.quotients import along_lines, quotient_errors
from lib.experiments.remedies import REMEDIES, digits_remedies, remedied_network
from lib.experiments.residual import BLOCKS, residual_blocks, residual_depth
from lib.experiments.starts import CRITICAL_SIGMOID, STARTS, digits_by_depth
from lib.experiments.xor import (
    ACTIVATIONS,
    solved_in_the_end,
    xor_by_depth,
    xor_by_optimiser,
    xor_network,
    xor_ten_layers,
)
from lib.experiments.zigzag import STEP_LENGTHS, shifted_layer

__all__ = [
    "ACTIVATIONS",
    "BIAS_VARIANCE",
    "BLOCKS",
    "CELLS",
    "CONTEST",
    "CRITICAL_SIGMOID",
    "DECAYING",
    "DECAY_STARTS",
    "ENOUGH",
    "FAULTS",
    "NEVER",
    "OPTIMISERS",
    "PATIENTS",
    "REMEDIES",
    "STARTS",
    "STEP_LENGTHS",
    "WEIGHTS",
    "LastStep",
    "ThroughReLU",
    "adding",
    "adding_network",
    "along_lines",
    "compare_activations",
    "decay_by_start",
    "digits_by_block",
    "digits_by_depth",
    "digits_by_rate",
    "digits_faults",
    "digits_remedies",
    "dying_units",
    "faulty_network",
    "first_step",
    "named_optimiser",
    "patient_charts",
    "practice_data",
    "practice_network",
    "predicted_decay",
    "quotient_errors",
    "rate_by_scale",
    "remedied_network",
    "residual_blocks",
    "residual_depth",
    "right_by_scale",
    "share_right",
    "shifted_layer",
    "solved_in_the_end",
    "steps_to_learn",
    "tanh_network",
    "trainable_depth",
    "xor_by_depth",
    "xor_by_optimiser",
    "xor_network",
    "xor_ten_layers",
]
