"""Cases for business_5."""

import random
from functools import cache

import pytest

from functions.business_5 import OutOfStockError, commission_statement, fifo_valuation, reorder_proposals


@cache
def _deals() -> list:
    rng = random.Random(501)
    sellers = ["ann", "bob", "cid", "dee", "eve", "fay"]
    return [
        {
            "id": n,
            "date": f"{2022 + n // 120}-{1 + n % 120 // 10:02}-{1 + n % 10:02}",
            "cents": rng.randrange(1000, 80000),
            "sellers": rng.sample(sellers, rng.choice([1, 1, 2, 3])),
            "cancelled": rng.random() < 0.1,
        }
        for n in range(330)
    ]


def bench_commission_statement():
    return commission_statement(_deals())


def test_commission_statement_rate_grows_within_a_year():
    deals = [
        {"id": 1, "date": "2024-01-01", "cents": 60_000, "sellers": ["ann"], "cancelled": False},
        {"id": 2, "date": "2024-02-01", "cents": 1_000, "sellers": ["ann", "bob"], "cancelled": False},
        {"id": 3, "date": "2025-01-01", "cents": 1_000, "sellers": ["ann"], "cancelled": False},
    ]
    lines = [(s["deal"], s["seller"], s["turnover_before"], s["commission"]) for s in commission_statement(deals)]
    assert lines == [(1, "ann", 0, 1200), (2, "ann", 60_000, 20), (2, "bob", 0, 10), (3, "ann", 0, 20)]


def test_commission_statement_ignores_cancelled_deals():
    deals = [
        {"id": 1, "date": "2024-01-01", "cents": 60_000, "sellers": ["ann"], "cancelled": True},
        {"id": 2, "date": "2024-02-01", "cents": 101, "sellers": ["ann"], "cancelled": False},
    ]
    (line,) = commission_statement(deals)
    assert line == {"deal": 2, "seller": "ann", "turnover_before": 0, "percent": 2, "commission": 2}


def test_commission_statement_with_a_seller_named_twice():
    deals = [
        {"id": 1, "date": "2024-01-01", "cents": 100, "sellers": ["ann", "ann"], "cancelled": False},
        {"id": 2, "date": "2024-02-01", "cents": 100, "sellers": ["ann"], "cancelled": False},
    ]
    assert [line["turnover_before"] for line in commission_statement(deals)] == [0, 0, 50]


def test_commission_statement_of_nothing():
    assert commission_statement([]) == []


def test_commission_statement_needs_a_seller():
    with pytest.raises(ZeroDivisionError):
        commission_statement([{"id": 1, "date": "2024-01-01", "cents": 1, "sellers": [], "cancelled": False}])


@cache
def _movements() -> list:
    rng = random.Random(502)
    held = dict.fromkeys((f"A{n}" for n in range(80)), 0)
    movements = []
    while len(movements) < 14000:
        article = rng.choice(list(held))
        if held[article] and rng.random() < 0.55:
            quantity = rng.randrange(1, held[article] + 1)
            held[article] -= quantity
            movements.append((article, "out", quantity, 0))
        else:
            quantity = rng.randrange(1, 60)
            held[article] += quantity
            movements.append((article, "in", quantity, rng.randrange(100, 130)))
    return movements


def bench_fifo_valuation():
    return fifo_valuation(_movements())


def test_fifo_valuation_uses_the_oldest_layer_first():
    movements = [("A", "in", 10, 100), ("A", "in", 10, 120), ("A", "out", 15, 0)]
    assert fifo_valuation(movements) == ({"A": 1600}, {"A": 600})


def test_fifo_valuation_joins_layers_of_one_price():
    movements = [("A", "in", 1, 5), ("A", "in", 1, 5), ("B", "in", 2, 7), ("A", "out", 2, 0)]
    assert fifo_valuation(movements) == ({"A": 10, "B": 0}, {"A": 0, "B": 14})


def test_fifo_valuation_of_nothing():
    assert fifo_valuation([]) == ({}, {})


def test_fifo_valuation_refuses_to_go_below_zero():
    with pytest.raises(OutOfStockError, match="A"):
        fifo_valuation([("A", "in", 1, 5), ("A", "out", 2, 0)])


@cache
def _stock() -> tuple:
    rng = random.Random(503)
    stock = [
        {
            "sku": f"S{n}",
            "on_hand": rng.randrange(0, 60),
            "on_order": rng.choice([0, 0, 30]),
            "lead_days": rng.randrange(2, 9),
            "minimum": 10,
        }
        for n in range(16)
    ]
    history = [
        {"sku": f"S{rng.randrange(18)}", "day": rng.randrange(60, 101), "quantity": rng.randrange(1, 9)}
        for _ in range(900)
    ]
    return stock, history, 100


def bench_reorder_proposals():
    return reorder_proposals(*_stock())


def test_reorder_proposals_by_hand():
    stock = [{"sku": "S", "on_hand": 3, "on_order": 0, "lead_days": 4, "minimum": 1}]
    history = [{"sku": "S", "day": day, "quantity": 2} for day in (8, 9)]
    assert reorder_proposals(stock, history, 10, days=2) == [(1.5, "S", 13)]


def test_reorder_proposals_leave_out_what_lasts_or_does_not_sell():
    stock = [
        {"sku": "S", "on_hand": 8, "on_order": 0, "lead_days": 4, "minimum": 1},
        {"sku": "T", "on_hand": 0, "on_order": 0, "lead_days": 4, "minimum": 1},
    ]
    history = [{"sku": "S", "day": day, "quantity": 2} for day in (8, 9)]
    assert reorder_proposals(stock, history, 10, days=2) == []


def test_reorder_proposals_most_urgent_first_and_at_least_the_minimum():
    stock = [
        {"sku": name, "on_hand": held, "on_order": 0, "lead_days": 4, "minimum": 50}
        for name, held in (("A", 2), ("B", 0))
    ]
    history = [{"sku": sku, "day": day, "quantity": 1} for sku in "AB" for day in (8, 9)]
    assert reorder_proposals(stock, history, 10, days=2) == [(0.0, "B", 50), (2.0, "A", 50)]


def test_reorder_proposals_only_look_at_the_window():
    stock = [{"sku": "S", "on_hand": 0, "on_order": 0, "lead_days": 4, "minimum": 1}]
    history = [{"sku": "S", "day": day, "quantity": 5} for day in (7, 10)]
    assert reorder_proposals(stock, history, 10, days=2) == []
    assert reorder_proposals([], [], 10) == []


def test_reorder_proposals_need_a_window():
    with pytest.raises(ValueError, match="at least one"):
        reorder_proposals([{"sku": "S", "on_hand": 0, "on_order": 0, "lead_days": 1, "minimum": 1}], [], 10, days=0)
