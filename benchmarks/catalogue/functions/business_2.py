"""Receivables: matching payments to invoices, the ageing report, credit notes."""

import re
from datetime import datetime

__all__ = ["ageing_report", "apply_credit_notes", "match_payments"]

DATE_FORMAT = "%Y-%m-%d"
TOLERANCE_CENTS = 5


def _clean_reference(reference):
    return re.sub(r"[^A-Z0-9]", "", reference.upper())


def match_payments(invoices, payments):
    """Match each payment to one open invoice.

    A payment whose text contains the invoice number wins, then one of (nearly) the same amount by the same payer.
    Returns the pairs and the ids of the payments nobody could place.
    """
    matched = []
    unmatched = []
    used = []
    for payment in payments:
        found = None
        for invoice in invoices:
            if invoice["number"] in used:
                continue
            if _clean_reference(invoice["number"]) in _clean_reference(payment["text"]):
                found = invoice
                break
        if found is None:
            for invoice in invoices:
                if invoice["number"] in used:
                    continue
                same_payer = invoice["payer"].strip().lower() == payment["payer"].strip().lower()
                if same_payer and abs(invoice["cents"] - payment["cents"]) <= TOLERANCE_CENTS:
                    found = invoice
                    break
        if found is None:
            unmatched.append(payment["id"])
        else:
            used.append(found["number"])
            matched.append((payment["id"], found["number"], payment["cents"] - found["cents"]))
    return matched, unmatched


def _days_overdue(invoice, as_of):
    due = datetime.strptime(invoice["due"], DATE_FORMAT)
    today = datetime.strptime(as_of, DATE_FORMAT)
    return (today - due).days


def _in_bucket(invoice, as_of, low, high):
    days = _days_overdue(invoice, as_of)
    if high is None:
        return days >= low
    return low <= days < high


def ageing_report(invoices, as_of, limits=(0, 30, 60, 90)):
    """Open cents per customer and age bucket, customers with the largest debt first."""
    bounds = list(zip(limits, limits[1:])) + [(limits[-1], None)]
    customers = []
    for invoice in invoices:
        if invoice["customer"] not in customers:
            customers.append(invoice["customer"])
    report = []
    for customer in customers:
        own = [i for i in invoices if i["customer"] == customer and i["open_cents"] > 0]
        row = {"customer": customer, "not_due": 0}
        row["not_due"] = sum(i["open_cents"] for i in own if _days_overdue(i, as_of) < limits[0])
        for low, high in bounds:
            label = f"{low}+" if high is None else f"{low}-{high - 1}"
            row[label] = sum(i["open_cents"] for i in own if _in_bucket(i, as_of, low, high))
        row["total"] = sum(i["open_cents"] for i in own)
        if row["total"] > 0:
            report.append(row)
    return sorted(report, key=lambda row: (-row["total"], row["customer"]))


def apply_credit_notes(invoices, credits):
    """Use up each customer's credit on the oldest invoices first; returns what stays open and what credit is left."""
    left = {}
    for customer, cents in credits:
        if cents < 0:
            raise ValueError(f"negative credit for {customer}")
        left[customer] = left.get(customer, 0) + cents
    still_open = []
    for invoice in sorted(invoices, key=lambda invoice: invoice["date"]):
        credit = left.get(invoice["customer"], 0)
        cents = invoice["cents"]
        if credit:
            used = credit if credit < cents else cents
            left[invoice["customer"]] = credit - used
            cents -= used
        if cents:
            still_open.append((invoice["number"], cents))
    return still_open, {customer: cents for customer, cents in left.items() if cents}
