"""The optimisers that experiments compare, by name (chapters 03, 14 and 19)."""

from __future__ import annotations

from lib.layers import Layer
from lib.optim import SGD, Adam, Optimiser

OPTIMISERS = ("SGD", "momentum", "Adam")


def named_optimiser(name: str, net: Layer, lr: float) -> Optimiser:
    """One of OPTIMISERS; momentum is 0.9. Raises ValueError for another name."""
    if name not in OPTIMISERS:
        raise ValueError(
            f"named_optimiser: expected one of {', '.join(OPTIMISERS)}; given {name!r}"
        )
    if name == "Adam":
        return Adam(net.parameters(), lr=lr)
    return SGD(net.parameters(), lr=lr, momentum=0.9 * (name == "momentum"))
