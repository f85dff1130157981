"""A target: a repository read once as a content-addressed tree, and what in it may change.

What isn't Python source under `source`, and everything that tests,
benchmarks or configuration are made of, is protected: a candidate that touches it is refused before anything runs.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rsi_sandbox import checkout
from rsi_sandbox.config import Settings, resolve
from rsi_sandbox.errors import BaselineError, TargetError
from rsi_sandbox.model import Tree

NOT_SOURCE = {"tests", "test", "testing", "docs", "doc", "examples", "example", "benchmarks", "benchmark", "bench"}
NOT_SOURCE |= {"scripts", "tools", "setup.py", "conftest.py", "noxfile.py", "tasks.py", "fabfile.py", "versioneer.py"}


@dataclass(frozen=True)
class Target:
    """A repository at one moment."""

    root: Path
    tree: Tree
    settings: Settings
    skipped: tuple[str, ...] = ()
    """Files that were left out although they belong to the repository, each with its reason."""

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return self.root.name

    def may_change(self, path: str) -> bool:
        """Whether a candidate may rewrite this file."""
        return path in self.tree.files and self.may_hold(path)

    def may_hold(self, path: str) -> bool:
        """Whether this is a place for code that may be rewritten, be there a file now or not."""
        settings = self.settings
        return (
            path.endswith(".py")
            and Path(path).name != "conftest.py"
            and _under(path, settings.source)
            and not _under(path, settings.tests)
            and not _under(path, [entry.partition(":")[0] for entry in settings.benchmarks])
            and not _under(path, settings.protected)
        )

    def import_name(self, path: str) -> str:
        """Dotted name under which a module of the target is imported, through the longest root that holds it."""
        prefixes = ["" if root in ("", ".") else root.rstrip("/") + "/" for root in self.settings.roots]
        best = max((prefix for prefix in prefixes if path.startswith(prefix)), key=len, default="")
        return path[len(best) :].removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    def source_files(self) -> list[str]:
        """Paths that may change, sorted."""
        return [path for path in sorted(self.tree.files) if self.may_change(path)]

    def test_files(self) -> list[str]:
        """Python files under the tests entries, sorted."""
        return [path for path in sorted(self.tree.files) if path.endswith(".py") and _under(path, self.settings.tests)]

    def test_paths(self) -> list[str]:
        """Test files and directories as pytest is given them."""
        return list(self.settings.tests)

    def benchmark_files(self) -> list[str]:
        """Benchmark entries with directories expanded to their `bench_*.py` and `*_bench.py` files."""
        found: list[str] = []
        for entry in self.settings.benchmarks:
            if entry.partition(":")[0] in self.tree.files:
                found.append(entry)
            else:
                inside = [path for path in sorted(self.tree.files) if _under(path, [entry]) and path.endswith(".py")]
                found += [path for path in inside if _is_benchmark(Path(path).name)]
        return found


def read(root: Path) -> Target:
    """Read the repository at `root`.

    Raises:
        TargetError: it isn't a directory, holds no Python code or no tests, or is too large.
        ConfigError: its settings are wrong.
        BaselineError: a module that may be rewritten has a syntax error.
    """
    if not root.exists():
        raise TargetError(f"{root} does not exist", hint="give the path of a repository with Python code and tests")
    if not root.is_dir():
        raise TargetError(f"{root} is not a directory", hint="give the path of the repository, not of a file in it")
    root = root.resolve()
    tree, skipped = checkout.working_tree(root)
    return of_tree(root, tree, skipped)


def of_tree(root: Path, tree: Tree, skipped: tuple[str, ...] = ()) -> Target:
    """The target that `tree` is: the one at `root` now, or one of its revisions with the settings it had then.

    Raises:
        TargetError, ConfigError, BaselineError: as `read`.
    """
    if not any(path.endswith(".py") for path in tree.files):
        raise TargetError(
            f"{root} holds no Python files", hint="give the path of a repository with Python code and a pytest suite"
        )
    target = Target(root, tree, resolve(root, tree.files, detect(tree)), skipped)
    _check(target)
    return target


def detect(tree: Tree) -> dict[str, Any]:
    """Sources, tests, benchmarks and import roots, from the names in the tree."""
    python = sorted(path for path in tree.files if path.endswith(".py"))
    roots = ["src"] if any(path.startswith("src/") for path in python) else ["."]
    prefix = "src/" if roots == ["src"] else ""
    tops = dict.fromkeys(path[len(prefix) :].split("/")[0] for path in python if path.startswith(prefix))
    packages = [top for top in tops if f"{prefix}{top}/__init__.py" in tree.files]
    modules = [top for top in tops if top.endswith(".py")]
    source = [prefix + top for top in [*packages, *modules] if not _is_supporting(top)]
    tests = [top for top in ("tests", "test") if any(path.startswith(top + "/") for path in python)]
    nested = dict.fromkeys(
        "/".join(path.split("/")[: index + 1])
        for path in python
        for index, part in enumerate(path.split("/")[:-1])
        if part in ("tests", "test") and _under(path, source)
    )
    if not tests:
        tests = list(nested)
    if not tests:
        tests = [path for path in python if Path(path).name.startswith("test_") or path.endswith("_test.py")]
    benchmarks = [top for top in ("benchmarks", "bench") if any(path.startswith(top + "/") for path in python)]
    if roots == ["src"] and any(path.startswith("tests/") for path in python):
        roots = ["src", "."]
    return {"source": source, "tests": tests, "benchmarks": benchmarks, "roots": roots, "protected": list(nested)}


def _check(target: Target) -> None:
    settings = target.settings
    for name in ("source", "tests", "benchmarks"):
        for entry in getattr(settings, name):
            if not any(_under(path, [entry.partition(":")[0]]) for path in target.tree.files):
                raise TargetError(
                    f"{name} names {entry!r}, which is not in {target.root}",
                    hint=f"mend `{name}` under [tool.rsi-sandbox] in pyproject.toml",
                )
    if not settings.tests:
        raise TargetError(
            f"{target.root} has no tests that could notice a wrong rewrite",
            hint="add a pytest suite, or name it: tests = [...] under [tool.rsi-sandbox] in pyproject.toml",
        )
    if not target.source_files():
        raise TargetError(
            f"no Python module in {target.root} may be rewritten",
            hint="name the packages: source = [...] under [tool.rsi-sandbox] in pyproject.toml",
        )
    for path in target.source_files():
        try:
            ast.parse(target.tree.files[path], filename=path)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            raise BaselineError(
                f"{path}{f', line {line}' if line else ''}: {getattr(error, 'msg', error)}",
                hint="mend the syntax error first, or take the file out of `source`",
            ) from error


def _under(path: str, entries: Iterable[str]) -> bool:
    return any(path == entry or entry in ("", ".") or path.startswith(entry.rstrip("/") + "/") for entry in entries)


def _is_benchmark(name: str) -> bool:
    return name.startswith(("bench_", "test_", "benchmark_")) or name.endswith(("_bench.py", "_benchmark.py"))


def _is_supporting(top: str) -> bool:
    return top in NOT_SOURCE or top.startswith("test_") or top.endswith("_test.py")


def describe(target: Target) -> Mapping[str, str]:
    """What was found, in words, for the first lines of a run."""
    settings = target.settings
    return {
        "source": f"{', '.join(settings.source)} ({len(target.source_files())} files; {settings.origin['source']})",
        "tests": f"{', '.join(settings.tests[:4])} ({settings.origin['tests']})",
        "benchmarks": ", ".join(target.benchmark_files()[:6])
        or "none: calls recorded from the tests are timed instead",
    }
