"""Commission, stock valuation and re-order proposals."""

import statistics
from collections import deque
from dataclasses import dataclass

__all__ = ["commission_statement", "fifo_valuation", "reorder_proposals"]

TIERS = [(0, 2), (50_000, 4), (200_000, 6), (1_000_000, 8)]
SAFETY_FACTOR = 1.65


def _rate(turnover):
    rate = 0
    for threshold, percent in sorted(TIERS):
        if turnover >= threshold:
            rate = percent
    return rate


def commission_statement(deals):
    """One line per deal: the rate depends on what the seller had sold in that year before this deal.

    A cancelled deal earns nothing and doesn't count; a deal shared by several sellers is split evenly, rounded down.
    """
    statement = []
    for position, deal in enumerate(deals):
        if deal["cancelled"]:
            continue
        share = deal["cents"] // len(deal["sellers"])
        for seller in deal["sellers"]:
            earlier = [d for d in deals[:position] if seller in d["sellers"] and not d["cancelled"]]
            turnover = 0
            for other in earlier:
                if other["date"][:4] == deal["date"][:4]:
                    turnover += other["cents"] // len(other["sellers"])
            percent = _rate(turnover)
            statement.append(
                {
                    "deal": deal["id"],
                    "seller": seller,
                    "turnover_before": turnover,
                    "percent": percent,
                    "commission": share * percent // 100,
                }
            )
    return statement


class OutOfStockError(Exception):
    """More was taken out than there was."""


@dataclass
class Layer:
    quantity: int
    unit_cents: int


def fifo_valuation(movements):
    """Cost of goods sold per article and the value of what is left, first in, first out."""
    layers = {}
    cost = {}
    for article, kind, quantity, unit_cents in movements:
        if article not in layers:
            layers[article] = deque()
            cost[article] = 0
        queue = layers[article]
        if kind == "in":
            if queue and queue[-1].unit_cents == unit_cents:
                queue[-1].quantity += quantity
            else:
                queue.append(Layer(quantity, unit_cents))
            continue
        while quantity > 0:
            if not queue:
                raise OutOfStockError(article)
            layer = queue[0]
            if layer.quantity > quantity:
                layer.quantity -= quantity
                cost[article] += quantity * layer.unit_cents
                quantity = 0
            else:
                cost[article] += layer.quantity * layer.unit_cents
                quantity -= layer.quantity
                queue.popleft()
    value = {article: sum(layer.quantity * layer.unit_cents for layer in queue) for article, queue in layers.items()}
    return cost, value


def _daily_demand(history, sku, first_day, last_day):
    demand = []
    for day in range(first_day, last_day + 1):
        demand.append(sum(entry["quantity"] for entry in history if entry["sku"] == sku and entry["day"] == day))
    return demand


def reorder_proposals(stock, history, today, days=14):
    """Articles that would run out within their lead time, most urgent first: (days left, sku, quantity to order)."""
    proposals = []
    for article in stock:
        demand = _daily_demand(history, article["sku"], today - days, today - 1)
        mean = statistics.mean(demand)
        if mean == 0:
            continue
        reserve = SAFETY_FACTOR * statistics.pstdev(demand)
        needed = mean * article["lead_days"] + reserve
        if article["on_hand"] + article["on_order"] >= needed:
            continue
        quantity = max(article["minimum"], round(needed * 2 - article["on_hand"] - article["on_order"]))
        proposals.append((round(article["on_hand"] / mean, 1), article["sku"], quantity))
    proposals.sort()
    return proposals
