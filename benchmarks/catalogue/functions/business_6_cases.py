"""Cases for business_6."""

import random
from decimal import Decimal
from functools import cache

import pytest

from functions.business_6 import price_shipments, repay_loan, settle_expenses


@cache
def _expenses() -> list:
    rng = random.Random(3901)
    people = [f"person {n}" for n in range(300)]
    return [
        (rng.choice(people), rng.randrange(100, 90000), rng.sample(people, rng.randrange(1, 7))) for _ in range(4000)
    ]


def bench_settle_expenses():
    return settle_expenses(_expenses())


def test_settle_expenses_by_hand():
    expenses = [("ann", 900, ["ann", "bob", "cid"]), ("bob", 100, ["cid"])]
    assert settle_expenses(expenses) == [("cid", "ann", 400), ("bob", "ann", 200)]


def test_settle_expenses_the_first_pays_the_rest():
    assert settle_expenses([("ann", 100, ["bob", "cid", "ann"])]) == [("bob", "ann", 34), ("cid", "ann", 33)]


def test_settle_expenses_of_nothing():
    assert settle_expenses([]) == []
    assert settle_expenses([("ann", 5, ["ann"])]) == []


def test_settle_expenses_for_nobody():
    with pytest.raises(ValueError, match="of ann is for nobody"):
        settle_expenses([("ann", 5, [])])


def test_settle_expenses_makes_everybody_even():
    balance = {}
    for payer, cents, people in _expenses():
        balance[payer] = balance.get(payer, 0) + cents
        share, rest = divmod(cents, len(people))
        for place, person in enumerate(people):
            balance[person] = balance.get(person, 0) - share - (rest if place == 0 else 0)
    for debtor, creditor, cents in settle_expenses(_expenses()):
        balance[debtor] += cents
        balance[creditor] -= cents
    assert set(balance.values()) == {0}


@cache
def _shipments() -> tuple:
    rng = random.Random(3902)
    tariff = {f"zone{z}": [(500 * n * n, 100 * n + 50 * z) for n in range(1, 25)] for z in range(6)}
    return [(f"zone{rng.randrange(6)}", rng.randrange(1, 300_000)) for _ in range(20000)], tariff


def bench_price_shipments():
    return price_shipments(*_shipments())


def test_price_shipments_by_hand():
    tariff = {"near": [(100, 5), (1000, 8)], "far": [(100, 9)]}
    shipments = [("near", 1), ("near", 100), ("near", 101), ("near", 1001), ("far", 100), ("far", 101)]
    assert price_shipments(shipments, tariff) == [5, 5, 8, None, 9, None]


def test_price_shipments_of_nothing():
    assert price_shipments([], {"a": []}) == []
    assert price_shipments([("a", 5)], {"a": []}) == [None]


def test_price_shipments_needs_rising_limits():
    for steps in ([(5, 1), (5, 2)], [(5, 1), (4, 2)]):
        with pytest.raises(ValueError, match="limits of a"):
            price_shipments([], {"a": steps})


def test_price_shipments_needs_a_known_zone():
    with pytest.raises(KeyError):
        price_shipments([("b", 5)], {"a": [(5, 1)]})


def bench_repay_loan():
    return repay_loan("1900000", "4.35", "6890.10", {12 * n: 1000 for n in range(1, 900)})


def test_repay_loan_by_hand():
    assert repay_loan("100", "12", "50", {2: "0.5"}) == [
        (1, Decimal("1.00"), Decimal("49.00"), Decimal("51.00")),
        (2, Decimal("0.51"), Decimal("49.99"), Decimal("1.01")),
        (3, Decimal("0.01"), Decimal("1.01"), Decimal("0.00")),
    ]


def test_repay_loan_of_nothing():
    assert repay_loan(0, 5, 10) == []
    assert repay_loan(10, 0, 10) == [(1, Decimal("0.00"), Decimal(10), Decimal(0))]


def test_repay_loan_that_never_ends():
    with pytest.raises(ValueError, match="month 1"):
        repay_loan(1000, 12, 10)
    assert repay_loan(1000, 12, 10, {1: 990})[0] == (1, Decimal("10.00"), Decimal("990.00"), Decimal("10.00"))


def test_repay_loan_pays_back_what_was_lent():
    plan = repay_loan("25000", "3.9", "612.34")
    assert sum(principal for _, _, principal, _ in plan) == 25000
    assert plan[-1][3] == 0
