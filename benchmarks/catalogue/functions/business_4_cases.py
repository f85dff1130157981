"""Cases for business_4."""

import random
from functools import cache

import pytest

from functions.business_4 import render_table, sales_pivot, top_customers


@cache
def _rows() -> list:
    rng = random.Random(401)
    return [
        {
            "region": rng.choice(["north", "south", "east", "west", "export"]),
            "month": rng.randrange(1, 13),
            "product": rng.choice(["saw", "axe", "rope", "lamp", "tent", "oil"]),
            "amount": rng.randrange(1, 500),
        }
        for _ in range(1500)
    ]


def bench_sales_pivot():
    return sales_pivot(_rows())


def test_sales_pivot_by_hand():
    rows = [
        {"region": "b", "month": 2, "product": "x", "amount": 30},
        {"region": "a", "month": 1, "product": "y", "amount": 5},
        {"region": "b", "month": 12, "product": "y", "amount": 10},
        {"region": "b", "month": 2, "product": "x", "amount": 20},
    ]
    a, b = sales_pivot(rows)
    assert (a["region"], a["Jan"], a["total"], a["peak"], a["best_product"]) == ("a", 5, 5, 100, "y")
    assert (b["Feb"], b["Dec"], b["Mar"], b["total"], b["peak"], b["best_product"]) == (50, 10, 0, 60, 83, "x")
    assert list(b)[:3] == ["region", "Jan", "Feb"]


def test_sales_pivot_first_product_wins_a_tie():
    rows = [{"region": "a", "month": 1, "product": name, "amount": 5} for name in ("z", "m")]
    assert sales_pivot(rows)[0]["best_product"] == "m"


def test_sales_pivot_of_nothing():
    assert sales_pivot([]) == []


def test_sales_pivot_with_no_turnover():
    (line,) = sales_pivot([{"region": "a", "month": 1, "product": "x", "amount": 0}])
    assert line["total"] == 0
    assert line["peak"] == 0
    assert line["best_product"] == "x"


def test_sales_pivot_counts_an_unknown_month_in_the_total_only():
    (line,) = sales_pivot([{"region": "a", "month": 13, "product": "x", "amount": 4}])
    assert line["total"] == 4
    assert line["Dec"] == 0


@cache
def _sales() -> list:
    rng = random.Random(402)
    return [{"customer": f"C{rng.randrange(900)}", "cents": rng.randrange(1, 9000)} for _ in range(5000)]


def bench_top_customers():
    return top_customers(_sales(), 100)


def test_top_customers_by_hand():
    sales = [{"customer": c, "cents": n} for c, n in (("a", 50), ("b", 150), ("a", 50), ("c", 200))]
    assert top_customers(sales, 2) == [
        {"rank": 1, "customer": "c", "cents": 200, "share": 44.44, "running": 44.44},
        {"rank": 2, "customer": "b", "cents": 150, "share": 33.33, "running": 77.78},
    ]


def test_top_customers_ties_by_name_and_more_asked_than_there_are():
    sales = [{"customer": c, "cents": 10} for c in "cab"]
    assert [entry["customer"] for entry in top_customers(sales, 10)] == ["a", "b", "c"]
    assert top_customers(sales, 10)[-1]["running"] == 100.0


def test_top_customers_of_nothing():
    assert top_customers([], 5) == []
    assert top_customers([{"customer": "a", "cents": 1}], 0) == []


def test_top_customers_with_no_turnover():
    assert top_customers([{"customer": "a", "cents": 0}], 1)[0]["share"] == 0.0


def test_top_customers_cannot_compare_mixed_names():
    with pytest.raises(TypeError):
        top_customers([{"customer": "a", "cents": 1}, {"customer": 1, "cents": 1}], 1)


@cache
def _table() -> tuple:
    rng = random.Random(403)
    rows = [
        {
            "name": "item " + "x" * rng.randrange(12),
            "price": rng.randrange(99999) / 7,
            "stock": rng.choice([None, rng.randrange(500)]),
            "active": rng.random() < 0.5,
        }
        for _ in range(70)
    ]
    return rows, {"name": "Name", "price": "Unit price", "stock": "Stock", "active": "Active"}


def bench_render_table():
    return render_table(*_table())


def test_render_table_by_hand():
    rows = [{"a": "long name", "b": 1234.5}, {"a": "x", "b": None}, {"b": 7}]
    assert render_table(rows, {"a": "Name", "b": "Cost"}) == (
        "Name       Cost\n---------  --------\nlong name  1,234.50\nx          -\n-                 7\n"
    )


def test_render_table_of_nothing():
    assert render_table([], {"a": "A"}) == "A\n-\n"
    assert render_table([], {}) == "\n\n"


def test_render_table_shows_flags_flush_right():
    assert render_table([{"ok": True}, {"ok": False}], {"ok": "Fine?"}) == "Fine?\n-----\n  yes\n   no\n"


def test_render_table_without_columns_has_a_line_per_row():
    assert render_table([{"a": 1}, {"a": 2}], {}) == "\n\n\n\n"
