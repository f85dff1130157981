"""Finds the function behind a key `path::qualname`, and says how a call of it by name looks.

What can't be called by name (nested functions, lambdas, properties) is refused with the reason.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from rsi_sandbox.worker.context import Context


class UnobservableError(Exception):
    """Calls of this function can't be recorded or repeated; the message says why."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A function as the tree defines it."""

    key: str
    function: FunctionType
    """The innermost function, under any decorator."""
    owner: type | None
    """The class whose name comes before it in the qualified name."""
    bound: bool
    """Whether looking it up by name already supplies its first argument (class methods)."""

    @property
    def code(self) -> CodeType:
        """What runs when it is called."""
        return self.function.__code__


def import_path(context: Context, path: str, roots: Sequence[str]) -> ModuleType:
    """The module of a file of the tree, under the name the tree's own code imports it by if it has one.

    Raises whatever the module raises.
    """
    name = context.module_name(path, roots)
    if name in sys.modules and _is_file(sys.modules[name], context, path):
        return sys.modules[name]
    try:
        module = context.load(name)
        if _is_file(module, context, path):
            return module
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(error.name + ".")):
            raise
    return context.load(path)


def find(context: Context, path: str, qualname: str, roots: Sequence[str]) -> Definition:
    """The definition behind `path::qualname`.

    Raises:
        UnobservableError: it can't be imported, found, or called by name.
    """
    if "<locals>" in qualname:
        raise UnobservableError("it is defined inside another function")
    if "<" in qualname:
        raise UnobservableError(f"{qualname} is not a function that can be called by name")
    try:
        place: Any = import_path(context, path, roots)
    except BaseException as error:  # whatever a candidate's module does at import, the answer is the same
        raise UnobservableError(f"{path} can't be imported ({type(error).__name__}: {error})") from error
    owner: type | None = None
    for name in qualname.split("."):
        owner = place if isinstance(place, type) else None
        found = vars(place).get(name) if hasattr(place, "__dict__") else None
        if found is None:
            raise UnobservableError(f"{path} has no {qualname}")
        place = found
    if isinstance(place, property):
        raise UnobservableError("it is a property, which is not called by name")
    function = innermost(place)
    if function is None:
        raise UnobservableError(f"it is a {type(place).__name__}, not a Python function")
    return Definition(f"{path}::{qualname}", function, owner, isinstance(place, classmethod))


def innermost(value: Any) -> FunctionType | None:
    """The Python function under class methods, static methods and well-behaved decorators."""
    for _ in range(32):
        if isinstance(value, classmethod | staticmethod):
            value = value.__func__
            continue
        wrapped = getattr(value, "__wrapped__", None)
        if wrapped is None:
            break
        value = wrapped
    return value if isinstance(value, FunctionType) else None


def walk(module: ModuleType, qualname: str) -> Callable[..., Any]:
    """The object that a dotted name leads to, as attribute access sees it.

    Raises:
        AttributeError: there is none.
    """
    place: Any = module
    for name in qualname.split("."):
        place = getattr(place, name)
    found: Callable[..., Any] = place
    return found


def _is_file(module: ModuleType, context: Context, path: str) -> bool:
    origin = getattr(module, "__file__", None)
    return origin is not None and Path(origin).resolve() == Path(context.tree, path).resolve()
