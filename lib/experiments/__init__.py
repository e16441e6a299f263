"""Experiments: what a study repeats over many seeds. One function each, from a point to numbers.

A function takes the parameters of one point and a list of generators, one per network, and
returns one array per column, one entry per network. All networks of a call train side by side, but
none knows of the others: the numbers of a seed do not depend on its company. Each chapter's
experiments have a module of their own; their names are all here.
"""

from lib.experiments.adding import CELLS, LastStep, adding, adding_network
from lib.experiments.events import NEVER, first_step
from lib.experiments.patients import PATIENTS, patient_charts
from lib.experiments.practice import (
    FAULTS,
    OPTIMISERS,
    ThroughReLU,
    digits_by_rate,
    digits_faults,
    faulty_network,
    practice_data,
    practice_network,
    practice_optimiser,
    share_right,
)
from lib.experiments.quotients import along_lines, quotient_errors
from lib.experiments.remedies import REMEDIES, digits_remedies, remedied_network
from lib.experiments.starts import CRITICAL_SIGMOID, STARTS, digits_by_depth
from lib.experiments.xor import ACTIVATIONS, xor_network, xor_ten_layers

__all__ = [
    "ACTIVATIONS",
    "adding",
    "adding_network",
    "along_lines",
    "CELLS",
    "CRITICAL_SIGMOID",
    "digits_by_depth",
    "digits_by_rate",
    "digits_faults",
    "digits_remedies",
    "FAULTS",
    "faulty_network",
    "first_step",
    "LastStep",
    "NEVER",
    "OPTIMISERS",
    "patient_charts",
    "PATIENTS",
    "practice_data",
    "practice_network",
    "practice_optimiser",
    "quotient_errors",
    "remedied_network",
    "REMEDIES",
    "share_right",
    "STARTS",
    "ThroughReLU",
    "xor_network",
    "xor_ten_layers",
]
