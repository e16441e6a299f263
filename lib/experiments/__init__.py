"""Experiments: what a study repeats over many seeds. One function each, from a point to numbers.

A function takes the parameters of one point and a list of generators, one per network, and
returns one array per column, one entry per network. All networks of a call train side by side, but
none knows of the others: the numbers of a seed do not depend on its company. Each chapter's
experiments have a module of their own; their names are all here.
"""

from lib.experiments.activations import CONTEST, compare_activations
from lib.experiments.adding import CELLS, LastStep, adding, adding_network
from lib.experiments.events import NEVER, first_step
from lib.experiments.normed import digits_by_block, rate_by_scale
from lib.experiments.residual import BLOCKS, residual_blocks, residual_depth
from lib.experiments.starts import CRITICAL_SIGMOID, STARTS, digits_by_depth
from lib.experiments.xor import ACTIVATIONS, xor_network, xor_ten_layers

__all__ = [
    "ACTIVATIONS",
    "BLOCKS",
    "CELLS",
    "CONTEST",
    "CRITICAL_SIGMOID",
    "NEVER",
    "STARTS",
    "LastStep",
    "adding",
    "adding_network",
    "compare_activations",
    "digits_by_block",
    "digits_by_depth",
    "first_step",
    "rate_by_scale",
    "residual_blocks",
    "residual_depth",
    "xor_network",
    "xor_ten_layers",
]
