"""Stands in for pytest-benchmark inside the worker: a `benchmark` fixture that calls the function once.

It times nothing. An observer may look at the function and its arguments before the call, which is how benchmark
cases are found. `weave` and the statistics of the real fixture are not there.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

Observer = Callable[[str, Callable[..., Any], tuple[Any, ...], dict[str, Any]], None]


class Benchmark:
    """What a test gets as `benchmark`."""

    enabled = False
    disabled = True
    stats = None

    def __init__(self, test: str, observer: Observer | None) -> None:
        self.name = test.rpartition("::")[2]
        self.fullname = test
        self.group: str | None = None
        self.extra_info: dict[str, Any] = {}
        self._observer = observer

    def __call__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call the function once and return what it returns."""
        if self._observer is not None:
            self._observer(self.fullname, function, args, kwargs)
        return function(*args, **kwargs)

    def pedantic(
        self,
        target: Callable[..., Any],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        setup: Callable[[], Any] | None = None,
        teardown: Callable[..., Any] | None = None,
        **_rounds: Any,
    ) -> Any:
        """Set up, call once, tear down; rounds, iterations and warm-up are ours to decide, not the test's."""
        args, kwargs = tuple(args), dict(kwargs or {})
        made = setup() if setup is not None else None
        if made:
            args, kwargs = tuple(made[0]), dict(made[1])
        result = self(target, *args, **kwargs)
        if teardown is not None:
            teardown(*args, **kwargs)
        return result


class BenchmarkHooks:
    """Names of pytest-benchmark's hooks, so that a conftest.py that implements them is not refused."""

    def pytest_benchmark_scale_unit(
        self, config: Any, unit: Any, benchmarks: Any, best: Any, worst: Any, sort: Any
    ) -> None:
        """See pytest-benchmark."""

    def pytest_benchmark_generate_machine_info(self, config: Any) -> None:
        """See pytest-benchmark."""

    def pytest_benchmark_update_machine_info(self, config: Any, machine_info: Any) -> None:
        """See pytest-benchmark."""

    def pytest_benchmark_generate_commit_info(self, config: Any) -> None:
        """See pytest-benchmark."""

    def pytest_benchmark_update_commit_info(self, config: Any, commit_info: Any) -> None:
        """See pytest-benchmark."""

    def pytest_benchmark_group_stats(self, config: Any, benchmarks: Any, group_by: Any) -> None:
        """See pytest-benchmark."""

    def pytest_benchmark_generate_json(
        self, config: Any, benchmarks: Any, include_data: Any, machine_info: Any, commit_info: Any
    ) -> None:
        """See pytest-benchmark."""

    def pytest_benchmark_update_json(self, config: Any, benchmarks: Any, output_json: Any) -> None:
        """See pytest-benchmark."""

    def pytest_benchmark_compare_machine_info(
        self, config: Any, benchmarksession: Any, machine_info: Any, compared_benchmark: Any
    ) -> None:
        """See pytest-benchmark."""


class BenchmarkPlugin:
    """Registers the fixture, the marker and the hook names of pytest-benchmark."""

    def __init__(self, observer: Observer | None = None) -> None:
        self._observer = observer

    def pytest_addhooks(self, pluginmanager: pytest.PytestPluginManager) -> None:
        """Make the hook names known."""
        pluginmanager.add_hookspecs(BenchmarkHooks)

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the marker known."""
        config.addinivalue_line("markers", "benchmark: options of pytest-benchmark, which are ignored here")

    @pytest.fixture
    def benchmark(self, request: pytest.FixtureRequest) -> Iterator[Benchmark]:
        """The stand-in."""
        yield Benchmark(request.node.nodeid, self._observer)
