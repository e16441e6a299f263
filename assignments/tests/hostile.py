"""Submissions that are broken or mean harm: what test_grading hands in.

Each entry of ATTACKS is (code of an extra cell before the answers, whether the answers are right,
points that it deserves of the 15 that are graded by numbers). FILES holds whole files instead.
{port} is a listening socket of the test, {course} the folder of the course, {outside} a folder
beside it.
"""

from __future__ import annotations

import functools
import io
import json
import zipfile

FULL = 15

ATTACKS = {
    # loops, memory, processes, output
    "loop": ("while True:\n    pass", True, FULL),
    "loop_stubborn": (
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass", True, 0,
    ),
    "loop_ignores_alarm": (
        "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True:\n    pass",
        True, 0,
    ),
    "fork_bomb": ("import os\nwhile True:\n    os.fork()", True, FULL),
    "spawn_bomb": (
        "import subprocess, sys\nwhile True:\n"
        "    subprocess.Popen([sys.executable, '-c', 'while True: pass'])", True, FULL,
    ),
    "thread_bomb": (
        "import threading, time\nwhile True:\n"
        "    threading.Thread(target=time.sleep, args=(1e6,), daemon=True).start()", True, None,
    ),
    "ten_gigabytes": ("big = np.ones(10 * 2**30 // 8)", True, FULL),
    "memory_by_crumbs": ("hoard = []\nwhile True:\n    hoard.append(bytearray(2**24))", True, FULL),
    "memory_in_files": (
        "import os\nn = 0\nwhile True:\n    for place in ('/home', '/dev/shm'):\n"
        "        open(f'{{place}}/{{n}}', 'wb').write(b'x' * 2**23)\n        n += 1", True, FULL,
    ),
    "memory_without_a_name": (
        "import ctypes\nif ctypes.CDLL(None).memfd_create(b'a', 0) >= 0:\n    while True: pass",
        True, FULL,
    ),
    "gigabyte_of_print": ("for _ in range(2**10):\n    print('x' * 2**20)", True, FULL),
    "gigabyte_of_answers": (
        "import os\nfor fd in range(3, 20):\n    try:\n        while True:\n"
        "            os.write(fd, b'x' * 2**20)\n    except OSError:\n        pass", True, 0,
    ),
    "endless_error": ("raise ValueError('x' * 10**9)", True, FULL),
    # ways to end
    "sys_exit": ("import sys\nsys.exit(0)", True, FULL),
    "os_exit": ("import os\nos._exit(0)", True, 0),
    "kill_everybody": ("import os\nos.kill(-1, 9)", True, None),
    "kill_itself": ("import os\nos.kill(os.getpid(), 9)", True, 0),
    "segmentation_fault": ("import ctypes\nctypes.string_at(1)", True, 0),
    "nameless_exception": (
        "class Quiet(BaseException):\n    def __str__(self):\n        raise SystemExit\n"
        "raise Quiet", True, FULL,
    ),
    "deep_recursion": ("def down(n):\n    return down(n + 1)\ndown(0)", True, FULL),
    "no_builtins": (
        "import builtins\nbuiltins.callable = lambda f: False\nbuiltins.len = None", True, 0,
    ),
    # cheating
    "patched_check": (
        "def check(*args):\n    pass\ncompare = lambda *args: None\n"
        "import builtins\nbuiltins.AssertionError = ZeroDivisionError", False, 0,
    ),
    "patched_numpy": (
        "np.allclose = np.array_equal = lambda *a, **k: True\n"
        "np.abs = np.subtract = lambda *a: 0.0",
        False, 0,
    ),
    "patched_lib": (
        "import sys, types\nsys.modules['lib.check'] = types.ModuleType('lib.check')\n"
        "from lib.check import everything", False, 0,
    ),
    "claims_points": (
        "import os, json\nline = json.dumps({{'done': True, 'points': 15, 'said': 'ok'}}) + '\\n'\n"
        "line += json.dumps({{'call': 0, 'value': None, 'points': 4, 'verdict': 'ok'}}) + '\\n'\n"
        "for fd in range(1, 20):\n    try:\n        os.write(fd, line.encode())\n"
        "    except OSError:\n        pass", False, 0,
    ),
    "claims_infinity": (
        "derivative = lambda x: np.full(np.shape(x), np.inf)\nfork = lambda *a: (np.nan,) * 3\n"
        "layer = lambda X, W, s, y: (np.nan * W, np.inf * X)", None, 0,
    ),
    "equals_everything": (
        "class Yes(float):\n    __eq__ = __le__ = lambda *a: True\n    __sub__ = lambda *a: 0.0\n"
        "derivative = fork = layer = lambda *a: Yes(0)", None, 0,
    ),
    "answers_with_text": ("derivative = fork = layer = lambda *a: 'correct'", None, 0),
    "answers_with_an_object": ("derivative = fork = layer = lambda *a: object()", None, 0),
    "answers_without_end": (
        "import itertools\nderivative = fork = layer = lambda *a: list(itertools.count())", None, 0,
    ),
    "answers_too_large": ("derivative = fork = layer = lambda *a: np.zeros(10**7)", None, 0),
    "looks_for_answers": (
        "import gc, sys, os\nfound = []\nframe = sys._getframe()\nwhile frame:\n"
        "    found.append(sorted(frame.f_locals))\n    frame = frame.f_back\n"
        "words = [o for o in gc.get_objects() if isinstance(o, dict) and 'expected' in o]\n"
        "import assignments", False, 0,
    ),
    # reading, writing, calling home
    "reads_the_course": (
        "text = open('{course}/course.json').read()\nraise ValueError(text)", False, 0,
    ),
    "reads_the_neighbour": (
        "import glob\nraise ValueError(str([open(f).read() for f in glob.glob('/**/*.ipynb', "
        "recursive=True)] + glob.glob('{course}/**', recursive=True)))", False, 0,
    ),
    "reads_the_process": (
        "import os\nraise ValueError(str([open(f'/proc/{{p}}/environ').read() for p in "
        "os.listdir('/proc') if p.isdigit()]))", False, 0,
    ),
    "writes_the_gradebook": ("open('{course}/gradebook.db', 'wb').write(b'')", False, 0),
    "writes_results": (
        "import os\nos.makedirs('{course}/results/chain-rule', exist_ok=True)\n"
        "open('{course}/results/chain-rule/writes_results.json', 'w').write('{{}}')", False, 0,
    ),
    "writes_outside": (
        "for place in ('{outside}/evil', '/evil', '/usr/evil', '/packages/evil', '/runner.py'):\n"
        "    try:\n        open(place, 'w').write('evil')\n"
        "        derivative = lambda x: place\n    except OSError:\n        pass", False, 0,
    ),
    "network": (
        "import socket\nsocket.create_connection(('127.0.0.1', {port}), 2).send(b'secret')",
        False, 0,
    ),
    "name_service": ("import socket\nsocket.getaddrinfo('example.org', 80)", False, 0),
    "new_namespace": (
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "assert libc.unshare(0x10000000) == 0\n", False, 0,
    ),
    "traces_its_parent": (
        "import ctypes\nassert ctypes.CDLL(None).ptrace(16, 1, 0, 0) == 0", False, 0,
    ),
    "script_in_everything": ("raise ValueError('<script>alert(1)</script>')", False, 0),
}  # fmt: skip


def notebook(cells, **metadata):
    """A notebook file of (type, source, grade_id) cells."""
    made = []
    for kind, source, grade_id in cells:
        grading = {"grade_id": grade_id, "points": 1000, "locked": False, "solution": True}
        cell = {"cell_type": kind, "source": source, "metadata": {"nbgrader": grading}}
        made.append(cell | ({"outputs": [], "execution_count": None} if kind == "code" else {}))
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


@functools.cache
def bomb():
    """A student's own zip: a notebook of 200 megabytes of spaces, packed into some kilobytes."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("chain-rule.ipynb", "w", force_zip64=True) as file:
            for _ in range(200):
                file.write(b" " * 2**20)
    return whole.getvalue()


def files(answers=None):
    """{name: (file name, content, points, note that must be there)}; `answers` are right."""
    answers = answers or {"derivative": "", "fork": "", "layer": ""}  # when only names are asked
    right = [("code", source, name) for name, source in answers.items()]
    stub = "def {}(*args):\n    raise NotImplementedError()"
    empty = [("code", stub.format(name), name) for name in answers]
    swapped = [(kind, source, "fork") for kind, source, _ in empty]
    magic = "%matplotlib inline\n!ls\nnp.where?\nget_ipython().magic('pylab')\n"
    magic = [("code", magic + right[0][1], right[0][2]), *right[1:]]
    broken = [("code", "def derivative(x)\n  return", "derivative"), *right[1:]]
    wrong = ("code", "def fork(x, w, v, y):\n    return 0.0, 0.0, 0.0", "fork")
    name = "chain-rule.ipynb"
    return {
        "empty_file": (name, b"", 0, "empty"),
        "corrupt_json": (name, notebook(right).encode()[:-40], 0, "not_json"),
        "json_list": (name, b"[1, 2, 3]", 0, "not_json"),
        "json_without_end": (name, b"[" * 200_000, 0, "not_json"),
        "binary": (name, bytes(range(256)) * 50, 0, "not_json"),
        "utf16": (name, notebook(right).encode("utf-16"), 0, "not_json"),
        "sources_are_numbers": (name, notebook([("code", 5, "fork")]).encode(), 0, "not_json"),
        "metadata_is_a_list": (
            name, notebook(right).replace('"metadata": {}, "nbf', '"metadata": [], "nbf').encode(),
            0, "not_json",
        ),
        "half_a_character": (
            name, notebook([("code", "s = '\udc80'", ""), *right]).encode(), FULL, None,
        ),
        "with_byte_order_mark": (name, b"\xef\xbb\xbf" + notebook(right).encode(), FULL, None),
        "deleted_cells": (name, notebook(right[:1]).encode(), 4, "deleted"),
        "duplicated_cells": (name, notebook([*right, wrong]).encode(), 10, "duplicated"),
        "edited_metadata": (name, notebook(swapped).encode(), 0, None),
        "no_metadata": (name, notebook([(k, s, "") for k, s, _ in right]).encode(), FULL, None),
        "syntax_error": (name, notebook(broken).encode(), 11, "cell"),
        "magics": (name, notebook(magic).encode(), FULL, None),
        "wrong_kernel": (
            name, notebook(empty, kernelspec={"name": "ir", "language": "R"}).encode(), 0, "kernel",
        ),
        "other_assignment": (
            name, notebook(empty, assignment={"topic": "lstm"}).encode(), 0, "other",
        ),
        "changed_given": (
            name, notebook([("code", "def g(x):\n    return 0 * x", "given"), *right]).encode(),
            FULL, "given",
        ),
        "only_text": (name, notebook([("markdown", "text", "essay")]).encode(), 0, "no_code"),
        "not_a_notebook": ("answer.docx", b"PK\x03\x04 word", 0, "not_notebook"),
        "huge_file": (name, notebook([("code", "#" * (11 * 2**20), "")]).encode(), 0, "too_large"),
        "zip_bomb": ("chain-rule.zip", bomb(), 0, "too_large"),
        "zip_of_nothing": ("chain-rule.zip", b"PK\x03\x04 not a zip", 0, "not_notebook"),
    }  # fmt: skip
