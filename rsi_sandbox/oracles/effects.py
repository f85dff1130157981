"""Which uses of files, processes, network, dynamic code and interpreter hooks a source text contains.

It reads names, not behaviour: the sandbox is what stops an effect, this is what makes a new one visible before
anything runs. Names are followed through import aliases; what is counted is every mention, called or not, because
`map(eval, texts)` calls it too.
"""

import ast
from collections import Counter
from collections.abc import Iterator

HARMLESS_IMPORTS = frozenset(
    {
        "__future__", "abc", "array", "bisect", "cmath", "collections", "copy", "dataclasses", "decimal", "enum",
        "fractions", "functools", "graphlib", "heapq", "itertools", "keyword", "math", "numbers", "operator", "re",
        "statistics", "string", "struct", "textwrap", "types", "typing", "unicodedata",
    }
)  # fmt: skip
"""Standard modules whose import and use touch nothing outside the process and none of the interpreter's hooks."""

_BUILTINS = frozenset(
    {
        "open", "exec", "eval", "compile", "__import__", "input", "breakpoint", "globals", "__builtins__",
        "__loader__", "__spec__", "print", "exit", "quit",
    }
)  # fmt: skip
_MODULES = frozenset(
    {
        "_thread", "asyncio", "atexit", "builtins", "code", "concurrent", "cProfile", "ctypes", "faulthandler",
        "fcntl", "gc", "http", "imp", "importlib", "inspect", "io", "marshal", "mmap", "multiprocessing", "os",
        "pathlib", "pdb", "pickle", "pkgutil", "posix", "profile", "pty", "resource", "runpy", "select", "selectors",
        "shelve", "shutil", "signal", "site", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "sys",
        "tempfile", "threading", "time", "trace", "tracemalloc", "unittest", "urllib", "webbrowser", "pytest",
        "_pytest", "dis", "zipimport",
    }
)  # fmt: skip
_QUIET = frozenset(
    {
        "sys.maxsize", "sys.byteorder", "sys.version_info", "sys.float_info", "sys.intern", "sys.getsizeof",
        "os.path.join", "os.path.basename", "os.path.dirname", "os.path.splitext", "os.path.split", "os.path.normpath",
        "os.fspath", "os.sep", "os.linesep", "os.PathLike", "io.StringIO", "io.BytesIO", "os", "os.path", "sys", "io",
    }
)  # fmt: skip
_ATTRIBUTES = frozenset(
    {
        "__subclasses__", "__globals__", "__builtins__", "__code__", "__closure__", "__import__", "__loader__",
        "__bases__", "__mro__", "__defaults__", "__kwdefaults__", "f_back", "f_globals", "f_locals", "f_builtins",
        "gi_frame", "cr_frame", "tb_frame", "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__del__",
    }
)  # fmt: skip


def imports(tree: ast.AST) -> Counter[str]:
    """Top-level names of imported modules; relative imports are the target's own and not counted."""
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found[node.module.partition(".")[0]] += 1
    return found


def uses(tree: ast.AST) -> Counter[str]:
    """Dotted names of everything with an effect that the text mentions, and how often."""
    aliases = dict(_aliases(tree))
    found: Counter[str] = Counter()
    inner: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if node.attr in _ATTRIBUTES:
                found[node.attr] += 1
            if id(node) not in inner:
                found.update(_effect(_dotted(node, inner), aliases))
        elif isinstance(node, ast.Name):
            if node.id in _BUILTINS:
                found[node.id] += 1
            elif id(node) not in inner and isinstance(node.ctx, ast.Load):
                found.update(_effect(node.id, aliases))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in _ATTRIBUTES:
            found[f"def {node.name}"] += 1
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value in _ATTRIBUTES or node.value in {"__builtins__", "__import__", "eval", "exec"}:
                found[f"text {node.value}"] += 1
        elif isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            found[f"from {node.module} import *"] += 1
    return found


def _aliases(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (
                    alias.asname or alias.name.partition(".")[0],
                    (alias.name if alias.asname else alias.name.partition(".")[0]),
                )
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _dotted(node: ast.Attribute, inner: set[int]) -> str:
    """`a.b.c` as text, marking its parts as read; empty when it does not start with a name."""
    parts: list[str] = []
    place: ast.expr = node
    while isinstance(place, ast.Attribute):
        inner.add(id(place))
        parts.append(place.attr)
        place = place.value
    if not isinstance(place, ast.Name):
        return ""
    inner.add(id(place))
    return ".".join([place.id, *reversed(parts)])


def _effect(dotted: str, aliases: dict[str, str]) -> list[str]:
    first, _, rest = dotted.partition(".")
    if first not in aliases:
        return []
    name = aliases[first] + (f".{rest}" if rest else "")
    return [name] if name.partition(".")[0] in _MODULES and name not in _QUIET else []
