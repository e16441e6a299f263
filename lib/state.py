"""State: everything a network has learned, in one file and back, bit for bit.

A state is a dictionary from names such as "2.weight" or "1.running_mean" to arrays. Nothing of a
network is touched before all of a state has been found to fit.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np

from lib.layers import Layer


def state_dict(layer: Layer) -> dict[str, np.ndarray]:
    """Copies of all parameters and buffers (BatchNorm1d's running statistics), by name."""
    return {name: array.copy() for name, array in _places(layer).items()}


def load_state_dict(layer: Layer, state: dict[str, np.ndarray]) -> None:
    """Put a state back. Raises ValueError, naming the first misfit, before anything is changed."""
    places = _places(layer)
    for name in [*places, *state]:
        if name not in state or name not in places:
            where = "the state" if name not in state else "the network"
            raise ValueError(
                f"load_state_dict: expected the same names, given none in {where}: {name}"
            )
        array = places[name]
        given = np.asarray(state[name])
        if (given.shape, given.dtype) != (array.shape, array.dtype):
            raise ValueError(
                f"load_state_dict: expected {name} of shape {array.shape} and type {array.dtype}, "
                f"given {given.shape} and {given.dtype}"
            )
    for name, array in places.items():
        array[...] = state[name]  # in place: in whatever order its numbers lie


def save(layer: Layer, path: str | Path) -> None:
    """Write the state to an .npz file; an older file is replaced only when the new one is whole."""
    path = Path(path)
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        np.savez(file, **state_dict(layer))
        file.flush()
        os.fsync(file.fileno())  # a power cut must not leave the new name on an empty file
    unfinished.replace(path)


def load(layer: Layer, path: str | Path) -> None:
    """Read a state from a file of `save`. Raises ValueError for a file that is not whole."""
    try:
        with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
            state = {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError, TypeError) as error:
        raise ValueError(f"load: expected a whole .npz file, given {path}: {error}") from None
    load_state_dict(layer, state)


def _places(layer: Layer, prefix: str = "") -> dict[str, np.ndarray]:
    """The arrays themselves, by name."""
    own = layer.named_parameters().items()
    places = {prefix + name: p.data for name, p in own if "." not in name}
    places |= {prefix + name: getattr(layer, name) for name in layer.buffers}
    for child, inner in layer.children().items():
        places |= _places(inner, f"{prefix}{child}.")
    return places
