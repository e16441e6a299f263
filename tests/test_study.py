"""Studies: stored results that can be made again, and clear errors where they cannot."""

import numpy as np
import pytest

from lib import study


def tiny(scale, rngs):
    """An experiment that takes no time: one draw per network, times a scale."""
    return {
        "draw": np.array([scale * rng.normal() for rng in rngs]),
        "count": np.ones(len(rngs), int),
    }


@pytest.fixture
def folder(tmp_path, monkeypatch):
    made = study.Study(tiny, {"scale": (1.0, 10.0)}, seed=3, seeds=4)
    monkeypatch.setitem(study.STUDIES, "tiny", made)
    monkeypatch.setattr(study, "STACK", 4)
    study.run("tiny", seeds=6, folder=tmp_path)
    return tmp_path


def test_run_load_and_verify(folder):
    results = study.load("tiny", folder)
    assert len(results) == 12 and results.dtype.names == ("scale", "seed", "draw", "count")
    ten = study.select(results, scale=10.0)
    np.testing.assert_allclose(
        ten["draw"], 10 * study.select(results, scale=1.0)["draw"], rtol=1e-3
    )
    assert study.verify("tiny", sample=6, folder=folder, rng=0) == 1.0
    assert (
        (folder / "tiny.csv").read_text().startswith("# python -m lib.study run tiny --seeds 6\n")
    )


def test_verify_notices_another_number(folder):
    path = folder / "tiny.csv"
    lines = path.read_text().splitlines()
    lines[3] = lines[3].rsplit(",", 2)[0] + ",0.123,1"
    path.write_text("\n".join(lines))
    assert study.verify("tiny", sample=6, folder=folder) < 1


def test_a_row_cut_short_is_refused(folder):
    path = folder / "tiny.csv"
    path.write_text(path.read_text()[:-9])
    with pytest.raises(ValueError, match="row 12: expected scale,seed,draw,count, given"):
        study.load("tiny", folder)


def test_a_run_that_fails_leaves_the_old_results(folder, monkeypatch):
    before = (folder / "tiny.csv").read_bytes()
    clash = study.Study(
        lambda scale, rngs: {"scale": np.ones(len(rngs))}, {"scale": (1,)}, seed=3, seeds=4
    )
    monkeypatch.setitem(study.STUDIES, "tiny", clash)
    with pytest.raises(ValueError, match=r"no parameters, given \['scale'\]"):
        study.run("tiny", seeds=2, folder=folder)
    assert (folder / "tiny.csv").read_bytes() == before


def test_unknown_names_and_missing_results(tmp_path, capsys):
    with pytest.raises(ValueError, match="expected one of xor-ten-layers, .*; given 'xor'"):
        study.load("xor")
    with pytest.raises(FileNotFoundError, match="python -m lib.study run xor-ten-layers"):
        study.load("xor-ten-layers", tmp_path)
    with pytest.raises(SystemExit) as stop:
        study.main(["run", "xor"])
    assert stop.value.code == 2 and "given 'xor'" in capsys.readouterr().err
