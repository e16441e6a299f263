"""Every layer of `lib`, by name, with how to make one; tests walk this list and forget none.

`make(rng, lead, **dtype)` returns a layer for inputs with `FEATURES` features; rng may be a
(nested) list of generators, and lead is then its shape, for layers that start from constants.
"""

import numpy as np

from lib import activations
from lib.activations import LeakyReLU, Sigmoid, Tanh
from lib.dropout import Dropout
from lib.init import normal
from lib.layers import Linear, Residual, Sequential
from lib.learned import Maxout, PReLU
from lib.models import mlp
from lib.normalization import BatchNorm1d, LayerNorm
from lib.recurrent import LSTM, RNN
from lib.stacked import SideBySideLinear

FEATURES = 4


def element_wise(cls):
    return lambda rng, lead=(), **dtype: cls()


def batch_norm(rng, lead=(), eval=False, **dtype):
    """A BatchNorm1d whose scale, shift and running statistics are not the ones it starts with."""
    layer = BatchNorm1d(FEATURES, lead=lead, **dtype)
    layer.weight.data += np.linspace(-0.5, 0.5, FEATURES, dtype=layer.weight.data.dtype)
    layer.bias.data += layer.weight.data.dtype.type(0.3)
    layer.running_mean = layer.running_mean + layer.bias.data
    layer.running_var = layer.running_var * layer.weight.data.dtype.type(1.7)
    return layer.eval() if eval else layer


LAYERS = {name: element_wise(cls) for name, cls in activations.REGISTRY.items()}
LAYERS |= {
    "LeakyReLU(0.2)": element_wise(lambda: LeakyReLU(0.2)),
    "ELU(0.5)": element_wise(lambda: activations.ELU(0.5)),
    "Dropout(eval)": element_wise(lambda: Dropout(0.4).eval()),
    "Linear": lambda rng, lead=(), **k: Linear(FEATURES, 3, bias_init=normal, rng=rng, **k),
    "SideBySideLinear": lambda rng, lead=(), **k: SideBySideLinear(
        FEATURES, 3, bias_init=normal, rng=rng, **k
    ),
    "PReLU": lambda rng, lead=(), **k: PReLU(lead=lead, **k),
    "PReLU(each)": lambda rng, lead=(), **k: PReLU(FEATURES, 0.1, lead=lead, **k),
    "Maxout": lambda rng, lead=(), **k: Maxout(FEATURES, 3, 4, bias_init=normal, rng=rng, **k),
    "BatchNorm1d": batch_norm,
    "BatchNorm1d(eval)": lambda rng, lead=(), **k: batch_norm(rng, lead, eval=True, **k),
    "LayerNorm": lambda rng, lead=(), **k: LayerNorm(FEATURES, lead=lead, **k),
    "Sequential": lambda rng, lead=(), **k: Sequential(
        Linear(FEATURES, 5, bias_init=normal, rng=rng, **k), Tanh(), Linear(5, 2, rng=rng, **k)
    ),
    "Residual": lambda rng, lead=(), **k: Residual(
        Linear(FEATURES, FEATURES, rng=rng, **k), Tanh(), Linear(FEATURES, FEATURES, rng=rng, **k)
    ),
    "mlp": lambda rng, lead=(), **k: mlp(
        [FEATURES, 6, 6, 2], Sigmoid, bias_init=normal, norm="batch", skip=True, rng=rng, **k
    ),
}
RECURRENT = {
    "RNN": lambda rng, lead=(), **k: RNN(FEATURES, 3, rng=rng, **k),
    "LSTM": lambda rng, lead=(), **k: LSTM(FEATURES, 3, rng=rng, **k),
}
LAYERS |= RECURRENT
NO_PARAMETERS = [*activations.REGISTRY, "LeakyReLU(0.2)", "ELU(0.5)", "Dropout(eval)"]
WITH_PARAMETERS = [name for name in LAYERS if name not in NO_PARAMETERS]


def generator(seed=0):
    """A generator for tests; the same seed gives the same numbers."""
    return np.random.default_rng(seed)


def batch(name, *lead, n=7, dtype=np.float64, steps=5):
    """An input for the layer of that name: (..., n, FEATURES), with time before it if recurrent."""
    time = (steps,) if name in RECURRENT else ()
    x = generator(1).normal(size=(*lead, *time, n, FEATURES))
    x[..., :1, :] = [-7, 7, 0.5, -0.5]  # beyond the cap of ReLU6, too
    return x.astype(dtype)
