"""Cases for parsing_4."""

import io
import json
import random
from functools import cache

import pytest

from functions.parsing_4 import parse_version, read_json_lines, resolve_versions, slice_fixed_width


@cache
def _lines() -> str:
    rng = random.Random(3801)
    lines = []
    for n in range(2200):
        lines.append(json.dumps({"id": n, "name": f"name {n}", "tags": ["a", "b"] * rng.randrange(4), "x": n / 7}))
        if n % 50 == 0:
            lines.append(rng.choice(["", "{broken", "[1, 2]"]))
    return "\n".join(lines)


def bench_read_json_lines():
    return read_json_lines(io.StringIO(_lines()))


def test_read_json_lines_by_hand():
    assert read_json_lines(['{"a": 1}\n', "\n", "[1]\n", "{\n", '{"b": null}']) == ([{"a": 1}, {"b": None}], [3, 4])


def test_read_json_lines_strict():
    with pytest.raises(ValueError, match="line 2: Expecting property name"):
        read_json_lines(["{}", "{"], strict=True)
    assert read_json_lines(["5"], strict=True) == ([], [1])


def test_read_json_lines_of_nothing():
    assert read_json_lines([]) == ([], [])
    assert read_json_lines(["  \n"]) == ([], [])


LAYOUT = [("id", 6, "int"), ("name", 12, "text"), ("price", 9, "cents"), ("stock", 5, "int"), ("place", 6, "text")]


@cache
def _table() -> list:
    rng = random.Random(3802)
    return [
        f"{n:>6}{'item ' + str(n):<12}{rng.choice(['', f'{n}.5', f'{n}.25', str(n)]):>9}{n % 50 or '':>5}{'A1':<6}"
        for n in range(2200)
    ]


def bench_slice_fixed_width():
    return slice_fixed_width(_table(), LAYOUT)


def test_slice_fixed_width_by_hand():
    assert slice_fixed_width(["  7ab 1.5 x", " -8cd    "], [("n", 3, "int"), ("t", 3, "text"), ("p", 4, "cents")]) == [
        {"n": 7, "t": "ab", "p": 150},
        {"n": -8, "t": "cd", "p": None},
    ]


def test_slice_fixed_width_cents():
    lines = ["12", "12.", "12.3", "12.349"]
    assert [row["p"] for row in slice_fixed_width(lines, [("p", 6, "cents")])] == [1200, 1200, 1230, 1234]


def test_slice_fixed_width_of_nothing():
    assert slice_fixed_width([], []) == []
    assert slice_fixed_width([""], [("a", 3, "text"), ("b", 3, "int")]) == [{"a": "", "b": None}]


def test_slice_fixed_width_refuses():
    with pytest.raises(ValueError, match="unknown kind date"):
        slice_fixed_width([], [("d", 8, "date")])
    with pytest.raises(ValueError, match="invalid literal"):
        slice_fixed_width(["x"], [("d", 1, "int")])


@cache
def _packages() -> tuple:
    rng = random.Random(3803)
    available = {
        f"p{n}": [
            f"{rng.randrange(4)}.{rng.randrange(9)}.{rng.randrange(9)}{rng.choice(['', '', '-rc.1'])}"
            for _ in range(60)
        ]
        for n in range(12)
    }
    requirements = [
        (f"p{rng.randrange(13)}", rng.choice("^~") + f"{rng.randrange(4)}.{rng.randrange(9)}.0") for _ in range(220)
    ]
    return requirements, available


def bench_resolve_versions():
    return resolve_versions(*_packages())


def test_resolve_versions_by_hand():
    available = {"a": ["1.2.0", "1.10.0", "v1.9", "2.0.0", "1.11.0-rc.1"]}
    requirements = [("a", "^1.2"), ("a", "~1.9"), ("a", "2.0"), ("a", "3"), ("b", "^1")]
    assert resolve_versions(requirements, available) == [
        ("a", "1.11.0-rc.1"),
        ("a", "v1.9"),
        ("a", "2.0.0"),
        ("a", None),
        ("b", None),
    ]


def test_resolve_versions_sorting():
    texts = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-rc.2", "1.0.0-rc.10", "1.0.0", "1.0.1"]
    assert sorted(reversed(texts), key=parse_version) == texts


def test_resolve_versions_the_first_of_equal_ones():
    assert resolve_versions([("a", "^1")], {"a": ["1.0", "1.0.0", "v1"]}) == [("a", "1.0")]


def test_resolve_versions_of_nothing():
    assert resolve_versions([], {}) == []
    assert resolve_versions([("a", "^1")], {"a": []}) == [("a", None)]


def test_resolve_versions_refuses_what_is_none():
    with pytest.raises(ValueError, match="not a version: one"):
        resolve_versions([("a", "^1")], {"a": ["one"]})
