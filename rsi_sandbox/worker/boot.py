"""The first program inside a wall: reads the worker's own source from stdin and runs it.

The host starts `python -I -B -c <this file>`; the first frame maps module names to source text, so the image needs
nothing of ours and the worker's bytes are known to the host. Kept to built-ins that every Python has.
"""

import importlib.abc
import importlib.machinery
import json
import os
import sys
import types


class _Sources(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports the worker's modules from the sources that came over the wire."""

    def __init__(self, sources: dict[str, str]) -> None:
        self.sources = sources

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self.sources:
            return None
        is_package = any(name.startswith(fullname + ".") for name in self.sources)
        return importlib.machinery.ModuleSpec(fullname, self, is_package=is_package)

    def get_source(self, fullname: str) -> str:
        return self.sources[fullname]

    def exec_module(self, module: types.ModuleType) -> None:
        name = module.__name__
        exec(compile(self.sources[name], f"<worker {name}>", "exec"), module.__dict__)


def _read(size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = os.read(0, size - len(data))
        if not chunk:
            os._exit(70)
        data += chunk
    return data


def _boot() -> None:
    hello = json.loads(_read(int.from_bytes(_read(4), "big")))
    sys.meta_path.insert(0, _Sources(hello["sources"]))
    sys.path[:0] = hello.get("path_first", [])
    sys.path += hello.get("path_last", [])
    from rsi_sandbox.worker import server

    server.serve(hello)


_boot()
