"""Experiments: what a study repeats over many seeds. One function each, from a point to numbers.

A function takes the parameters of one point and a list of generators, one per network, and
returns one array per column, one entry per network. All networks of a call train side by side, but
none knows of the others: the numbers of a seed do not depend on its company. Each chapter's
experiments have a module of their own; their names are all here.
"""

from lib.experiments.adding import CELLS, LastStep, adding, adding_network
from lib.experiments.depth import (
    BIAS_VARIANCE,
    WEIGHTS,
    steps_to_learn,
    tanh_network,
    trainable_depth,
)
from lib.experiments.events import NEVER, first_step
from lib.experiments.starts import CRITICAL_SIGMOID, STARTS, digits_by_depth
from lib.experiments.xor import ACTIVATIONS, xor_network, xor_ten_layers

__all__ = [
    "ACTIVATIONS",
    "BIAS_VARIANCE",
    "CELLS",
    "CRITICAL_SIGMOID",
    "LastStep",
    "NEVER",
    "STARTS",
    "WEIGHTS",
    "adding",
    "adding_network",
    "digits_by_depth",
    "first_step",
    "steps_to_learn",
    "tanh_network",
    "trainable_depth",
    "xor_network",
    "xor_ten_layers",
]
