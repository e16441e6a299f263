"""Studies: stored results that can be made again, and clear errors where they cannot."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import dask
import numpy as np
import pytest
from distributed import Client, LocalCluster
from threadpoolctl import threadpool_info, threadpool_limits

from lib import study, workers

resource = pytest.importorskip("resource")  # Windows has none


def tiny(scale, rngs):
    """An experiment that takes no time: one draw per network, times a scale."""
    return {
        "draw": np.array([scale * rng.normal() for rng in rngs]),
        "count": np.full(len(rngs), 12345),
    }


def slow(scale, rngs):
    """The same, so slowly that somebody can interrupt it."""
    time.sleep(0.5)
    return tiny(scale, rngs)


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
    assert (results["count"] == 12345).all(), "a whole number is kept whole"
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
    lines[3] = lines[3].rsplit(",", 2)[0] + ",0.123,12345"
    path.write_text("\n".join(lines))
    assert study.verify("tiny", sample=6, folder=folder) < 1


def test_verify_finds_nothing_right_where_every_result_is_wrong(folder):
    path = folder / "tiny.csv"
    path.write_text(re.sub(r"(?m)^([\d.]+,\d+),.*", r"\1,-7,-7", path.read_text()))
    assert (study.load("tiny", folder)["count"] == -7).all()
    assert study.verify("tiny", sample=2, folder=folder) == 0


def test_verify_says_which_point_is_not_stored(folder):
    path = folder / "tiny.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-6]))  # without scale 10
    with pytest.raises(ValueError, match="networks of tiny at {'scale': 10.0}, found none stored"):
        study.verify("tiny", folder=folder)


def test_going_on_after_a_stop_writes_no_finished_piece_anew(tmp_path):
    with study.Journal(tmp_path / "tiny.part") as journal:
        journal.begin(["tiny"])
        journal.add([0, 1], [1.5])
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole + b"[[0, 2], [2")  # a power cut
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limit[1]))  # a full disk
    try:
        with journal:
            found = journal.begin(["tiny"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert found == {(0, 1): [1.5]} and journal.path.read_bytes() == whole


def test_a_second_run_at_the_same_time_is_refused_before_it_writes_anything(folder, monkeypatch):
    """The first has written no more than the first line of its journal when the second comes."""
    whole, part, refused = stored(folder), folder / "tiny.part", []

    def meanwhile(work, pieces, *_):
        with monkeypatch.context() as other:
            other.setattr(study, "code", lambda: "lib of tomorrow")
            with pytest.raises(BlockingIOError, match="another run is busy with .*tiny.part") as no:
                study.run("tiny", seeds=6, folder=folder)
            refused.append(no)
        for piece in pieces:
            yield piece, work(*piece)
            assert "tomorrow" not in part.read_text()

    monkeypatch.setattr(study, "completed", meanwhile)
    for runs in (1, 2):  # and the first is in nobody's way when it has ended
        study.run("tiny", seeds=6, folder=folder)
        assert len(refused) == runs and stored(folder) == whole and not part.exists()


def test_a_run_that_is_killed_is_in_nobodys_way(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from lib.journal import Journal\n"
        "with Journal(Path(sys.argv[1])) as journal:\n"
        "    journal.begin(['tiny'])\n    journal.add([0, 1], [1.5])\n"
        "    print('busy', flush=True)\n    time.sleep(100)"
    )
    path, root = tmp_path / "tiny.part", Path(study.__file__).parents[1]
    command = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as busy:
        try:
            assert busy.stdout.readline() == "busy\n"
            with pytest.raises(BlockingIOError, match="busy with"), study.Journal(path) as journal:
                journal.begin(["tiny"])
        finally:
            busy.kill()
    with study.Journal(path) as journal:
        assert journal.begin(["tiny"]) == {(0, 1): [1.5]}


def test_a_journal_that_is_deleted_before_it_is_locked_is_not_used(tmp_path):
    """Otherwise two runs would both be sure of being alone, one with a file that has no name."""
    with study.Journal(tmp_path / "tiny.part") as first:
        first.begin(["tiny"])
        with study.Journal(first.path) as second:
            first.finish()
            first.file.close()
            with pytest.raises(BlockingIOError, match="busy with"):
                second.begin(["tiny"])


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


def stored(folder):
    return (folder / "tiny.csv").read_bytes()


def test_a_run_that_was_stopped_goes_on_and_repeats_nothing(folder, monkeypatch):
    """Also when the journal ends in half a line, as after a power cut."""
    whole, done = stored(folder), []

    def watched(scale, rngs):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(scale)
        return tiny(scale, rngs)

    made = study.Study(watched, {"scale": (1.0, 10.0)}, seed=3, seeds=4)
    monkeypatch.setitem(study.STUDIES, "tiny", made)
    with pytest.raises(KeyboardInterrupt):
        study.run("tiny", seeds=6, folder=folder)
    assert stored(folder) == whole and done == [1.0, 1.0]
    with (folder / "tiny.part").open("a") as file:
        file.write('[[1, 0], [{"scale": "10.0", "se')
    done[:] = [None] * 3  # never two again
    study.run("tiny", seeds=6, folder=folder)
    assert done[3:] == [10.0, 10.0] and stored(folder) == whole
    assert not (folder / "tiny.part").exists()


def test_a_run_does_not_go_on_with_other_code(folder, monkeypatch):
    whole = stored(folder)

    def stopped_after_one(work, pieces, *_):
        yield pieces[0], work(*pieces[0])
        raise KeyboardInterrupt

    monkeypatch.setattr(study, "completed", stopped_after_one)
    with pytest.raises(KeyboardInterrupt):
        study.run("tiny", seeds=6, folder=folder)
    monkeypatch.setattr(study, "code", lambda: "lib of yesterday")
    with pytest.raises(ValueError, match="unfinished run of .*, given .*lib of yesterday"):
        study.run("tiny", seeds=6, folder=folder)
    assert stored(folder) == whole


def test_a_point_is_found_again_however_many_digits_it_has(tmp_path, monkeypatch):
    scales = (0.12345, 1 / 3, 123456.5, 1e-7, 2.0)
    monkeypatch.setitem(study.STUDIES, "tiny", study.Study(tiny, {"scale": scales}, 3, 4))
    study.run("tiny", seeds=2, folder=tmp_path)
    for scale in scales:
        assert len(study.select(study.load("tiny", tmp_path), scale=scale)) == 2
    assert study.verify("tiny", folder=tmp_path) == 1
    assert "\n2,0," in (tmp_path / "tiny.csv").read_text(), "no more digits than it needs"


@pytest.mark.parametrize("values", [(None, 0.1), ("none", 0.1), (None,), ((1, 2),)])
def test_a_study_refuses_values_that_a_file_cannot_give_back(values):
    with pytest.raises(ValueError, match="Study: expected lr to be all words or all numbers"):
        study.Study(tiny, {"lr": values}, 3, 4)


def test_an_empty_file_is_refused(folder):
    (folder / "tiny.csv").write_text("# python -m lib.study run tiny\n")
    with pytest.raises(ValueError, match="expected a header and results, found 0 lines"):
        study.load("tiny", folder)


def test_the_journal_of_another_run_is_neither_used_nor_lost(folder):
    (folder / "tiny.part").write_text('["tiny", 3, 999, 4, "x"]\n[[0, 1, 2], []]\n')
    with pytest.raises(ValueError, match="unfinished run of .* 999, .*given .* 6, "):
        study.run("tiny", seeds=6, folder=folder)
    assert "999" in (folder / "tiny.part").read_text()


def test_a_run_that_finished_nothing_is_in_nobodys_way(folder):
    with pytest.raises(ConnectionError):
        study.run("tiny", seeds=4, folder=folder, scheduler="tcp://127.0.0.1:1")
    study.run("tiny", seeds=6, folder=folder)
    assert len(study.load("tiny", folder)) == 12


def test_results_are_on_the_disk_before_the_journal_is_deleted(folder, monkeypatch):
    done, finish = [], study.Journal.finish
    monkeypatch.setattr(os, "fsync", lambda number: done.append(os.fstat(number).st_size))
    monkeypatch.setattr(study.Journal, "finish", lambda own: done.append("deleted") or finish(own))
    study.run("tiny", seeds=6, folder=folder)
    assert done[-2:] == [len(stored(folder)), "deleted"]


def test_processes_find_the_same_numbers(folder):
    whole = stored(folder)
    study.run("tiny", seeds=6, folder=folder, workers=2)
    assert stored(folder) == whole
    with pytest.raises(ValueError, match="workers to be a whole number >= 1, given 0"):
        study.run("tiny", seeds=6, folder=folder, workers=0)
    assert not list(folder.glob("*.part"))


def test_a_study_runs_on_one_thread_and_leaves_the_process_its_own():
    def threads(rngs=()):
        return {"threads": [max(part["num_threads"] for part in threadpool_info()) for _ in rngs]}

    with threadpool_limits(2):
        (row,) = study.rows(study.Study(threads, {}, seed=1, seeds=1), {}, range(1))
        assert row["threads"] == 1 and threads([0])["threads"] == [2]


def suicide(number):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_dies_is_an_error_with_words():
    with pytest.raises(ChildProcessError, match="every process to live"):
        list(workers.completed(suicide, [(1,), (2,)], workers=2))


def test_processes_end_with_their_parent_even_where_it_is_killed():
    """They hold the other end of its output: that ends when the last of them has ended."""
    script = (
        "import multiprocessing, time; from lib import workers\n"
        "for _ in workers.completed(time.sleep, [(0,), (90,)], workers=2):\n"
        "    print(*[c.pid for c in multiprocessing.active_children()], flush=True)\n"
        "    time.sleep(100)"
    )
    root = Path(study.__file__).parents[1]
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, text=True
    )
    with parent:
        children = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
        try:
            parent.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            for pid in children:
                os.kill(pid, signal.SIGKILL)
            raise
    assert len(children) == 2


def fails(path):
    with open(path, "a") as file:
        file.write("run\n")
    raise ValueError("expected a good number, given a bad one")


def test_a_cluster_runs_a_piece_that_fails_only_once(tmp_path):
    with LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster:
        with pytest.raises(ValueError, match="given a bad one"):
            list(workers.completed(fails, [(tmp_path / "runs",)], 1, cluster.scheduler_address))
    assert (tmp_path / "runs").read_text() == "run\n"


def test_a_piece_that_kills_the_workers_of_a_cluster_is_an_error_with_words():
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        with LocalCluster(**options) as cluster:
            with pytest.raises(ChildProcessError, match="every worker to live, 1 died"):
                list(workers.completed(suicide, [(1,)], 1, cluster.scheduler_address))


def test_a_cluster_finds_the_same_numbers_though_a_worker_is_killed(folder, monkeypatch):
    whole = stored(folder)
    made = study.Study(slow, {"scale": (1.0, 10.0)}, seed=3, seeds=4)
    monkeypatch.setitem(study.STUDIES, "tiny", made)
    monkeypatch.setattr(study, "STACK", 1)
    options = {"n_workers": 3, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        client.wait_for_workers(3)
        victims, killed = [info["pid"] for info in client.run(_process).values()], []
        add = study.Journal.add

        def kill_one(journal, piece, table):
            add(journal, piece, table)
            if not killed:
                killed.append(victims[0])
                os.kill(victims[0], signal.SIGKILL)

        monkeypatch.setattr(study.Journal, "add", kill_one)
        study.run("tiny", seeds=6, folder=folder, scheduler=cluster.scheduler_address)
    assert killed and stored(folder) == whole


def _process():
    return {"pid": os.getpid()}


def test_a_scheduler_that_does_not_answer_is_named(folder):
    with pytest.raises(ConnectionError, match="tcp://127.0.0.1:9.*none answered"):
        study.run("tiny", seeds=6, folder=folder, scheduler="tcp://127.0.0.1:9")
    assert study.load("tiny", folder).size == 12


def test_a_full_disk_is_said_and_harms_no_result(tmp_path):
    """A file-size limit stands for the full disk; the run of the real study ends in one line."""
    script = (
        "import sys; from pathlib import Path; from lib import study;"
        "study.RESULTS = Path(sys.argv[1]); study.run.__defaults__ = (study.RESULTS, 1, None);"
        "study.main(['run', 'adding-problem', '--seeds', '1'])"
    )
    (tmp_path / "adding-problem.csv").write_text("old")
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=Path(study.__file__).parents[1],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40)),
    )
    assert run.returncode == 2 and "too large" in run.stderr.splitlines()[-1]
    assert (tmp_path / "adding-problem.csv").read_text() == "old"


def test_show_gives_a_line_for_each_point(folder):
    lines = list(study.summary("tiny", folder))
    assert len(lines) == 2
    assert lines[1].startswith("scale=10.0, 6 networks, draw ")
    assert lines[1].endswith("count 1.23e+04 [1.23e+04, 1.23e+04]")


def test_show_counts_what_is_nan_apart(folder):
    study.run("tiny", seeds=6, folder=folder)
    path = folder / "tiny.csv"
    text = path.read_text().splitlines()
    cells = text[3].split(",")
    text[3] = ",".join([*cells[:2], "nan", *cells[3:]])
    path.write_text("\n".join(text) + "\n")
    first = next(study.summary("tiny", folder))
    assert re.search(r"6 networks, draw -?[\d.]+ \[[^]]*\] \(1 NaN\)", first)


def test_show_counts_what_never_happened_apart(folder):
    path = folder / "tiny.csv"
    text = path.read_text().replace("12345", "-1").splitlines()
    text[3:6] = [
        line.replace(",-1", f",{count}") for line, count in zip(text[3:6], "579", strict=True)
    ]
    path.write_text("\n".join(text) + "\n")
    some, none = study.summary("tiny", folder)
    assert some.endswith("count 7 [5.4, 8.6] (3 never)") and "draw nan" not in some
    assert none.endswith("count nan [nan, nan] (6 never)")


def test_show_counts_words_and_truths(folder):
    path = folder / "tiny.csv"
    text = path.read_text().replace("draw,count", "truth,word").splitlines()
    for i, line in enumerate(text[3:], 3):
        text[i] = ",".join([*line.split(",")[:2], str(i % 3 > 0), "good" if i % 2 else "bad"])
    path.write_text("\n".join(text) + "\n")
    assert study.load("tiny", folder)["truth"].dtype == bool
    for line in study.summary("tiny", folder):
        assert line.endswith("6 networks, truth 1 [0, 1], word 6 words of 2 kinds")


def test_the_command_line_lists_runs_shows_and_verifies(folder, monkeypatch, capsys):
    defaults = {"run": (folder, 1, None), "load": (folder,), "summary": (folder,)}
    for name, values in (defaults | {"verify": (3, folder, None)}).items():
        monkeypatch.setattr(getattr(study, name), "__defaults__", values)
    for command, said in (
        ("list", "tiny: 2 points over scale\n"),
        ("run tiny", f"{folder / 'tiny.csv'}\n"),
        ("show tiny", "scale=1.0, 4 networks, draw "),
        ("verify tiny", "100.0% of the numbers are the stored ones\n"),
    ):
        study.main(command.split())
        assert said in capsys.readouterr().out
    assert len(study.load("tiny")) == 2 * 4, "as many seeds as were declared"
