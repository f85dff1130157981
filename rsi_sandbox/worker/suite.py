"""Runs the target's tests in this process and says what became of every one of them.

The target's root, conftest files and ini settings apply; its `addopts` only as far as `addopts.kept_options`. It says
nothing about whether an outcome is good: the host compares with what it expects.
"""

import os
from collections.abc import Generator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rsi_sandbox.worker.addopts import kept_options
from rsi_sandbox.worker.context import Context
from rsi_sandbox.worker.standin import BenchmarkPlugin, Observer

CANARY = "rsi_canary_"
_SEVERITY = ("passed", "xpassed", "xfailed", "skipped", "error", "failed")
_MESSAGE = 600


def run_suite(
    context: Context, args: dict[str, Any], plugins: Sequence[object] = (), observer: Observer | None = None
) -> dict[str, Any]:
    """Run `args["paths"]` or `args["ids"]` with further pytest plugins; the answer of the `tests` job.

    `context.enter` must have been called. Changes the environment and the working directory of the process.
    """
    tree = Path(context.tree)
    os.chdir(tree)
    _set_environment(context, autoload=bool(args.get("plugins")))
    ids = [str(one) for one in args.get("ids") or ()]
    paths = list(dict.fromkeys(one.split("::")[0] for one in ids)) or list(args.get("paths") or ())
    present = [path for path in paths if (tree / path.split("::")[0]).exists()]
    outcomes = Outcomes(frozenset(ids), str(args.get("canary") or ""), tuple(args.get("deselect") or ()))
    outcomes.collect_errors += [
        {"path": path, "message": "no such file or directory"} for path in paths if path not in present
    ]
    if paths and not present:
        return {"tests": [], "collected": 0, "exit": 4, "collect_errors": outcomes.collect_errors}
    code = pytest.main(_arguments(context) + present, plugins=[outcomes, BenchmarkPlugin(observer), *plugins])
    return outcomes.answer(int(code))


def _set_environment(context: Context, *, autoload: bool) -> None:
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ.pop("PYTEST_PLUGINS", None)
    os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)
    if not autoload:
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # The tree is read-only here, and Hypothesis warns when it can't write next to it.
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(Path(context.tmp, "hypothesis")))


def _arguments(context: Context) -> list[str]:
    off = ("cacheprovider", "faulthandler", "benchmark", "randomly", "random_order", "xdist.looponfail")
    # Settings of plugins that are not loaded must not turn into errors under filterwarnings = error.
    unknown = ("PytestConfigWarning", "PytestUnknownMarkWarning")
    overrides = ("addopts=", "required_plugins=", "strict_config=false", "strict_markers=false")
    return [
        "-q",
        "--tb=short",
        "--color=no",
        f"--rootdir={context.tree}",
        f"--basetemp={Path(context.tmp, 'pytest')}",
        *(word for name in off for word in ("-p", f"no:{name}")),
        *(word for name in unknown for word in ("-W", f"ignore::pytest.{name}")),
        *(word for setting in overrides for word in ("-o", setting)),
        *kept_options(Path(context.tree)),
    ]


class Outcomes:
    """The pytest plugin that selects tests, adds the canary, and collects one outcome per test id."""

    def __init__(self, ids: frozenset[str], canary: str, deselect: tuple[str, ...] = ()) -> None:
        self.collect_errors: list[dict[str, str]] = []
        self._ids = ids
        self._deselect = deselect
        self._canary = CANARY + canary if canary else ""
        self._tests: dict[str, dict[str, Any]] = {}
        self._collected = 0
        self._stderr = os.dup(2)  # pytest redirects 2 while a test runs, and the host wants to see this

    def answer(self, code: int) -> dict[str, Any]:
        """What the `tests` job answers."""
        return {
            "tests": list(self._tests.values()),
            "collected": self._collected,
            "exit": code,
            "collect_errors": self.collect_errors,
        }

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep the wanted tests and put the canary last, when whatever tampers with outcomes has done so."""
        wanted = [item for item in items if self._is_wanted(item.nodeid)]
        if len(wanted) < len(items):
            config.hook.pytest_deselected(items=[item for item in items if not self._is_wanted(item.nodeid)])
            items[:] = wanted
        self._collected = len(items)
        if self._canary:
            items.append(_canary_item(session, self._canary))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that can't be imported."""
        if report.failed:
            self.collect_errors.append({"path": report.nodeid, "message": _last_error(report)})

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        """Tell the host which test runs, in case it never ends."""
        os.write(self._stderr, f"rsi-running {nodeid}\n".encode(errors="replace"))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Merge one phase into the test's outcome."""
        if report.outcome not in ("passed", "failed", "skipped"):
            return  # a rerun: another report follows
        name = self._name(report.nodeid)
        test = self._tests.setdefault(name, {"id": name, "outcome": "passed", "seconds": 0.0, "message": ""})
        test["seconds"] += report.duration
        outcome = _outcome(report)
        if type(report).__name__ == "SubtestReport" and outcome != "failed":
            return  # a skipped part does not make the whole test skipped
        if _SEVERITY.index(outcome) > _SEVERITY.index(test["outcome"]):
            test["outcome"], test["message"] = outcome, _message(report)

    def _is_wanted(self, nodeid: str) -> bool:
        # As pytest's --deselect: the id begins with it, so a file, a class or one parameter can be named.
        return (not self._ids or nodeid in self._ids) and not nodeid.startswith(self._deselect)

    def _name(self, nodeid: str) -> str:
        return self._canary if self._canary and nodeid.endswith("::" + self._canary) else nodeid


class _CanaryModule(pytest.Module):
    """A module without a file, so that the canary takes the same way through pytest as any test function."""

    def _getobj(self) -> ModuleType:
        return ModuleType("rsi_canary")


def _canary_item(session: pytest.Session, name: str) -> pytest.Item:
    def canary() -> None:
        raise AssertionError("this test must fail")

    module: Any = _CanaryModule.from_parent(session, path=session.path / "rsi_canary.py")
    item: pytest.Item = pytest.Function.from_parent(module, name=name, callobj=canary)
    return item


def _outcome(report: pytest.TestReport) -> str:
    expected_failure = hasattr(report, "wasxfail")
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.skipped:
        return "xfailed" if expected_failure else "skipped"
    return "xpassed" if expected_failure and report.when == "call" else "passed"


def _message(report: pytest.TestReport | pytest.CollectReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return str(crash.message)[:_MESSAGE]
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])[:_MESSAGE]
    return str(report.longrepr or "")[-_MESSAGE:]


def _last_error(report: pytest.CollectReport) -> str:
    """The last `E ` line of an import error's report, which names the exception."""
    lines = [line[1:].strip() for line in str(report.longrepr).splitlines() if line.startswith("E ")]
    return lines[-1][:_MESSAGE] if lines else _message(report)


class PhasePlugin:
    """Calls `enter(id)` before and `leave(id)` after each of a test's set-up, call and tear-down."""

    def enter(self, test: str) -> None:
        """A phase of the test begins."""
        raise NotImplementedError

    def leave(self, test: str) -> None:
        """A phase of the test has ended, however it ended."""
        raise NotImplementedError

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Around set-up."""
        return (yield from self._around(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Around the test itself."""
        return (yield from self._around(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Around tear-down."""
        return (yield from self._around(item))

    def _around(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self.enter(item.nodeid)
        try:
            return (yield)
        finally:
            self.leave(item.nodeid)
