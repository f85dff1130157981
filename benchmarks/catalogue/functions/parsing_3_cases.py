"""Cases for parsing_3."""

import random
import struct
from functools import cache

import pytest

from functions.parsing_3 import PathError, check_brackets, decode_records, look_up_paths

COLUMNS = {
    "id": "id",
    "city": "customer.address.city",
    "first": "lines[0].sku",
    "last": "lines[-1].sku",
    "skus": "lines[*].sku",
    "all_tags": "lines[*].tags[*]",
    "missing": "customer.phone[2]",
}


@cache
def _documents() -> list:
    rng = random.Random(1201)
    return [
        {
            "id": n,
            "customer": {"name": f"c{n}", "address": {"city": rng.choice(["Oslo", "Bergen"])}},
            "lines": [
                {"sku": f"S{rng.randrange(99)}", "tags": rng.sample(["new", "sale", "eco"], rng.randrange(3))}
                for _ in range(rng.randrange(0, 9))
            ],
        }
        for n in range(250)
    ]


def bench_look_up_paths():
    return look_up_paths(_documents(), COLUMNS)


def test_look_up_paths_by_hand():
    document = {"a": {"b": [10, {"c": None}]}, "d": [[1, 2], [3]]}
    columns = {"one": "a.b[0]", "none": "a.b[1].c", "all": "d[*][*]", "last": "d[-1]", "whole": "a.b[1]"}
    assert look_up_paths([document], columns) == [
        {"one": 10, "none": None, "all": [1, 2, 3], "last": [3], "whole": {"c": None}}
    ]


def test_look_up_paths_that_lead_nowhere():
    columns = {"a": "x.y", "b": "x[5]", "c": "x[*].y", "d": "n[*]"}
    assert look_up_paths([{"x": [1], "n": 5}], columns) == [{"a": None, "b": None, "c": None, "d": None}]


def test_look_up_paths_a_star_gives_a_list_even_of_one():
    assert look_up_paths([{"x": {"p": 1}}], {"a": "x[*]", "b": ""}) == [{"a": [1], "b": {"x": {"p": 1}}}]


def test_look_up_paths_of_nothing():
    assert look_up_paths([], {"a": "["}) == []
    assert look_up_paths([{}], {}) == [{}]


def test_look_up_paths_refuses_bad_paths():
    for path, message in (("a[1", "missing ]"), ("a[x]", "bad index 'x'"), ("a[]", "bad index ''")):
        with pytest.raises(PathError, match=message):
            look_up_paths([{}], {"a": path})


def _pack(record_id: int, kind: int, tags: list, payload: bytes, break_it: bool = False) -> bytes:
    body = struct.pack(">IBB", record_id, kind, len(tags))
    body += b"".join(struct.pack(">H", len(tag.encode())) + tag.encode() for tag in tags) + payload
    total = 0
    for byte in body:
        total = (total * 31 + byte) % 65521
    return struct.pack(">HH", len(body), total ^ break_it) + body


@cache
def _blob() -> bytes:
    rng = random.Random(1202)
    parts = []
    for n in range(700):
        kind = rng.randrange(4)
        text = f"value {n}".encode()
        payload = [b"", struct.pack(">q", -n), struct.pack(">d", n / 8), struct.pack(">H", len(text)) + text][kind]
        tags = rng.sample(["alpha", "beta", "gamma", "d\u00e9lta"], rng.randrange(4))
        parts.append(_pack(n, kind, tags, payload, rng.random() < 0.05))
    return b"".join(parts)


def bench_decode_records():
    return decode_records(_blob())


def test_decode_records_by_hand():
    blob = _pack(1, 0, [], b"") + _pack(2, 1, ["\u00e5"], struct.pack(">q", -5)) + _pack(3, 3, [], b"\x00\x02hi")
    assert decode_records(blob) == (
        [
            {"id": 1, "tags": [], "value": None},
            {"id": 2, "tags": ["\u00e5"], "value": -5},
            {"id": 3, "tags": [], "value": "hi"},
        ],
        0,
    )


def test_decode_records_skips_wrong_checksums():
    blob = _pack(1, 0, [], b"", True) + _pack(2, 2, [], struct.pack(">d", 0.5))
    assert decode_records(blob) == ([{"id": 2, "tags": [], "value": 0.5}], 1)


def test_decode_records_of_nothing():
    assert decode_records(b"") == ([], 0)


def test_decode_records_cut_short():
    blob = _pack(1, 1, [], struct.pack(">q", 1))
    with pytest.raises(EOFError, match="14 bytes wanted, 13 left"):
        decode_records(blob[:-1])
    with pytest.raises(EOFError, match="2 bytes wanted, 1 left"):
        decode_records(blob + b"\x00")


@cache
def _code() -> str:
    rng = random.Random(1203)
    parts = []
    for _ in range(2500):
        parts.append(rng.choice(["call(a, b[3])", "{'k': (1, 2)}", '"quoted ) \\" text"', "x = y + 1", "[[], ()]"]))
    return "f(" + ",\n".join(parts) + ")]"


def bench_check_brackets():
    return check_brackets(_code())


def test_check_brackets_finds_the_first():
    assert check_brackets("(a[b)]") == (4, ")")
    assert check_brackets("x)") == (1, ")")
    assert check_brackets("(()") == (0, "(")


def test_check_brackets_balanced():
    assert check_brackets("f(a[1], {2: 3})") is None
    assert check_brackets(_code()[:-1]) is None


def test_check_brackets_quotes_hide_them():
    assert check_brackets("'(' + \"]\"") is None
    assert check_brackets(r"'\'(' )") == (6, ")")
    assert check_brackets("'(") is None


def test_check_brackets_of_nothing():
    assert check_brackets("") is None
    assert check_brackets([]) is None
