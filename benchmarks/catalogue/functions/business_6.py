"""Shared expenses, price brackets, a loan."""

import heapq
from bisect import bisect_right
from decimal import ROUND_HALF_EVEN, Decimal

__all__ = ["price_shipments", "repay_loan", "settle_expenses"]


def settle_expenses(expenses):
    """Who pays whom how many cents so that everybody is even: (from, to, cents), the largest debts first.

    An expense is (payer, cents, people it is for); what doesn't divide evenly is paid by the first of them.
    """
    balance = {}
    for payer, cents, people in expenses:
        if not people:
            raise ValueError(f"an expense of {payer} is for nobody")
        share, rest = divmod(cents, len(people))
        balance[payer] = balance.get(payer, 0) + cents
        for person in people:
            balance[person] = balance.get(person, 0) - share
        balance[people[0]] -= rest
    creditors = [(-cents, name) for name, cents in balance.items() if cents > 0]
    debtors = [(cents, name) for name, cents in balance.items() if cents < 0]
    heapq.heapify(creditors)
    heapq.heapify(debtors)
    payments = []
    while creditors:
        credit, creditor = heapq.heappop(creditors)
        debt, debtor = heapq.heappop(debtors)
        cents = min(-credit, -debt)
        payments.append((debtor, creditor, cents))
        if -credit > cents:
            heapq.heappush(creditors, (credit + cents, creditor))
        if -debt > cents:
            heapq.heappush(debtors, (debt + cents, debtor))
    return payments


def price_shipments(shipments, tariff):
    """Price of each (zone, grams); a tariff has rising upper limits and their prices per zone. None is too heavy."""
    tables = {}
    for zone, steps in tariff.items():
        limits = [limit for limit, _ in steps]
        if limits != sorted(set(limits)):
            raise ValueError(f"limits of {zone} do not rise")
        tables[zone] = limits, [price for _, price in steps]
    prices = []
    for zone, grams in shipments:
        limits, amounts = tables[zone]
        place = bisect_right(limits, grams - 1)
        prices.append(amounts[place] if place < len(amounts) else None)
    return prices


CENT = Decimal("0.01")


def repay_loan(amount, yearly_percent, payment, extra=None):
    """Repayment plan: (month, interest, principal, what is left); `extra` are additional payments by month.

    Interest is rounded to the cent each month, so the plan can only be made one month after the other.
    """
    extra = extra or {}
    rate = Decimal(yearly_percent) / 1200
    left = Decimal(amount)
    payment = Decimal(payment)
    plan = []
    while left > 0:
        month = len(plan) + 1
        interest = (left * rate).quantize(CENT, rounding=ROUND_HALF_EVEN)
        principal = payment - interest + Decimal(extra.get(month, 0))
        if principal <= 0:
            raise ValueError(f"the payment does not cover the interest of month {month}")
        principal = min(principal, left)
        left -= principal
        plan.append((month, interest, principal, left))
    return plan
