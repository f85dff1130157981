"""Cases for business_2."""

import random
from functools import cache

import pytest

from functions.business_2 import ageing_report, apply_credit_notes, match_payments


@cache
def _ledger() -> tuple:
    rng = random.Random(201)
    invoices = [
        {"number": f"INV-{n:04}", "payer": f"Firm {rng.randrange(40)} ", "cents": rng.randrange(1000, 90000)}
        for n in range(110)
    ]
    payments = []
    for n in range(100):
        invoice = rng.choice(invoices)
        by_text = rng.random() < 0.6
        text = f"payment of {invoice['number'].lower().replace('-', ' ')}" if by_text else "thank you"
        cents = invoice["cents"] + rng.choice([0, 0, 1, -3, 400])
        payments.append({"id": n, "text": text, "payer": invoice["payer"].upper(), "cents": cents})
    return invoices, payments


def bench_match_payments():
    return match_payments(*_ledger())


def test_match_payments_by_reference_before_amount():
    invoices = [{"number": "A-1", "payer": "X", "cents": 100}, {"number": "A-2", "payer": "X", "cents": 999}]
    payments = [{"id": 1, "text": "inv a 2", "payer": "x", "cents": 100}]
    assert match_payments(invoices, payments) == ([(1, "A-2", -899)], [])


def test_match_payments_by_payer_and_nearly_the_amount():
    invoices = [{"number": "A-1", "payer": " X ", "cents": 100}, {"number": "A-2", "payer": "Y", "cents": 100}]
    payments = [
        {"id": 1, "text": "", "payer": "y", "cents": 105},
        {"id": 2, "text": "", "payer": "x", "cents": 94},
        {"id": 3, "text": "", "payer": "x", "cents": 95},
    ]
    assert match_payments(invoices, payments) == ([(1, "A-2", 5), (3, "A-1", -5)], [2])


def test_match_payments_uses_an_invoice_once():
    invoices = [{"number": "A-1", "payer": "X", "cents": 100}]
    payments = [{"id": n, "text": "A1", "payer": "X", "cents": 100} for n in (1, 2)]
    assert match_payments(invoices, payments) == ([(1, "A-1", 0)], [2])


def test_match_payments_takes_the_first_invoice_whose_number_is_inside_the_text():
    invoices = [{"number": "A-1", "payer": "X", "cents": 1}, {"number": "A-12", "payer": "X", "cents": 2}]
    assert match_payments(invoices, [{"id": 1, "text": "A-12", "payer": "", "cents": 2}]) == ([(1, "A-1", 1)], [])


def test_match_payments_of_nothing():
    assert match_payments([], []) == ([], [])
    assert match_payments([], [{"id": 5, "text": "", "payer": "", "cents": 0}]) == ([], [5])


@cache
def _receivables() -> list:
    rng = random.Random(202)
    return [
        {
            "customer": f"C{rng.randrange(30):02}",
            "due": f"2024-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
            "open_cents": rng.choice([0, rng.randrange(1, 99999)]),
        }
        for _ in range(260)
    ]


def bench_ageing_report():
    return ageing_report(_receivables(), "2024-07-01")


def test_ageing_report_by_hand():
    invoices = [
        {"customer": "B", "due": "2024-03-01", "open_cents": 10},
        {"customer": "A", "due": "2024-03-31", "open_cents": 20},
        {"customer": "A", "due": "2024-04-02", "open_cents": 30},
        {"customer": "A", "due": "2023-01-01", "open_cents": 1},
    ]
    assert ageing_report(invoices, "2024-04-01") == [
        {"customer": "A", "not_due": 30, "0-29": 20, "30-59": 0, "60-89": 0, "90+": 1, "total": 51},
        {"customer": "B", "not_due": 0, "0-29": 0, "30-59": 10, "60-89": 0, "90+": 0, "total": 10},
    ]


def test_ageing_report_leaves_out_who_owes_nothing():
    assert ageing_report([{"customer": "A", "due": "2024-01-01", "open_cents": 0}], "2024-04-01") == []
    assert ageing_report([], "2024-04-01") == []


def test_ageing_report_sorts_equal_debts_by_name_and_takes_other_limits():
    invoices = [{"customer": name, "due": "2024-1-5", "open_cents": 7} for name in ("B", "A")]
    report = ageing_report(invoices, "2024-1-12", limits=(0, 7))
    assert [(row["customer"], row["0-6"], row["7+"]) for row in report] == [("A", 0, 7), ("B", 0, 7)]


def test_ageing_report_refuses_a_bad_date():
    with pytest.raises(ValueError, match="does not match format"):
        ageing_report([{"customer": "A", "due": "01.02.2024", "open_cents": 5}], "2024-04-01")


def test_ageing_report_does_not_read_the_date_of_a_paid_invoice():
    assert ageing_report([{"customer": "A", "due": "unknown", "open_cents": 0}], "2024-04-01") == []


@cache
def _credit() -> tuple:
    rng = random.Random(203)
    invoices = [
        {
            "number": n,
            "customer": f"C{rng.randrange(300)}",
            "date": f"2024-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
            "cents": rng.randrange(0, 5000),
        }
        for n in range(16000)
    ]
    credits = [(f"C{rng.randrange(320)}", rng.randrange(0, 40000)) for _ in range(900)]
    return invoices, credits


def bench_apply_credit_notes():
    return apply_credit_notes(*_credit())


def test_apply_credit_notes_oldest_first():
    invoices = [
        {"number": 2, "customer": "A", "date": "2024-02-01", "cents": 50},
        {"number": 1, "customer": "A", "date": "2024-01-01", "cents": 70},
        {"number": 3, "customer": "B", "date": "2024-01-15", "cents": 5},
    ]
    assert apply_credit_notes(invoices, [("A", 60), ("A", 30)]) == ([(3, 5), (2, 30)], {})


def test_apply_credit_notes_keeps_what_is_left():
    invoices = [{"number": 1, "customer": "A", "date": "2024-01-01", "cents": 10}]
    assert apply_credit_notes(invoices, [("A", 15), ("Z", 1), ("Y", 0)]) == ([], {"A": 5, "Z": 1})


def test_apply_credit_notes_of_nothing():
    assert apply_credit_notes([], []) == ([], {})


def test_apply_credit_notes_refuses_a_negative_credit():
    with pytest.raises(ValueError, match="negative credit for A"):
        apply_credit_notes([], [("A", -1)])
