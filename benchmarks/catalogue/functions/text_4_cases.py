"""Cases for text_4."""

import random
from functools import cache

import pytest

from functions.text_4 import TemplateError, align_assignments, diff_lines, render_rows


@cache
def _versions() -> tuple:
    rng = random.Random(901)
    old = [f"line {rng.randrange(60)}" for _ in range(160)]
    new = list(old)
    for _ in range(18):
        place = rng.randrange(len(new))
        if rng.random() < 0.5:
            del new[place]
        else:
            new.insert(place, f"line {rng.randrange(70)}")
    return old, new


def bench_diff_lines():
    return diff_lines(*_versions())


def test_diff_lines_by_hand():
    assert diff_lines(["a", "b", "c"], ["a", "x", "c", "d"]) == [
        (" ", "a"),
        ("-", "b"),
        ("+", "x"),
        (" ", "c"),
        ("+", "d"),
    ]


def test_diff_lines_chooses_among_equals():
    assert diff_lines(["a"], ["a", "a"]) == [("+", "a"), (" ", "a")]
    assert diff_lines(["x", "y"], ["y", "x"]) == [("-", "x"), (" ", "y"), ("+", "x")]


def test_diff_lines_of_nothing():
    assert diff_lines([], []) == []
    assert diff_lines([], ["a"]) == [("+", "a")]
    assert diff_lines(["a"], []) == [("-", "a")]


def test_diff_lines_gives_back_both_sides():
    old, new = _versions()
    diff = diff_lines(old, new)
    assert [line for sign, line in diff if sign != "+"] == old
    assert [line for sign, line in diff if sign != "-"] == new


LETTER = """Dear {{ name | trim | title }},
{{! the address block }}
{{ address.street | default: (unknown) }}, {{ address.city | upper }}
you owe {{ owed | money }} since {{ dates.0 }}, last reminder {{ dates.1 | default: never }}.
{{ note }}
"""


@cache
def _rows() -> list:
    rng = random.Random(902)
    return [
        {
            "name": f"  customer {n}",
            "address": {"street": f"Road {n}", "city": "Oslo"} if n % 3 else {"city": "Bergen"},
            "owed": rng.randrange(100000) / 8,
            "dates": ["2024-01-01"] * rng.randrange(1, 3),
            "note": rng.choice([None, "Please pay."]),
        }
        for n in range(400)
    ]


def bench_render_rows():
    return render_rows(LETTER, _rows())


def test_render_rows_by_hand():
    row = {"name": " ann lee ", "address": {"city": "Oslo"}, "owed": 1234, "dates": ["May"], "note": None}
    assert render_rows(LETTER, [row]) == [
        "Dear Ann Lee,\n\n(unknown), OSLO\nyou owe 1,234.00 since May, last reminder never.\n\n"
    ]


def test_render_rows_applies_filters_in_order():
    assert render_rows("{{ a | upper | title }}-{{a|title|upper}}", [{"a": "bc"}]) == ["Bc-BC"]


def test_render_rows_of_nothing():
    assert render_rows("{{ a }}", []) == []
    assert render_rows("", [{}, {}]) == ["", ""]
    assert render_rows("}} {{ open", [{}]) == ["}} {{ open"]


def test_render_rows_does_not_fill_twice():
    assert render_rows("{{ a }}", [{"a": "{{ b }}", "b": 1}]) == ["{{ b }}"]


def test_render_rows_complains_only_when_there_is_a_row():
    assert render_rows("{{ }}", []) == []
    with pytest.raises(TemplateError, match="empty expression"):
        render_rows("{{ }}", [{}])
    with pytest.raises(TemplateError, match="no value for a.b"):
        render_rows("{{ a.b }}", [{"a": {}}])
    with pytest.raises(TemplateError, match="unknown filter shout"):
        render_rows("{{ a | shout }}", [{}])


def test_render_rows_shows_none_as_its_default():
    assert render_rows("[{{ a | default: none }}]", [{"a": None}, {"a": 0}, {}]) == ["[none]", "[0]", "[none]"]


@cache
def _source() -> str:
    rng = random.Random(903)
    lines = []
    for n in range(5000):
        kind = rng.random()
        if kind < 0.7:
            lines.append(f"{'name' + 'x' * rng.randrange(9)} = {n}" + (" # why" if rng.random() < 0.3 else ""))
        else:
            lines.append(rng.choice(["", "def f():", "if a == b:", "    return 1"]))
    return "\n".join(lines)


def bench_align_assignments():
    return align_assignments(_source())


def test_align_assignments_by_hand():
    assert align_assignments("a=1\nlong = 22 # two\nb =333#three") == "a    = 1\nlong = 22   # two\nb    = 333  # three"


def test_align_assignments_keeps_blocks_apart():
    assert align_assignments("a=1\n\nlong=2") == "a = 1\n\nlong = 2"
    assert align_assignments("a=1\nif a == 2:\nlong=2") == "a = 1\nif a == 2:\nlong = 2"


def test_align_assignments_of_nothing():
    assert align_assignments("") == ""
    assert align_assignments("\n") == "\n"
    assert align_assignments("a.b = 1") == "a.b = 1"


def test_align_assignments_twice_changes_nothing():
    once = align_assignments(_source())
    assert align_assignments(once) == once
