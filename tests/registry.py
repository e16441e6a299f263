"""Every layer of `lib`, by name, with how to make one; tests walk this list, so none is forgotten.

`make(rng)` returns a layer for inputs with `FEATURES` features; rng may be a list of generators.
"""

import numpy as np

from lib.activations import Identity, LeakyReLU, ReLU, Sigmoid, Tanh
from lib.init import normal
from lib.layers import Linear, Sequential, mlp

FEATURES = 4
ACTIVATIONS = {
    "Identity": Identity,
    "Sigmoid": Sigmoid,
    "Tanh": Tanh,
    "ReLU": ReLU,
    "LeakyReLU": LeakyReLU,
    "LeakyReLU(0.2)": lambda: LeakyReLU(0.2),
}
LAYERS = {name: lambda rng, make=make: make() for name, make in ACTIVATIONS.items()}
LAYERS |= {
    "Linear": lambda rng, **k: Linear(FEATURES, 3, init=normal, bias_init=normal, rng=rng, **k),
    "Sequential": lambda rng, **k: Sequential(
        Linear(FEATURES, 5, bias_init=normal, rng=rng, **k), Tanh(), Linear(5, 2, rng=rng, **k)
    ),
    "mlp": lambda rng, **k: mlp([FEATURES, 6, 6, 2], Sigmoid, bias_init=normal, rng=rng, **k),
}
WITH_PARAMETERS = ["Linear", "Sequential", "mlp"]


def generator(seed=0):
    """A generator for tests; the same seed gives the same numbers."""
    return np.random.default_rng(seed)
