"""What the files of a target import, read from their syntax; nothing is executed.

*Needed* imports are those without which importing the target's packages fails: at the top level of a module reached
from a package's `__init__`, not guarded by try/except or TYPE_CHECKING. Everything else is a wish: packed when
installed, not missed when not. Files that can't be parsed are passed over; the tests will say so.
"""

import ast
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

SOURCE_ROOTS = ("", "src")
NOT_PACKAGES = frozenset(
    {"tests", "test", "testing", "docs", "doc", "examples", "example", "benchmarks", "benchmark", "scripts", "tools"}
)
BUILD_FILES = frozenset({"setup", "noxfile", "tasks", "fabfile", "versioneer"})
NOT_MODULES = BUILD_FILES | {"conftest", "manage"}


@dataclass(frozen=True, slots=True)
class Imports:
    """Top-level names of imported modules, those of the target's own left out."""

    wished: frozenset[str]
    needed: Mapping[str, str]
    """Name -> path of a file that needs it."""


def scan(files: Mapping[str, bytes]) -> Imports:
    """The imports of a tree, path -> content."""
    parsed = {path: tree for path, data in files.items() if path.endswith(".py") if (tree := _parse(data))}
    own = _own_names([path for path in files if path.endswith((".py", ".pyx", ".so", ".pyd"))])
    wished = {
        name.partition(".")[0]
        for path, tree in parsed.items()
        if not _aside(path)
        for node in ast.walk(tree)
        for name in _absolute(node, path)
    }
    return Imports(frozenset(wished - own), _needed(parsed, own))


def _parse(data: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _aside(path: str) -> bool:
    """Whether a file serves packaging or documentation and never runs in a test."""
    parts = PurePosixPath(path).parts
    return parts[0] in ("docs", "doc") or (len(parts) == 1 and parts[0].removesuffix(".py") in BUILD_FILES)


def _own_names(paths: Iterable[str]) -> set[str]:
    """Names importable from where a test run would put the tree on sys.path."""
    roots = {PurePosixPath(root) for root in SOURCE_ROOTS}
    listed = [PurePosixPath(path) for path in paths]
    for path in listed:
        if path.name == "conftest.py" or path.name.startswith("test_") or path.stem.endswith("_test"):
            roots.add(path.parent)
    names = set()
    for path in listed:
        for root in roots & set(path.parents):
            names.add(path.relative_to(root).parts[0].partition(".")[0])
    return names


def _absolute(node: ast.AST, path: str) -> Iterator[str]:
    """Absolute dotted names an import statement at `path` may load; relative ones are made absolute."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        if node.level:
            parts = PurePosixPath(_module(path)[1].replace(".", "/")).parts
            cut = node.level - (1 if path.endswith("/__init__.py") else 0)
            start = ".".join(parts[: len(parts) - cut])
            base = ".".join(filter(None, (start, node.module)))
        else:
            base = node.module or ""
        if base:
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _module(path: str) -> tuple[str, str]:
    """(source root, dotted name) of a file."""
    root = "src" if path.startswith("src/") else ""
    dotted = path.removeprefix("src/").removesuffix(".py").replace("/", ".")
    return root, dotted.removesuffix(".__init__")


def _needed(parsed: Mapping[str, ast.Module], own: set[str]) -> dict[str, str]:
    """Walks from each package's own import through the unguarded imports of the modules it loads."""
    modules = {_module(path)[1]: path for path in parsed}
    waiting = _entries(parsed)
    seen: set[str] = set()
    needed: dict[str, str] = {}
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for node in _unguarded(parsed[path].body):
            for name in _absolute(node, path):
                parts = name.split(".")
                if parts[0] not in own:
                    needed.setdefault(parts[0], path)
                    continue
                loaded = (".".join(parts[: count + 1]) for count in range(len(parts)))
                waiting += [modules[one] for one in loaded if one in modules]
    return needed


def _entries(parsed: Mapping[str, ast.Module]) -> list[str]:
    """The files that importing the target starts with: packages, or single modules where there is no package."""
    packages, modules = [], []
    for path in sorted(parsed):
        parts = PurePosixPath(path.removeprefix("src/")).parts
        if len(parts) == 2 and parts[1] == "__init__.py" and parts[0] not in NOT_PACKAGES:
            packages.append(path)
        elif len(parts) == 1:
            stem = parts[0].removesuffix(".py")
            tests = stem.startswith("test_") or stem.endswith("_test")
            if not tests and stem not in NOT_MODULES | NOT_PACKAGES:
                modules.append(path)
    return packages or modules


def _unguarded(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Import statements that run whenever the module is imported.

    Those under a condition, a `try` or a `with` (contextlib.suppress) are left out: what runs is not for us to guess.
    """
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _unguarded(node.body)
