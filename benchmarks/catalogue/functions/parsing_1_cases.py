"""Cases for parsing_1."""

import random
from functools import cache

import pytest

from functions.parsing_1 import SyntaxProblem, Token, evaluate_formulas, read_csv, tokenize

SNIPPETS = [
    "if (count >= 10) { return total / 2.5; }",
    'var name_1 = "a \\" quoted" + other; // why',
    "while (!done && i != 7) { i = i + 1; }",
    "func area(w, h) { return w * h; }",
    "list[3].next = null;",
]


@cache
def _source() -> str:
    rng = random.Random(1001)
    return "\n".join("    " * rng.randrange(3) + rng.choice(SNIPPETS) for _ in range(130))


def bench_tokenize():
    return tokenize(_source())


def test_tokenize_by_hand():
    assert tokenize('if x1 >= 2.5\n  "a b"; // no') == [
        Token("KEYWORD", "if", 1, 1),
        Token("NAME", "x1", 1, 4),
        Token("OPERATOR", ">=", 1, 7),
        Token("NUMBER", "2.5", 1, 10),
        Token("STRING", '"a b"', 2, 3),
        Token("PUNCTUATION", ";", 2, 8),
    ]


def test_tokenize_of_nothing():
    assert tokenize("") == []
    assert tokenize(" \n// only a comment") == []


def test_tokenize_says_where_it_stopped():
    with pytest.raises(SyntaxProblem, match="line 2, column 4: unexpected '@'"):
        tokenize("a\nb  @")
    with pytest.raises(SyntaxProblem, match="line 1, column 1: unexpected '\"'"):
        tokenize('"open')


def test_tokenize_longest_operator_and_keyword_inside_a_name():
    assert [t.text for t in tokenize("a==b=!c iffy")] == ["a", "==", "b", "=", "!", "c", "iffy"]
    assert tokenize("iffy")[0].type == "NAME"


@cache
def _table() -> str:
    rng = random.Random(1002)
    lines = ["id,name,city,note,amount"]
    for n in range(420):
        note = rng.choice(['"said ""no"", twice"', "plain note", "", '"two\nlines"'])
        lines.append(f"{n}, name {n} ,{rng.choice(['Oslo', 'Bergen'])},{note},{rng.randrange(9999)}")
    return "\r\n".join(lines) + "\r\n"


def bench_read_csv():
    return read_csv(_table())


def test_read_csv_by_hand():
    text = 'a,b\n1,"x, ""y"""\n 2 ," z "\n'
    assert read_csv(text) == [{"a": "1", "b": 'x, "y"'}, {"a": "2", "b": " z "}]


def test_read_csv_short_and_long_rows_and_blank_lines():
    assert read_csv("a;b\n1\n\n1;2;3\r\n", ";") == [{"a": "1", "b": None}, {"a": "1", "b": "2"}]


def test_read_csv_of_nothing():
    assert read_csv("") == []
    assert read_csv("a,b") == []
    assert read_csv("\n\n") == []


def test_read_csv_without_a_last_newline():
    assert read_csv("a,b\n1,") == [{"a": "1", "b": ""}]
    assert read_csv('a\n"x\ny"') == [{"a": "x\ny"}]


def test_read_csv_quotes_inside_a_field():
    assert read_csv('a\n5" pipe\n') == [{"a": '5" pipe'}]
    assert read_csv('a\n"x"y\n') == [{"a": "xy"}]
    with pytest.raises(SyntaxProblem, match="never closed"):
        read_csv('a\n"x')


def test_read_csv_the_first_of_two_columns_with_one_name():
    assert read_csv("a,a\n1,2") == [{"a": "1"}]


COLUMNS = {
    "net": "price * quantity * (1 - discount)",
    "tax": "net * 0.25",
    "gross": "net + tax",
    "unit": "gross / quantity",
    "score": "-(gross - 100) ^ 2 / 1000 + 3",
}


@cache
def _lines() -> list:
    rng = random.Random(1003)
    return [
        {"price": rng.randrange(1, 900) / 4, "quantity": rng.randrange(0, 30), "discount": rng.choice([0, 0.125])}
        for _ in range(200)
    ]


def bench_evaluate_formulas():
    return evaluate_formulas(COLUMNS, _lines())


def test_evaluate_formulas_precedence():
    columns = {"a": "2 + 3 * 4", "b": "(2 + 3) * 4", "c": "2 ^ 3 ^ 2", "d": "-2 ^ 2", "e": "8 / 4 / 2 - 1"}
    assert evaluate_formulas(columns, [{}]) == [{"a": 14.0, "b": 20.0, "c": 512.0, "d": -4.0, "e": 0.0}]


def test_evaluate_formulas_see_earlier_columns_and_leave_the_rows_alone():
    rows = [{"x": 2}]
    assert evaluate_formulas({"y": "x * 3", "z": "y + x"}, rows) == [{"x": 2, "y": 6.0, "z": 8.0}]
    assert rows == [{"x": 2}]


def test_evaluate_formulas_of_nothing():
    assert evaluate_formulas({}, [{"a": 1}]) == [{"a": 1}]
    assert evaluate_formulas({"a": "("}, []) == []


def test_evaluate_formulas_division_by_zero():
    assert evaluate_formulas({"a": "1 / x"}, [{"x": 0}, {"x": 4}]) == [{"x": 0, "a": None}, {"x": 4, "a": 0.25}]


def test_evaluate_formulas_refuse_what_they_cannot_read():
    for text, message in (("1 +", "unexpected end"), ("(1", "missing"), ("1 2", "unexpected 2"), ("q", "unknown q")):
        with pytest.raises(SyntaxProblem, match=message):
            evaluate_formulas({"a": text}, [{}])


def test_evaluate_formulas_evaluates_before_it_complains():
    assert evaluate_formulas({"a": "1 / 0 )"}, [{}]) == [{"a": None}]
