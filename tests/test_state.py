"""A network's state: to a file and back bit for bit; a file that does not fit touches nothing."""

import os
from pathlib import Path

import numpy as np
import pytest

from lib.activations import Tanh
from lib.layers import Linear
from lib.models import mlp
from lib.seeds import generators
from lib.state import load, load_state_dict, save, state_dict


def network(seed, width=5, **options):
    net = mlp(
        [3, width, width, 2], Tanh, norm="batch", skip=True, rng=generators(seed, 2), **options
    )
    net.forward(np.random.default_rng(seed).normal(size=(8, 3)))  # moves the running statistics
    return net


def same(a, b):
    return a.keys() == b.keys() and all(a[k].tobytes() == b[k].tobytes() for k in a)


def test_running_statistics_keep_the_type_of_their_network():
    fresh = mlp([3, 4, 2], Tanh, norm="batch", rng=0, dtype=np.float32)
    moved = mlp([3, 4, 2], Tanh, norm="batch", rng=1, dtype=np.float32)
    moved.forward(np.random.default_rng(0).normal(size=(8, 3)))  # in float64
    load_state_dict(fresh, state_dict(moved))
    assert same(state_dict(fresh), state_dict(moved))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_state_goes_to_a_file_and_back_bit_for_bit(tmp_path, dtype):
    ours, other = network(1, dtype=dtype), network(2, dtype=dtype)
    assert not same(state_dict(ours), state_dict(other))
    save(ours, tmp_path / "net.npz")
    load(other, tmp_path / "net.npz")
    assert same(state_dict(ours), state_dict(other))
    assert {"1.running_mean", "3.body.1.running_var", "4.bias"} <= state_dict(ours).keys()
    x = np.ones((4, 3), dtype)
    np.testing.assert_array_equal(ours.eval().forward(x), other.eval().forward(x))
    assert list(tmp_path.iterdir()) == [tmp_path / "net.npz"]


def test_an_older_file_is_kept_when_the_new_one_cannot_be_written_whole(tmp_path):
    """A file-size limit stands for the full disk."""
    resource = pytest.importorskip("resource")  # Windows has none
    older, path = network(1), tmp_path / "net.npz"
    save(older, path)
    whole, limit = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) // 2, limit[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            save(network(2), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert path.read_bytes() == whole


def test_a_file_is_on_the_disk_before_it_takes_the_place_of_an_older_one(tmp_path, monkeypatch):
    done, replace = [], Path.replace
    monkeypatch.setattr(os, "fsync", lambda number: done.append(os.fstat(number).st_size))
    monkeypatch.setattr(Path, "replace", lambda *paths: done.append("replaced") or replace(*paths))
    save(network(1), tmp_path / "net.npz")
    assert done == [(tmp_path / "net.npz").stat().st_size, "replaced"]


def test_a_single_layer_has_a_state_too():
    ours, other = Linear(2, 3, rng=1), Linear(2, 3, rng=2)
    assert state_dict(ours).keys() == {"weight", "bias"}
    load_state_dict(other, state_dict(ours))
    assert same(state_dict(ours), state_dict(other))


def test_a_copy_does_not_follow_the_network():
    net = network(1)
    before = state_dict(net)
    net.parameters()[0].data += 1
    assert not same(before, state_dict(net))


def refuses(net, call, message):
    before = state_dict(net)
    with pytest.raises(ValueError, match=message):
        call()
    assert same(before, state_dict(net)), "the network was touched"


def test_a_file_that_is_cut_short_or_none_is_refused(tmp_path):
    net, path = network(1), tmp_path / "net.npz"
    save(net, path)
    whole = path.read_bytes()
    for wrong in (whole[:-30], whole[: len(whole) // 2], b"", b"not a file of numpy"):
        path.write_bytes(wrong)
        refuses(net, lambda: load(net, path), "expected a whole .npz file, given .*net.npz")


def test_another_network_is_refused_by_name_shape_or_type():
    net = network(1)
    refuses(net, lambda: load_state_dict(net, state_dict(network(1, width=6))), "0.weight of shape")
    single = state_dict(network(1, dtype=np.float32))
    refuses(net, lambda: load_state_dict(net, single), "type float64, given .* and float32")
    missing = {k: v for k, v in state_dict(net).items() if k != "4.bias"}
    refuses(net, lambda: load_state_dict(net, missing), "given none in the state: 4.bias")
    extra = state_dict(net) | {"5.weight": np.ones((1, 1))}
    refuses(net, lambda: load_state_dict(net, extra), "given none in the network: 5.weight")
