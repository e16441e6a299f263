"""The same networks in `lib`, from the same file: one alone, or many side by side in memory.

python -m benchmarks.xor_lib weights.npz FIRST COUNT STEPS
"""

import json
import sys
from time import perf_counter

import numpy as np

from lib import data
from lib.experiments.xor import xor_network
from lib.layers import Linear
from lib.optim import SGD
from lib.probes import accuracy
from lib.seeds import generators
from lib.stacked import SideBySideLinear
from lib.state import load_state_dict
from lib.train import fit


def main(path: str, first: int, count: int, steps: int):
    """Train `count` networks from number `first` on; print losses by step, seconds of the loop."""
    x, target = data.xor(np.float32)
    chosen, rngs, linear = slice(first, first + count), generators(0, count), SideBySideLinear
    if count == 1:
        chosen, rngs, linear = first, 0, Linear  # one alone has no leading axis
    net, criterion = xor_network("tanh", "naive", rngs, linear=linear)
    with np.load(path) as stored:
        load_state_dict(net, {name: stored[name][chosen] for name in stored.files})
    optimiser = SGD(net.parameters(), lr=0.01)
    options = {"steps": steps, "every": 100, "stop_on_nan": False}
    options["probe"] = lambda net: accuracy(net.signals[19], target)  # 19: the last logit
    start = perf_counter()
    record = fit(net, criterion, optimiser, x, target, **options)
    seconds = perf_counter() - start
    losses = record["loss"].reshape(len(record["loss"]), -1).T.tolist()
    print(json.dumps({"seconds": seconds, "losses": losses, "version": np.__version__}))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
