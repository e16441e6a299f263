"""`lib` stays small enough to be read in an evening, and each public name says what it is."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import lib
from lib import check

LIB = Path(lib.__file__).parent
FILES = sorted(LIB.rglob("*.py"))
MODULES = [".".join(f.relative_to(LIB).with_suffix("").parts) for f in FILES]
MODULES = [name.removesuffix(".__init__") for name in MODULES if name != "__init__"]


def lines_of_code(path: Path) -> int:
    """Lines that are neither empty, nor a comment, nor part of a docstring."""
    source = path.read_text(encoding="utf-8")
    prose: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            prose |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = enumerate(source.splitlines(), 1)
    return sum(1 for i, line in lines if i not in prose and line.strip(" ")[:1] not in ("", "#"))


AROUND = set(
    "plots language widgets choices frames pieces microscope propagation meanfield".split()
)
AROUND |= set("study workers journal check".split())


def test_the_package_keeps_its_budget():
    """No file above 200 lines, the networks within an evening, what stands around them as much."""
    long = {f.name: n for f in FILES if (n := len(f.read_text("utf-8").splitlines())) > 200}
    assert long == {}, "expected at most 200 lines: move a part into a module of its own"
    experiments = [f for f in FILES if f.parent.name == "experiments"]  # one module a chapter
    exercises = [f for f in FILES if f.parent.name == "check" and f.stem.startswith("part")]
    around = [f for f in FILES if {f.stem, f.parent.name} & AROUND and f not in exercises]
    apart = around + experiments + exercises
    assert sum(lines_of_code(f) for f in FILES if f not in apart) <= 1230
    assert sum(map(lines_of_code, around)) <= 1410
    experiments = [f for f in experiments if f.name != "studies.py"]  # a list, as long as it is
    assert {f.name: n for f in experiments if (n := lines_of_code(f)) > 120} == {}
    assert sum(map(lines_of_code, exercises)) <= 25 * len(check.__all__)


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_is_documented(name):
    module = importlib.import_module(f"lib.{name}")
    assert len(module.__doc__) > 60, f"{name}.py must open with what it is for"
    own = [o for o in vars(module).values() if getattr(o, "__module__", "") == module.__name__]
    for thing in own:
        if thing.__name__.startswith("_") or not callable(thing):
            continue
        assert inspect.getdoc(thing), f"lib.{name}.{thing.__name__} has no docstring"
        if inspect.isclass(thing):
            for method, code in vars(thing).items():
                inherited = any(hasattr(base, method) for base in thing.__mro__[1:])
                if inspect.isfunction(code) and not method.startswith("_") and not inherited:
                    documented = code.__doc__ or method in ("forward", "backward", "f", "df")
                    assert documented, f"{thing.__name__}.{method} has no docstring"


def public_functions() -> dict[str, inspect.Signature]:
    """The signature of each public function of `lib` and each method of its public classes."""
    found = {}
    for name in MODULES:
        module = importlib.import_module(f"lib.{name}")
        for thing in vars(module).values():
            here = getattr(thing, "__module__", "") == module.__name__ and callable(thing)
            if not here or thing.__name__.startswith("_"):
                continue
            if not inspect.isclass(thing):
                found[f"{name}.{thing.__name__}"] = inspect.signature(thing)
                continue
            for method, code in inspect.getmembers(thing, inspect.isfunction):  # inherited, too
                if not method.startswith("_") or code.__qualname__.endswith(".__init__"):
                    found[f"{code.__module__[4:]}.{code.__qualname__}"] = inspect.signature(code)
    return found


def test_every_public_function_says_what_it_takes_and_gives():
    functions = public_functions()
    del functions["layers.Linear.backward"]  # chapter 01 prints its source: three lines of maths
    assert len(functions) >= 160
    bare = [
        f"{name}: {part}"
        for name, signature in functions.items()
        for part, hint in [(p.name, p.annotation) for p in signature.parameters.values()]
        + [("return", None if name.endswith("__init__") else signature.return_annotation)]
        if hint is inspect.Signature.empty and part != "self"
    ]
    assert not bare


def test_importing_does_nothing_visible():
    code = "; ".join(f"import lib.{name}" for name in MODULES)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "")
