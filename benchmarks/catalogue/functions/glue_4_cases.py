"""Cases for glue_4."""

import io
import random
from functools import cache

import pytest

from functions.glue_4 import MessageError, read_messages, replay_cache, tail_matching


@cache
def _trace() -> list:
    rng = random.Random(2701)
    return [int(rng.expovariate(0.004)) for _ in range(3000)]


def bench_replay_cache():
    return replay_cache(_trace(), 200, 900)


def test_replay_cache_by_hand():
    assert replay_cache(["a", "b", "a", "c", "b"], 2) == (0.2, ["c", "b"], {"b": 2, "a": 1, "c": 1})


def test_replay_cache_forgets_what_is_too_old():
    assert replay_cache(["a", "a", "a", "a"], 2, max_age=1) == (0.5, ["a"], {"a": 2})


def test_replay_cache_using_does_not_make_younger():
    rate, _, loads = replay_cache(["a", "a", "a", "a"], 2, max_age=2)
    assert rate == 0.5
    assert loads == {"a": 2}


def test_replay_cache_of_nothing():
    assert replay_cache([], 5) == (0.0, [], {})
    with pytest.raises(ValueError, match="at least one"):
        replay_cache(["a"], 0)


def test_replay_cache_keeps_the_least_recently_used_first():
    assert replay_cache([1, 2, 3, 1], 3)[1] == [2, 3, 1]


def _message(body: bytes, *headers: str) -> bytes:
    lines = [f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@cache
def _stream() -> bytes:
    rng = random.Random(2702)
    return b"".join(
        _message(bytes(rng.randrange(256) for _ in range(rng.randrange(0, 900))), "Content-Type: text/x", f"Id: {n}")
        for n in range(150)
    )


def bench_read_messages():
    return read_messages(_stream())


def test_read_messages_by_hand():
    data = _message(b"a\nb", "X-Tag:  one ", "x-tag: two") + b"\n" + _message(b"")
    assert read_messages(data) == [
        ({"content-length": "3", "x-tag": "one, two"}, b"a\nb"),
        ({"content-length": "0"}, b""),
    ]


def test_read_messages_without_a_length():
    assert read_messages(b"A: 1\n\nB: 2\n\n") == [({"a": "1"}, b""), ({"b": "2"}, b"")]


def test_read_messages_of_nothing():
    assert read_messages(b"") == []
    assert read_messages(b"\n\r\n\n") == []


def test_read_messages_cut_short():
    with pytest.raises(MessageError, match="within a line"):
        read_messages(b"A: 1")
    with pytest.raises(MessageError, match="within the headers"):
        read_messages(b"A: 1\n")
    with pytest.raises(MessageError, match="2 bytes are missing"):
        read_messages(_message(b"abcd")[:-2])


def test_read_messages_refuses_lines_without_a_colon():
    with pytest.raises(MessageError, match="no colon in 'hello'"):
        read_messages(b"hello\n\n")


@cache
def _log() -> str:
    rng = random.Random(2703)
    return "".join(f"{n} {rng.choice(['ok', 'ok', 'ok', 'error'])} request {rng.randrange(999)}\n" for n in range(9000))


def bench_tail_matching():
    return tail_matching(io.StringIO(_log()), r"error request \d*7", 20, 2)


def test_tail_matching_by_hand():
    stream = io.StringIO("a1\nb\na2\na3")
    assert tail_matching(stream, "a.", 2, 1) == [(3, ["b", "a2"]), (4, ["a2", "a3"])]


def test_tail_matching_without_context():
    assert tail_matching(io.StringIO("x\ny\n"), "y") == [(2, ["y"])]


def test_tail_matching_of_nothing():
    assert tail_matching(io.StringIO(""), "x") == []
    assert tail_matching(["a"], "a", count=0) == []


def test_tail_matching_the_newline_does_not_belong_to_the_line():
    assert tail_matching(["ab\n", "b "], r"b$|\s") == [(1, ["ab"]), (2, ["b "])]
