"""Pickles arguments so that another process with the same tree can open them, or says why that can't be.

Objects of test modules and of `__main__` are refused: the process that repeats the call does not have those modules.
"""

import io
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rsi_sandbox.worker.context import Context


class NotPortableError(Exception):
    """The value can't be carried to another process; the message says what is in the way."""


class Portable:
    """Pickles with a size limit and a check of every class and function named in the pickle."""

    def __init__(self, context: Context, roots: Sequence[str], max_bytes: int) -> None:
        self._context = context
        self._roots = roots
        self._tree = Path(context.tree).resolve()
        self._max_bytes = max_bytes
        self._modules: dict[str, bool] = {}

    def dumps(self, value: Any) -> bytes:
        """The pickle.

        Raises:
            NotPortableError: too big, not picklable, or names something the other process can't import.
        """
        buffer = _Bounded(self._max_bytes)
        try:
            _Pickler(buffer, self).dump(value)
        except NotPortableError:
            raise
        except Exception as error:
            raise NotPortableError(f"{type(error).__name__}: {str(error)[:200]}") from error
        return buffer.getvalue()

    def call(self, names: Sequence[str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
        """The pickle of (args, kwargs).

        Raises:
            NotPortableError: as `dumps`, naming the argument and its type where one is to blame.
        """
        try:
            return self.dumps((args, kwargs))
        except NotPortableError as error:
            labels = [*names, *(f"argument {index + 1}" for index in range(len(names), len(args)))]
            for label, value in [*zip(labels, args, strict=False), *kwargs.items()]:
                try:
                    self.dumps(value)
                except NotPortableError as cause:
                    raise NotPortableError(f"{label} ({type_name(type(value))}): {cause}") from error
            raise

    def importable(self, module: str) -> bool:
        """Whether a fresh process with the tree's import roots finds this module under this name."""
        if module not in self._modules:
            self._modules[module] = self._check(module)
        return self._modules[module]

    def _check(self, module: str) -> bool:
        loaded = sys.modules.get(module)
        if module == "__main__" or loaded is None:
            return False
        origin = getattr(loaded, "__file__", None)
        if origin is None:
            return getattr(loaded, "__spec__", None) is not None
        file = Path(origin).resolve()
        if not file.is_relative_to(self._tree):
            return True
        path = file.relative_to(self._tree).as_posix()
        return self._context.module_name(path, self._roots) == module


def type_name(kind: type) -> str:
    """A type's name for people and rules: `list`, `decimal.Decimal`."""
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


class _Bounded(io.BytesIO):
    """Refuses to grow over the limit, so that a huge argument costs no more than that."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self._limit:
            raise NotPortableError(f"larger than {self._limit} bytes")
        return super().write(data)


class _Pickler(pickle.Pickler):
    def __init__(self, buffer: _Bounded, portable: Portable) -> None:
        super().__init__(buffer, protocol=5)
        self._portable = portable

    def reducer_override(self, obj: Any) -> Any:
        named = obj if isinstance(obj, type) or hasattr(obj, "__qualname__") else type(obj)
        module = getattr(named, "__module__", None)
        if isinstance(module, str) and not self._portable.importable(module):
            raise NotPortableError(f"{named.__qualname__} belongs to {module}, which can't be imported by name")
        return NotImplemented
