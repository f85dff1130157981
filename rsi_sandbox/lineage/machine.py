"""What machine this is, for the record: timings from two machines are never compared.

It reads a few files of the kernel, runs nothing, and leaves out what it can't find.
"""

import os
import platform
import sys
from pathlib import Path


def describe() -> dict[str, str]:
    """Name -> value: cpu, cores, memory, kernel, architecture, python, libc."""
    found = {
        "cpu": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0),
        "memory": _memory(),
        "kernel": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "libc": " ".join(platform.libc_ver()).strip(),
        "compiler": platform.python_compiler(),
        "hash": sys.hash_info.algorithm,
    }
    return {name: value for name, value in found.items() if value}


COMPARABLE = ("cpu", "cores", "architecture", "python")
"""What two machines must have in common before their timings are compared."""


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Why timings of the two can't be compared, one clause each; empty when they can."""
    return [
        f"{name} was {one.get(name, 'not recorded')} and is {other.get(name, 'unknown')}"
        for name in COMPARABLE
        if one.get(name) != other.get(name) or name not in one
    ]


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip().lower() in ("model name", "hardware", "cpu model"):
                return value.strip()
    except OSError:
        pass
    return platform.processor()


def _memory() -> str:
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return ""
    return f"{pages * size / (1 << 30):.1f} GiB" if pages > 0 and size > 0 else ""
