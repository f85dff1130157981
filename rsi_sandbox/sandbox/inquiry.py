"""A program run by the target's interpreter: prints what that interpreter is, as JSON.

Sent as text to `python -c`, never imported on the host, so it uses the standard library only. Arguments are
top-level module names; for each, where it would be imported from is answered (found through editable installs too).
"""

from __future__ import annotations

import importlib.util
import json
import os
import pathlib
import platform
import sys

sys.path[:] = [entry for entry in sys.path if entry]


def _found(name: str) -> list[object] | None:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None
    if spec is None:
        return None
    return [spec.origin or "", list(spec.submodule_search_locations or [])]


def _standard(prefixes: set[str]) -> list[str]:
    """The standard library's directories, which no site directory is part of."""
    directories = []
    for entry in sys.path:
        path = pathlib.Path(entry)
        below = any(path.is_relative_to(prefix) for prefix in prefixes)
        if below and path.is_dir() and path.name not in ("site-packages", "dist-packages"):
            directories.append(entry)
    return directories


def _implementation_version() -> str:
    found = sys.implementation.version
    kind = "" if found.releaselevel == "final" else found.releaselevel[0] + str(found.serial)
    return f"{found.major}.{found.minor}.{found.micro}{kind}"


def _answer(names: list[str]) -> dict[str, object]:
    return {
        "executable": sys.executable,
        "base_executable": getattr(sys, "_base_executable", sys.executable),
        "base_prefix": sys.base_prefix,
        "version": sys.version,
        "version_info": list(sys.version_info[:3]),
        "cache_tag": sys.implementation.cache_tag,
        "system": sys.platform,
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()),
        "path": sys.path,
        "standard": _standard({sys.base_prefix, sys.base_exec_prefix}),
        "standard_names": sorted(getattr(sys, "stdlib_module_names", sys.builtin_module_names)),
        "found": {name: _found(name) for name in names},
        "markers": {
            "implementation_name": sys.implementation.name,
            "implementation_version": _implementation_version(),
            "os_name": os.name,
            "platform_machine": platform.machine(),
            "platform_python_implementation": platform.python_implementation(),
            "platform_release": platform.release(),
            "platform_system": platform.system(),
            "platform_version": platform.version(),
            "python_full_version": platform.python_version(),
            "python_version": ".".join(platform.python_version_tuple()[:2]),
            "sys_platform": sys.platform,
        },
    }


sys.stdout.write(json.dumps(_answer(sys.argv[1:])))
