import collections
import copy
import dataclasses
import decimal
import enum
import itertools
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_sandbox.worker.canon import MAX_ITEMS, Encoder, encode


class Colour(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Point:
    x: int
    tags: list[int]


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, **values):
        for name, value in values.items():
            setattr(self, name, value)


class Liar:
    """Lies wherever a careless encoder would ask."""

    def __init__(self, value):
        self.value = value

    __class__ = int

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1

    def __repr__(self):
        raise RuntimeError("no")

    def __getattribute__(self, name):
        raise RuntimeError("no")

    def __reduce_ex__(self, protocol):
        return (int, (7,))


class Items(list):
    def __iter__(self):
        return iter(())


def failing():
    yield 1
    raise ValueError("late")


def test_what_a_caller_can_tell_apart_is_written_differently():
    shared: list[int] = []
    values = [
        None, True, 1, 1.0, 1 + 0j, "1", b"1", bytearray(b"1"), decimal.Decimal(1), 0.0, -0.0, math.nan, math.inf,
        [1], (1,), {1}, frozenset([1]), {1: 1}, range(1), Colour.RED, Point(1, []), Point(1, [0]), Slotted(a=1),
        Slotted(b=1), Items([1]), [shared, shared], [[], []], collections.OrderedDict({1: 1}), {1: 2, 2: 1},
        {2: 1, 1: 2}, collections.defaultdict(list, {1: 1}), collections.defaultdict(int, {1: 1}), len, print, int,
        ValueError("a"), ValueError("b"), KeyError("a"), iter([1]), map(int, "1"), (item for item in [1]),
        collections.deque([1]), collections.deque([1], 2), {}.keys(), 2**70, 2**71, decimal.Decimal("1.0"),
        [[1], [2]], [1, 2], "", "\ud800", Liar(1), Liar(2),
    ]  # fmt: skip
    texts = [encode(value) for value in values]
    assert len(set(texts)) == len(texts), [text for text in texts if texts.count(text) > 1]


@pytest.mark.parametrize("value", [math.nan, -0.0, [1, (2, {"a": {3}})], Point(1, [2]), {"b": 1, "a": [None]}])
def test_the_same_twice(value):
    assert encode(value) == encode(value)


def test_order_of_sets_does_not_show_but_order_of_dicts_does():
    assert encode({"a", "b", ("c", 1)}) == encode({("c", 1), "b", "a"})
    assert encode({"a": 1, "b": 2}) != encode({"b": 2, "a": 1})


def test_cycles_and_aliases_end():
    ring: list[object] = []
    ring.append(ring)
    assert encode(ring) == "l[^0]"
    point = Point(1, [])
    point.tags.append(point)
    assert encode(point).count("Point") == 1
    first = frozenset({Slotted(a=1)})
    assert encode([first, first]) != encode([first, copy.deepcopy(first)])


def test_iterators_are_drained_up_to_a_cap_and_keep_their_ending():
    assert encode(item for item in (1, 2)) == "i<generator>[1,2]"
    assert encode(itertools.count()).endswith(f"{MAX_ITEMS - 1}|more]")
    assert "|raise o<ValueError>" in encode(failing())


def test_hostile_objects_are_seen_as_what_they_are():
    assert encode(Liar(3)) == encode(Liar(3)) != encode(Liar(4))
    text = encode(Liar([1]))
    assert "Liar" in text
    assert "l[1]" in text
    assert encode(Items([1, 2])) != encode(Items())


@pytest.mark.parametrize("value", [lambda: 1, Path(os.devnull).open(), sys._getframe(), memoryview])  # noqa: SIM115
def test_closed_things_are_reported(value):
    encoder = Encoder()
    text = encoder.text(value)
    assert bool(encoder.opaque) == ("opaque:" in text)
    assert encoder.opaque or text == "class:memoryview"
    if hasattr(value, "close") and not isinstance(value, type):
        value.close()


def test_depth_and_size_are_bounded_and_reported():
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    wide: tuple[object, ...] = ()
    for _ in range(60):
        wide = (wide, wide)
    for value in (deep, wide):
        encoder = Encoder()
        assert "opaque:" in encoder.text(value)
        assert encoder.opaque


def test_addresses_do_not_show():
    assert encode(f"<X at {hex(id([]))}>") == encode("<X at 0x12345678>")


def test_hash_seed_does_not_show():
    program = (
        "from rsi_sandbox.worker.canon import encode\n"
        "print(encode([{'alpha','beta',('c','d'),frozenset({'x','y'})}, {'k': {'q','r','s'}}]))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=12,
)


@given(plain)
def test_a_deep_copy_is_written_the_same(value):
    assert encode(value) == encode(copy.deepcopy(value))


@given(plain, plain)
def test_equal_texts_mean_equal_values(one, other):
    if encode(one) == encode(other):
        assert one == other
        assert repr(one) == repr(other)
