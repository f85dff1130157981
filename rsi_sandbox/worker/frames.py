"""Which function of the tree a code object is: its key `path::qualname`, or None for code from elsewhere.

Comprehensions, generator expressions and lambdas count as the function they are written in, so that a key always
names something a person can find. Nested functions keep their own name. Nothing is imported or called here.
"""

import os
import re
from types import CodeType

_ANONYMOUS = re.compile(r"(?:^|\.)(?:<locals>\.)?<(?:lambda|listcomp|setcomp|dictcomp|genexpr)>$")


def function_name(qualname: str) -> str:
    """The qualified name of the named function around (or `<module>`), given a code object's own."""
    while found := _ANONYMOUS.search(qualname):
        qualname = qualname[: found.start()]
    return qualname or "<module>"


class Frames:
    """Maps code objects to keys; remembers its answers by identity, as equal code can live in two files."""

    def __init__(self, tree: str) -> None:
        self._prefix = os.path.realpath(tree) + os.sep
        self._paths: dict[str, str | None] = {}

    def path(self, filename: str) -> str | None:
        """POSIX path relative to the tree of a code object's `co_filename`, or None when it lies outside."""
        if filename not in self._paths:
            self._paths[filename] = self._find(filename)
        return self._paths[filename]

    def key(self, code: CodeType) -> str | None:
        """`path::qualname` of the named function that holds this code, or None when it lies outside."""
        path = self.path(code.co_filename)
        return None if path is None else f"{path}::{function_name(code.co_qualname)}"

    def _find(self, filename: str) -> str | None:
        if filename.startswith("<"):
            return None
        real = os.path.realpath(filename)
        if not real.startswith(self._prefix):
            return None
        return real[len(self._prefix) :].replace(os.sep, "/")
