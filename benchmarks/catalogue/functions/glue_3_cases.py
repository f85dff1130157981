"""Cases for glue_3."""

import random
from functools import cache

import pytest

from functions.glue_3 import Item, apply_changes, join_tables, merge_contacts


@cache
def _inventory() -> tuple:
    rng = random.Random(2601)
    items = [Item(n, f"item {n}", rng.randrange(100, 999), ["new"], {"colour": "red"}) for n in range(18)]
    changes = []
    for _ in range(40):
        op = rng.choice(["add", "remove", "price", "tag", "detail"])
        changes.append(
            {
                "op": op,
                "id": rng.randrange(24),
                "name": "fresh",
                "price_cents": rng.choice([100, 200]),
                "tag": rng.choice(["new", "sale", "eco"]),
                "key": rng.choice(["colour", "size"]),
                "value": rng.choice(["red", "blue"]),
            }
        )
    return items, changes


def bench_apply_changes():
    return apply_changes(*_inventory())


def test_apply_changes_by_hand():
    items = [Item(1, "saw", 500), Item(2, "axe", 900, ["old"])]
    changes = [
        {"op": "price", "id": 1, "price_cents": 450},
        {"op": "tag", "id": 2, "tag": "old"},
        {"op": "remove", "id": 2},
        {"op": "add", "id": 3, "name": "rope"},
        {"op": "detail", "id": 3, "key": "m", "value": "20"},
        {"op": "price", "id": 2, "price_cents": 1},
    ]
    after, history, without_effect = apply_changes(items, changes)
    assert after == [Item(1, "saw", 450), Item(3, "rope", 0, [], {"m": "20"})]
    assert history == [("price", 1), ("remove", 2), ("add", 3), ("detail", 3)]
    assert without_effect == [1, 5]


def test_apply_changes_leaves_its_input_alone():
    items = [Item(1, "saw", 500, ["a"], {"k": "v"})]
    apply_changes(items, [{"op": "tag", "id": 1, "tag": "b"}, {"op": "detail", "id": 1, "key": "k", "value": "w"}])
    assert items == [Item(1, "saw", 500, ["a"], {"k": "v"})]


def test_apply_changes_of_nothing():
    assert apply_changes([], []) == ([], [], [])
    assert apply_changes([], [{"op": "remove", "id": 1}]) == ([], [], [0])


def test_apply_changes_to_the_same_value():
    changes = [{"op": "price", "id": 1, "price_cents": 5}, {"op": "add", "id": 1, "name": "y"}]
    assert apply_changes([Item(1, "x", 5)], changes) == ([Item(1, "x", 5)], [], [0, 1])


def test_apply_changes_refuses_unknown_ones_only_for_what_exists():
    assert apply_changes([], [{"op": "paint", "id": 1}])[2] == [0]
    with pytest.raises(ValueError, match="unknown change paint"):
        apply_changes([Item(1, "x", 5)], [{"op": "paint", "id": 1}])


@cache
def _contacts() -> list:
    rng = random.Random(2602)
    return [
        {
            "name": rng.choice(["", f"name {n}"]),
            "email": rng.choice(
                [None, f" User{rng.randrange(500)}@Example.org", f"user{rng.randrange(500)}@example.org"]
            ),
            "phone": rng.choice([None, f"+47 22 {rng.randrange(1000):06}", f"0047-{rng.randrange(10**6)}"]),
            "city": rng.choice(["", "Oslo"]),
        }
        for n in range(3000)
    ]


def bench_merge_contacts():
    return merge_contacts(_contacts())


def test_merge_contacts_by_hand():
    contacts = [
        {"name": "", "email": "A@x.org "},
        {"name": "Ann", "email": "a@X.org", "phone": "12"},
        {"name": "Bob", "phone": "+1 2-3"},
        {"name": "Robert", "phone": "123", "city": "Oslo"},
    ]
    assert merge_contacts(contacts) == [
        {"email": "A@x.org ", "name": "Ann", "phone": "12"},
        {"name": "Bob", "phone": "+1 2-3", "city": "Oslo"},
    ]


def test_merge_contacts_without_anything_to_go_by():
    contacts = [{"name": "x", "email": None, "phone": "n/a"}, {"name": "x", "email": " "}]
    assert merge_contacts(contacts) == contacts
    assert merge_contacts(contacts)[0] is not contacts[0]


def test_merge_contacts_of_nothing():
    assert merge_contacts([]) == []


def test_merge_contacts_keeps_loose_ones_last():
    assert merge_contacts([{"name": "x"}, {"email": "a@b"}]) == [{"email": "a@b"}, {"name": "x"}]


@cache
def _tables() -> tuple:
    rng = random.Random(2603)
    left = [{"order": n, "sku": f"S{rng.randrange(110)}", "site": rng.randrange(3), "amount": n % 7} for n in range(90)]
    right = [{"sku": f"S{n // 2}", "site": n % 3, "amount": n, "name": f"product {n}"} for n in range(150)]
    return left, right, ["sku", "site"], "left"


def bench_join_tables():
    return join_tables(*_tables())


def test_join_tables_by_hand():
    left = [{"id": 1, "x": "a"}, {"id": 2, "x": "b"}]
    right = [{"id": 2, "x": "c", "y": 5}, {"id": 2, "y": 6}, {"id": 3, "y": 7}]
    assert join_tables(left, right, ["id"]) == [
        {"id": 2, "x": "b", "right_x": "c", "y": 5},
        {"id": 2, "x": "b", "y": 6},
    ]


def test_join_tables_left_fills_with_none():
    left = [{"id": 1, "x": "a"}]
    right = [{"id": 2, "y": 5, "z": 6}]
    assert join_tables(left, right, ["id"], "left") == [{"id": 1, "x": "a", "y": None, "z": None}]


def test_join_tables_a_column_that_is_missing_equals_none():
    assert join_tables([{"a": 1}], [{"b": 2}, {"id": None, "c": 3}], ["id"]) == [{"a": 1, "b": 2}, {"a": 1, "c": 3}]


def test_join_tables_of_nothing():
    assert join_tables([], [{"id": 1}], ["id"]) == []
    assert join_tables([{"id": 1}], [], ["id"], "left") == [{"id": 1}]
    assert join_tables([{"a": 1}], [{"b": 2}], []) == [{"a": 1, "b": 2}]


def test_join_tables_of_values_that_have_no_hash():
    assert join_tables([{"k": [1]}], [{"k": [1], "v": 2}], ["k"]) == [{"k": [1], "v": 2}]


def test_join_tables_refuses_other_joins():
    with pytest.raises(ValueError, match="unknown join outer"):
        join_tables([], [], [], "outer")
