"""Finds the target's benchmark cases: `bench_*` functions, named functions, and pytest-benchmark tests.

A case is something another process can call by module and name with pickled arguments. What can't be called that way
is listed under `problems` with the reason, never dropped silently.
"""

import functools
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import MethodType, ModuleType
from typing import Any

from rsi_sandbox.worker.context import Context
from rsi_sandbox.worker.definitions import walk
from rsi_sandbox.worker.portable import NotPortableError, Portable
from rsi_sandbox.worker.suite import run_suite
from rsi_sandbox.worker.wire import to_text

MAX_BYTES = 8 << 20


def run(args: dict[str, Any], context: Context) -> dict[str, Any]:
    """`cases` in a stable order, and `problems`."""
    roots = args.get("roots") or ["."]
    context.enter(roots)
    os.chdir(context.tree)
    found = _Found(context, roots, int(args.get("max_bytes") or MAX_BYTES))
    for module in args.get("modules") or ():
        found.add_module(module)
    tests = list(args.get("tests") or ())
    if tests:
        answer = run_suite(context, {**args, "paths": tests}, observer=found.observe)
        found.add_failures(answer)
    return {"cases": list(found.cases.values()), "problems": found.problems}


class _Found:
    def __init__(self, context: Context, roots: Sequence[str], max_bytes: int) -> None:
        self._context = context
        self._roots = roots
        self._portable = Portable(context, roots, max_bytes)
        self.cases: dict[str, dict[str, Any]] = {}
        self.problems: list[dict[str, str]] = []

    def add_module(self, name: str) -> None:
        """Every `bench_*` function of a file or module, or the one named after the colon."""
        module_name, _, function = name.partition(":")
        try:
            module = self._context.load(module_name)
        except (Exception, SystemExit) as error:
            self._problem(name, f"can't be imported: {type(error).__name__}: {error}")
            return
        names = [function] if function else _bench_names(module)
        if not names:
            self._problem(name, "has no function whose name starts with bench_")
        for one in names:
            self._add_function(f"{module_name}::{one}", module_name, module, one)

    def _add_function(self, case: str, module_name: str, module: ModuleType, qualname: str) -> None:
        try:
            function = walk(module, qualname)
        except AttributeError:
            self._problem(case, f"{module_name} has no {qualname}")
            return
        if reason := _not_a_benchmark(function):
            self._problem(case, reason)
            return
        try:
            function()
        except (Exception, SystemExit) as error:
            self._problem(case, f"raised {type(error).__name__}: {error}")
            return
        self._add(case, module_name, qualname, self._portable.dumps(((), {})), "config")

    def observe(self, test: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A pytest-benchmark test is about to call `function`."""
        while isinstance(function, functools.partial):
            args, kwargs, function = function.args + args, {**function.keywords, **kwargs}, function.func
        if isinstance(function, MethodType) and not isinstance(function.__self__, type):
            args, function = (function.__self__, *args), _unbound(function)
        module, qualname = getattr(function, "__module__", None), getattr(function, "__qualname__", "")
        case = test
        while case in self.cases:
            case += "+"
        try:
            place = self._place(str(module), qualname, function)
            data = self._portable.call((), args, kwargs)
        except NotPortableError as error:
            self._problem(test, str(error))
            return
        self._add(case, place, qualname, data, "pytest-benchmark")

    def add_failures(self, answer: dict[str, Any]) -> None:
        """Benchmark tests that did not pass, and files that could not be imported, are problems."""
        for one in answer["collect_errors"]:
            self._problem(one["path"], one["message"])
        for test in answer["tests"]:
            if test["outcome"] in ("failed", "error"):
                for case in [name for name in self.cases if name.rstrip("+") == test["id"]]:
                    del self.cases[case]
                self._problem(test["id"], f"the test {test['outcome']}: {test['message']}")

    def _place(self, module: str, qualname: str, function: Callable[..., Any]) -> str:
        """What to import to get at the function: a dotted name, or a file of the tree."""
        if not qualname or "<" in qualname:
            kind = "a lambda or a nested function" if "<" in qualname else f"a {type(function).__name__}"
            raise NotPortableError(f"it times {kind}, which can't be called by name from another process")
        loaded = sys.modules.get(module)
        file = getattr(loaded, "__file__", None)
        tree = Path(self._context.tree).resolve()
        if loaded is None or file is None or not Path(file).resolve().is_relative_to(tree):
            raise NotPortableError(f"it times {module}.{qualname}, which is not defined in this tree")
        try:
            same = walk(loaded, qualname) == function
        except AttributeError:
            same = False
        if not same:
            raise NotPortableError(f"{module}.{qualname} names something else")
        path = Path(file).resolve().relative_to(tree).as_posix()
        return module if self._portable.importable(module) else path

    def _add(self, case: str, module: str, qualname: str, data: bytes, source: str) -> None:
        self.cases[case] = {
            "id": case,
            "module": module,
            "qualname": qualname,
            "calls": [to_text(data)],
            "source": source,
        }

    def _problem(self, name: str, reason: str) -> None:
        self.problems.append({"id": name, "reason": reason[:600]})


def _bench_names(module: ModuleType) -> list[str]:
    return [
        name
        for name, value in vars(module).items()
        if name.startswith("bench_") and callable(value) and getattr(value, "__module__", None) == module.__name__
    ]


def _not_a_benchmark(function: Any) -> str:
    """Why it can't be called without arguments, or empty."""
    if not callable(function):
        return "is not callable"
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return "is asynchronous: wrap it in a function that runs it to the end"
    if inspect.isgeneratorfunction(function):
        return "is a generator function: calling it does no work"
    try:
        inspect.signature(function).bind()
    except TypeError as error:
        return f"needs arguments ({error}): a benchmark function has none"
    except ValueError:
        return ""  # a built-in that does not tell; calling it will
    return ""


def _unbound(method: MethodType) -> Callable[..., Any]:
    """The function as the class defines it, which takes the object first."""
    function: Callable[..., Any] = method.__func__
    return function
