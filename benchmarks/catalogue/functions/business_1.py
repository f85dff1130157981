"""Orders: pricing, reserving stock, totals for the monthly sheet."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

__all__ = ["allocate_stock", "monthly_totals", "price_orders"]

CENT = Decimal("0.01")
BULK_QUANTITY = 10
BULK_RATE = Decimal("0.03")
NO_BULK_DISCOUNT = ["books", "gift cards"]
TIER_RATES = {"gold": Decimal("0.10"), "silver": Decimal("0.05")}


@dataclass
class Product:
    sku: str
    category: str
    price: Decimal


@dataclass
class Customer:
    id: int
    name: str
    tier: str = "basic"


def _find_product(catalogue: list[Product], sku: str) -> Product:
    for product in catalogue:
        if product.sku == sku:
            return product
    raise KeyError(f"unknown sku {sku}")


def _find_customer(customers: list[Customer], customer_id: int) -> Customer | None:
    matches = [customer for customer in customers if customer.id == customer_id]
    if not matches:
        return None
    return matches[0]


def price_orders(orders: list[dict], catalogue: list[Product], customers: list[Customer]) -> list[dict]:
    """Price every line and apply the bulk and the tier discount. A guest order has no customer."""
    priced = []
    for order in orders:
        customer = _find_customer(customers, order["customer"])
        subtotal = Decimal(0)
        lines = []
        for sku, quantity in order["lines"]:
            product = _find_product(catalogue, sku)
            amount = product.price * quantity
            if quantity >= BULK_QUANTITY and product.category not in NO_BULK_DISCOUNT:
                amount -= amount * BULK_RATE
            amount = amount.quantize(CENT, rounding=ROUND_HALF_UP)
            lines.append({"sku": sku, "quantity": quantity, "amount": amount})
            subtotal += amount
        discount = Decimal(0)
        if customer is not None and customer.tier in TIER_RATES:
            discount = (subtotal * TIER_RATES[customer.tier]).quantize(CENT, rounding=ROUND_HALF_UP)
        priced.append(
            {
                "id": order["id"],
                "customer": customer.name if customer is not None else "guest",
                "lines": lines,
                "discount": discount,
                "total": subtotal - discount,
            }
        )
    return priced


def allocate_stock(orders: list[dict], warehouses: list[dict], distances: dict) -> tuple[list, list]:
    """Reserve every line at the nearest warehouses that have it; what is missing is back-ordered."""
    stock = {warehouse["name"]: dict(warehouse["stock"]) for warehouse in warehouses}
    reservations = []
    backorders = []
    for order in orders:
        for sku, wanted in order["lines"]:
            candidates = [w["name"] for w in warehouses if stock[w["name"]].get(sku, 0) > 0]
            candidates = sorted(candidates, key=lambda name: distances[(name, order["region"])])
            remaining = wanted
            for name in candidates:
                if remaining == 0:
                    break
                take = min(remaining, stock[name][sku])
                stock[name][sku] -= take
                remaining -= take
                reservations.append((order["id"], sku, name, take))
            if remaining > 0:
                backorders.append((order["id"], sku, remaining))
    return reservations, backorders


def monthly_totals(orders: list[dict]) -> list[dict]:
    """Number of orders, turnover and the largest order of each month; drafts and cancelled orders don't count."""
    months = defaultdict(lambda: [0, 0, 0])
    for order in orders:
        if order["status"] in ("cancelled", "draft"):
            continue
        cents = order["total_cents"]
        entry = months[order["placed"][:7]]
        entry[0] += 1
        entry[1] += cents
        if cents > entry[2]:
            entry[2] = cents
    return [
        {"month": month, "orders": count, "total_cents": total, "largest_cents": largest}
        for month, (count, total, largest) in sorted(months.items())
    ]
