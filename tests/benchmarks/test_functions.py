"""The slow functions keep their layout: entries with benches and tests, tests that pass, benches that repeat."""

import ast
import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from rsi_sandbox import target

FOLDER = Path(__file__).parents[2] / "benchmarks" / "catalogue" / "functions"
NUMPY_AREA = "arrays"
MODULES = sorted(path.stem for path in FOLDER.glob("*_[0-9].py"))
PACKAGE = FOLDER.name

pytest.register_assert_rewrite(PACKAGE)


def functions_of(path: Path) -> list[str]:
    """Names of the functions of a file, without importing it."""
    return [node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]


def cases_of(prefix: str) -> list[tuple[str, str]]:
    return [
        (module, name)
        for module in MODULES
        for name in functions_of(FOLDER / f"{module}_cases.py")
        if name.startswith(prefix)
    ]


@pytest.fixture(scope="module", autouse=True)
def _catalogue_on_the_path() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(FOLDER.parent)
        patch.setattr(sys, "dont_write_bytecode", True)
        yield
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


def load(name: str) -> ModuleType:
    if name.startswith(NUMPY_AREA):
        pytest.importorskip("numpy")
    return importlib.import_module(f"{PACKAGE}.{name}")


def case(module: str, name: str) -> Callable[[], object]:
    function: Callable[[], object] = getattr(load(f"{module}_cases"), name)
    return function


def problems(entries: list[str], defined: list[str], cases: list[str]) -> list[str]:
    """What is wrong with a module: its entries, its functions and the functions of its cases, by name."""
    found = []
    if not 1 <= len(entries) <= 3:
        found.append(f"{len(entries)} entries")
    found += [f"{entry} is not defined" for entry in entries if entry not in defined]
    for entry in entries:
        if f"bench_{entry}" not in cases:
            found.append(f"no bench for {entry}")
        tests = sum(name.startswith(f"test_{entry}_") for name in cases)
        if tests < 3:
            found.append(f"{tests} tests for {entry}")
    owned = tuple(f"test_{entry}_" for entry in entries)
    for name in cases:
        if name.startswith("bench_") and name.removeprefix("bench_") not in entries:
            found.append(f"{name} is for no entry")
        if name.startswith("test_") and not name.startswith(owned):
            found.append(f"{name} is for no entry")
    return found


def test_there_are_enough_functions() -> None:
    entries = [entry for module in MODULES for entry in load(module).__all__]
    assert len(entries) >= 72
    assert len(entries) == len(set(entries))


@pytest.mark.parametrize("module", MODULES)
def test_every_entry_has_a_bench_and_three_tests(module: str) -> None:
    cases = functions_of(FOLDER / f"{module}_cases.py")
    assert problems(load(module).__all__, functions_of(FOLDER / f"{module}.py"), cases) == []
    assert len(cases) == len(set(cases))


def test_what_is_missing_is_found() -> None:
    complete = ["bench_a", "test_a_1", "test_a_2", "test_a_3"]
    assert problems(["a"], ["a", "_helper"], complete) == []
    assert problems([], [], []) == ["0 entries"]
    assert problems(["a"], [], complete) == ["a is not defined"]
    assert problems(["a"], ["a"], complete[1:]) == ["no bench for a"]
    assert problems(["a"], ["a"], complete[:-1]) == ["2 tests for a"]
    assert problems(["a"], ["a"], [*complete, "bench_b", "test_b_1"]) == [
        "bench_b is for no entry",
        "test_b_1 is for no entry",
    ]


@pytest.mark.parametrize("module", MODULES)
def test_modules_import_the_standard_library_only(module: str) -> None:
    allowed = {*sys.stdlib_module_names, *(["numpy"] if module.startswith(NUMPY_AREA) else [])}
    imported = set()
    for node in ast.walk(ast.parse((FOLDER / f"{module}.py").read_text())):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.add("." * node.level + (node.module or ""))
    assert {name for name in imported if name.split(".")[0] not in allowed} == set()


@pytest.mark.parametrize(("module", "name"), cases_of("test_"))
def test_the_tests_of_the_functions_pass(module: str, name: str) -> None:
    case(module, name)()


@pytest.mark.parametrize(("module", "name"), cases_of("bench_"))
def test_a_bench_gives_the_same_result_each_time(module: str, name: str) -> None:
    bench = case(module, name)
    first = repr(bench())
    assert first == repr(bench())
    assert first not in ("None", "[]", "{}", "''")


def test_a_copy_is_read_as_a_target(tmp_path: Path) -> None:
    module = MODULES[0]
    for source, place in (
        ("__init__.py", f"{PACKAGE}/__init__.py"),
        (f"{module}.py", f"{PACKAGE}/{module}.py"),
        (f"{module}_cases.py", f"tests/test_{module}.py"),
        (f"{module}_cases.py", f"benchmarks/bench_{module}.py"),
    ):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        shutil.copy(FOLDER / source, tmp_path / place)
    found = target.read(tmp_path)
    assert found.source_files() == [f"{PACKAGE}/__init__.py", f"{PACKAGE}/{module}.py"]
    assert found.settings.tests == ("tests",)
    assert found.benchmark_files() == [f"benchmarks/bench_{module}.py"]
