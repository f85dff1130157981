"""Cases for business_1."""

import random
from decimal import Decimal
from functools import cache

import pytest

from functions.business_1 import Customer, Product, allocate_stock, monthly_totals, price_orders


@cache
def _shop() -> tuple:
    rng = random.Random(101)
    catalogue = [
        Product(f"SKU-{n:04}", rng.choice(["books", "tools", "garden", "toys"]), Decimal(rng.randrange(99, 9999)) / 100)
        for n in range(300)
    ]
    customers = [Customer(n, f"customer {n}", rng.choice(["basic", "gold", "silver"])) for n in range(250)]
    orders = [
        {
            "id": n,
            "customer": rng.randrange(-5, 250),
            "lines": [(f"SKU-{rng.randrange(300):04}", rng.randrange(1, 15)) for _ in range(rng.randrange(1, 7))],
        }
        for n in range(220)
    ]
    return orders, catalogue, customers


def bench_price_orders():
    return price_orders(*_shop())


def test_price_orders_applies_both_discounts():
    catalogue = [Product("A", "tools", Decimal("2.50")), Product("B", "books", Decimal("10.00"))]
    orders = [{"id": 7, "customer": 1, "lines": [("A", 10), ("B", 12)]}]
    (priced,) = price_orders(orders, catalogue, [Customer(1, "Ann", "gold")])
    assert [line["amount"] for line in priced["lines"]] == [Decimal("24.25"), Decimal("120.00")]
    assert priced["discount"] == Decimal("14.43")
    assert priced["total"] == Decimal("129.82")
    assert priced["customer"] == "Ann"


def test_price_orders_of_a_guest_has_no_discount():
    orders = [{"id": 1, "customer": 99, "lines": [("A", 1)]}]
    (priced,) = price_orders(orders, [Product("A", "tools", Decimal("1.00"))], [])
    assert priced["customer"] == "guest"
    assert priced["discount"] == 0
    assert priced["total"] == Decimal("1.00")


def test_price_orders_takes_the_first_of_two_with_the_same_key():
    catalogue = [Product("A", "tools", Decimal("1.00")), Product("A", "tools", Decimal("5.00"))]
    customers = [Customer(1, "first"), Customer(1, "second", "gold")]
    (priced,) = price_orders([{"id": 1, "customer": 1, "lines": [("A", 2)]}], catalogue, customers)
    assert priced["total"] == Decimal("2.00")
    assert priced["customer"] == "first"


def test_price_orders_of_nothing():
    assert price_orders([], [], []) == []
    (priced,) = price_orders([{"id": 1, "customer": None, "lines": []}], [], [])
    assert priced["total"] == 0
    assert priced["lines"] == []


def test_price_orders_refuses_an_unknown_sku():
    with pytest.raises(KeyError, match="unknown sku X"):
        price_orders([{"id": 1, "customer": 1, "lines": [("X", 1)]}], [], [])


@cache
def _stock() -> tuple:
    rng = random.Random(102)
    names = [f"W{n:02}" for n in range(24)]
    warehouses = [
        {"name": name, "stock": {f"S{n}": rng.randrange(0, 40) for n in range(60) if rng.random() < 0.7}}
        for name in names
    ]
    regions = [f"R{n}" for n in range(12)]
    distances = {(name, region): rng.randrange(5, 900) for name in names for region in regions}
    orders = [
        {
            "id": n,
            "region": rng.choice(regions),
            "lines": [(f"S{rng.randrange(60)}", rng.randrange(1, 20)) for _ in range(rng.randrange(1, 5))],
        }
        for n in range(500)
    ]
    return orders, warehouses, distances


def bench_allocate_stock():
    return allocate_stock(*_stock())


def test_allocate_stock_prefers_the_nearest():
    warehouses = [{"name": "far", "stock": {"S": 9}}, {"name": "near", "stock": {"S": 2}}]
    distances = {("far", "R"): 100, ("near", "R"): 5}
    orders = [{"id": 1, "region": "R", "lines": [("S", 5)]}]
    reservations, backorders = allocate_stock(orders, warehouses, distances)
    assert reservations == [(1, "S", "near", 2), (1, "S", "far", 3)]
    assert backorders == []


def test_allocate_stock_backorders_the_rest_and_leaves_the_input_alone():
    warehouses = [{"name": "W", "stock": {"S": 3}}]
    orders = [{"id": 1, "region": "R", "lines": [("S", 2), ("S", 2)]}, {"id": 2, "region": "R", "lines": [("T", 1)]}]
    reservations, backorders = allocate_stock(orders, warehouses, {("W", "R"): 1})
    assert reservations == [(1, "S", "W", 2), (1, "S", "W", 1)]
    assert backorders == [(1, "S", 1), (2, "T", 1)]
    assert warehouses == [{"name": "W", "stock": {"S": 3}}]


def test_allocate_stock_breaks_ties_by_the_order_given():
    warehouses = [{"name": "b", "stock": {"S": 1}}, {"name": "a", "stock": {"S": 1}}]
    orders = [{"id": 1, "region": "R", "lines": [("S", 2)]}]
    reservations, _ = allocate_stock(orders, warehouses, {("a", "R"): 4, ("b", "R"): 4})
    assert [name for _, _, name, _ in reservations] == ["b", "a"]


def test_allocate_stock_of_nothing():
    assert allocate_stock([], [], {}) == ([], [])
    assert allocate_stock([{"id": 1, "region": "R", "lines": [("S", 0)]}], [], {}) == ([], [])


def test_allocate_stock_needs_a_distance():
    orders = [{"id": 1, "region": "R", "lines": [("S", 1)]}]
    with pytest.raises(KeyError):
        allocate_stock(orders, [{"name": "W", "stock": {"S": 1}}], {})


@cache
def _placed() -> list:
    rng = random.Random(103)
    return [
        {
            "status": rng.choice(["paid", "paid", "paid", "sent", "draft", "cancelled"]),
            "placed": f"202{rng.randrange(5)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
            "total_cents": rng.randrange(100, 90000),
        }
        for _ in range(30000)
    ]


def bench_monthly_totals():
    return monthly_totals(_placed())


def test_monthly_totals_by_hand():
    orders = [
        {"status": "paid", "placed": "2024-02-03", "total_cents": 500},
        {"status": "draft", "placed": "2024-02-04", "total_cents": 900},
        {"status": "sent", "placed": "2024-02-28", "total_cents": 700},
        {"status": "paid", "placed": "2023-12-31", "total_cents": 1},
    ]
    assert monthly_totals(orders) == [
        {"month": "2023-12", "orders": 1, "total_cents": 1, "largest_cents": 1},
        {"month": "2024-02", "orders": 2, "total_cents": 1200, "largest_cents": 700},
    ]


def test_monthly_totals_of_nothing():
    assert monthly_totals([]) == []
    assert monthly_totals([{"status": "cancelled", "placed": "2024-01-01", "total_cents": 5}]) == []


def test_monthly_totals_of_a_refund_keep_the_largest_at_zero():
    (month,) = monthly_totals([{"status": "paid", "placed": "2024-01-01", "total_cents": -5}])
    assert month["total_cents"] == -5
    assert month["largest_cents"] == 0


def test_monthly_totals_needs_a_date():
    with pytest.raises(KeyError):
        monthly_totals([{"status": "paid", "total_cents": 5}])
