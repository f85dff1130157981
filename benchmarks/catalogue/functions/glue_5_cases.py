"""Cases for glue_5."""

import io
import random
from functools import cache

import pytest

from functions.glue_5 import fingerprint_blobs, summarise_csv, validate_payloads

SCHEMA = {
    "type": "object",
    "fields": {
        "id": {"type": "integer", "minimum": 1},
        "name": {"type": "string", "max_length": 12},
        "state": {"type": "string", "choices": ["new", "paid", "sent"]},
        "note": {"type": "string", "nullable": True, "required": False},
        "lines": {
            "type": "list",
            "items": {
                "type": "object",
                "open": True,
                "fields": {"sku": {"type": "string"}, "price": {"type": "number", "minimum": 0}},
            },
        },
    },
}


@cache
def _payloads() -> list:
    rng = random.Random(2801)
    return [
        {
            "id": rng.choice([n, n, n, "7"]),
            "name": "n" * rng.randrange(1, 14),
            "state": rng.choice(["new", "paid", "sent", "lost"]),
            "note": rng.choice([None, "fine"]),
            "lines": [{"sku": f"S{n}", "price": rng.choice([1, 2.5, 7, -1]), "x": 0} for _ in range(rng.randrange(6))],
        }
        for n in range(220)
    ]


def bench_validate_payloads():
    return validate_payloads(_payloads(), SCHEMA)


def test_validate_payloads_by_hand():
    good = {"id": 1, "name": "a", "state": "new", "lines": [{"sku": "S", "price": 0, "more": 1}]}
    bad = {"id": 0, "name": "a" * 13, "state": "lost", "lines": [{"sku": None, "price": True}, 5], "x": 1, "note": None}
    assert validate_payloads([good, bad], SCHEMA) == {
        1: [
            "$.id: less than 1",
            "$.lines[0].price: number expected, got bool",
            "$.lines[0].sku: must not be null",
            "$.lines[1]: object expected, got int",
            "$.name: longer than 12",
            "$.state: 'lost' is not one of new, paid, sent",
            "$.x: is unknown",
        ]
    }


def test_validate_payloads_names_what_is_missing():
    assert validate_payloads([{"id": 1, "name": "x"}], SCHEMA) == {0: ["$.lines: is missing", "$.state: is missing"]}


def test_validate_payloads_of_nothing():
    assert validate_payloads([], SCHEMA) == {}
    assert validate_payloads([None, []], SCHEMA) == {0: ["$: must not be null"], 1: ["$: object expected, got list"]}


def test_validate_payloads_refuses_an_unknown_type_when_it_gets_there():
    schema = {"type": "object", "fields": {"a": {"type": "colour", "nullable": True, "required": False}}}
    assert validate_payloads([{}, {"a": None}], schema) == {}
    with pytest.raises(LookupError, match="unknown type colour"):
        validate_payloads([{"a": 1}], schema)


@cache
def _blobs() -> dict:
    rng = random.Random(2802)
    contents = [rng.randbytes(rng.randrange(0, 60000)) for _ in range(110)]
    return {f"file{n:03}": rng.choice(contents) for n in range(180)}


def bench_fingerprint_blobs():
    return fingerprint_blobs(_blobs())


def test_fingerprint_blobs_finds_the_same_content():
    groups, _ = fingerprint_blobs({"c": b"x", "a": b"x", "b": b"y", "d": b"y" * 5000, "e": b"y" * 5000})
    assert groups == [["a", "c"], ["d", "e"]]


def test_fingerprint_blobs_digest_depends_on_names_and_content_only():
    _, first = fingerprint_blobs({"a": b"1", "b": b"2"})
    assert fingerprint_blobs({"b": b"2", "a": b"1"}, chunk_size=1)[1] == first
    assert fingerprint_blobs({"a": b"2", "b": b"1"})[1] != first
    assert fingerprint_blobs({"a": b"1", "c": b"2"})[1] != first


def test_fingerprint_blobs_of_nothing():
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert fingerprint_blobs({}) == ([], empty)
    assert fingerprint_blobs({"a": b"", "b": b""})[0] == [["a", "b"]]


@cache
def _csv() -> str:
    rng = random.Random(2803)
    lines = ["site,person,amount"]
    for n in range(9000):
        lines.append(f'site {rng.randrange(40)},"name, {n}",{rng.choice([rng.randrange(999), "n/a"] + [n] * 9)}')
    return "\n".join(lines)


def bench_summarise_csv():
    return summarise_csv(io.StringIO(_csv()), "site", "amount")


def test_summarise_csv_by_hand():
    text = 'n,k\n5,"b,c"\n7,a\n-1,a\nx,a\n3\n'
    assert summarise_csv(io.StringIO(text), "k", "n") == (
        {"a": {"rows": 2, "sum": 6, "low": -1, "high": 7}, "b,c": {"rows": 1, "sum": 5, "low": 5, "high": 5}},
        2,
    )


def test_summarise_csv_leaves_out_groups_without_numbers():
    assert summarise_csv(["k,n", "a,x"], "k", "n") == ({}, 1)


def test_summarise_csv_of_nothing():
    assert summarise_csv([], "k", "n") == ({}, 0)
    assert summarise_csv(["k,n"], "k", "n") == ({}, 0)


def test_summarise_csv_needs_both_columns():
    with pytest.raises(ValueError, match="not in list"):
        summarise_csv(["a,b"], "k", "a")
