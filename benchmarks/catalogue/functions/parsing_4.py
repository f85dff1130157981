"""JSON lines, fixed-width text, version numbers."""

import json
import re
from functools import lru_cache

__all__ = ["read_json_lines", "resolve_versions", "slice_fixed_width"]


def read_json_lines(stream, strict=False):
    """Objects of a stream with one JSON value a line, and the numbers of the lines that hold none."""
    objects = []
    bad = []
    for number, line in enumerate(stream, start=1):
        if line.isspace():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            if strict:
                raise ValueError(f"line {number}: {error.msg}") from error
            bad.append(number)
            continue
        if isinstance(value, dict):
            objects.append(value)
        else:
            bad.append(number)
    return objects, bad


def slice_fixed_width(lines, layout):
    """Rows of fixed-width text as dicts; the layout is (name, width, kind) and kinds are text, int and cents."""
    places = []
    start = 0
    for name, width, kind in layout:
        if kind not in ("text", "int", "cents"):
            raise ValueError(f"unknown kind {kind}")
        places.append((name, slice(start, start + width), kind))
        start += width
    rows = []
    for line in lines:
        row = {}
        for name, place, kind in places:
            cell = line[place].strip()
            if kind == "text":
                row[name] = cell
            elif not cell:
                row[name] = None
            elif kind == "int":
                row[name] = int(cell)
            else:
                whole, _, fraction = cell.partition(".")
                row[name] = int(whole + fraction.ljust(2, "0")[:2])
        rows.append(row)
    return rows


VERSION = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?$")


@lru_cache(maxsize=None)
def parse_version(text):
    """A key that sorts as semantic versions do: a pre-release is before its release."""
    match = VERSION.match(text)
    if match is None:
        raise ValueError(f"not a version: {text}")
    numbers = tuple(int(part or 0) for part in match.groups()[:3])
    if match[4] is None:
        return numbers, (1,)
    return numbers, (0, *((0, int(part), "") if part.isdigit() else (1, 0, part) for part in match[4].split(".")))


def _compatible(wanted, version):
    low = parse_version(wanted.lstrip("^~"))
    if version < low:
        return False
    if wanted[0] == "^":
        return version[0][0] == low[0][0]
    if wanted[0] == "~":
        return version[0][:2] == low[0][:2]
    return version == low


def resolve_versions(requirements, available):
    """The newest version that fits each (package, requirement), else None: `^1.2`, `~1.2.3` or an exact one."""
    resolved = []
    for package, wanted in requirements:
        best = None
        for text in available.get(package, ()):
            version = parse_version(text)
            if (best is None or version > parse_version(best)) and _compatible(wanted, version):
                best = text
        resolved.append((package, best))
    return resolved
