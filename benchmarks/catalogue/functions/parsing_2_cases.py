"""Cases for parsing_2."""

import random
from datetime import datetime
from functools import cache

import pytest

from functions.parsing_2 import SettingsError, parse_log, parse_queries, parse_settings


@cache
def _log() -> list:
    rng = random.Random(1101)
    lines = []
    for n in range(500):
        if rng.random() < 0.15:
            lines.append(f"  File app.py, line {n}\n")
            continue
        time = f"2024-05-01 {n // 60:02}:{n % 60:02}:{rng.randrange(60):02}"
        level = rng.choice(["DEBUG", "INFO", "INFO", "WARNING", "ERROR"])
        message = f"request user={rng.randrange(99)} took={rng.random():.3f} path=/a/{n} done"
        lines.append(f"[{time}] {level} app.web: {message}\n")
    return lines


def bench_parse_log():
    return parse_log(_log(), "INFO", "2024-05-01 02:00:00")


def test_parse_log_by_hand():
    lines = ["[2024-05-01 10:00:00] ERROR app.db: lost user=7 load=0.5 host=a1\n", "  traceback\n", "\n"]
    (entry,) = parse_log(lines)
    assert entry["time"] == datetime(2024, 5, 1, 10)
    assert (entry["level"], entry["logger"]) == ("ERROR", "app.db")
    assert entry["message"] == "lost user=7 load=0.5 host=a1\n  traceback\n"
    assert entry["fields"] == {"user": 7, "load": 0.5, "host": "a1"}


def test_parse_log_filters_by_level_and_time():
    lines = [f"[2024-05-01 {hour:02}:00:00] {level} a: m" for hour, level in ((1, "INFO"), (2, "DEBUG"), (3, "FATAL"))]
    assert [e["time"].hour for e in parse_log(lines)] == [1, 3]
    assert [e["time"].hour for e in parse_log(lines, "TRACE", "2024-05-01 02:00:00")] == [2, 3]


def test_parse_log_of_nothing():
    assert parse_log([]) == []
    assert parse_log(["no entry before it"]) == []


def test_parse_log_treats_impossible_entries_as_continuations():
    lines = ["[2024-05-01 10:00:00] INFO a: x", "[2024-02-30 10:00:00] INFO a: y", "[2024-05-01 10:00:00] OOPS a: z"]
    (entry,) = parse_log(lines)
    assert entry["message"] == "\n".join(["x", *lines[1:]])


def test_parse_log_refuses_unknown_levels_when_there_is_something_to_compare():
    assert parse_log([], "LOUD") == []
    with pytest.raises(ValueError, match="LOUD"):
        parse_log(["[2024-05-01 10:00:00] INFO a: x"], "LOUD")


@cache
def _settings() -> str:
    rng = random.Random(1102)
    lines = []
    for n in range(3500):
        if n % 12 == 0:
            lines.append(f"[section {n // 12}]")
        lines.append(rng.choice([f"key{n} = {n}", f"flag{n}=yes", f"path{n} = /srv/{n}", "# note", "", f"a{n} = -1"]))
        if n % 12 > 1 and lines[-1] and lines[-1][0] != "#" and rng.random() < 0.1:
            lines.append("    and more")
    return "\n".join(lines)


def bench_parse_settings():
    return parse_settings(_settings())


def test_parse_settings_by_hand():
    text = "top = 1\n# c\n[ a ]\nx = Yes\ny= -2\nz =one\n  two\n\n[b]\n[a]\nw=3x"
    assert parse_settings(text) == {"": {"top": 1}, "a": {"x": True, "y": -2, "z": "one\ntwo", "w": "3x"}, "b": {}}


def test_parse_settings_continues_what_is_not_text():
    assert parse_settings("n = 5\n 6") == {"": {"n": "5\n6"}}


def test_parse_settings_of_nothing():
    assert parse_settings("") == {"": {}}
    assert parse_settings("a =") == {"": {"a": ""}}


def test_parse_settings_says_which_line():
    for text, message in (("\n x", "line 2: nothing"), ("[a\n", "line 1: section"), ("a=1\nb", "line 2: no = in 'b'")):
        with pytest.raises(SettingsError, match=message):
            parse_settings(text)


@cache
def _urls() -> list:
    rng = random.Random(1103)
    values = ["blue", "two+words", "caf%C3%A9", "100%25", "a%2Fb%2fc", "x" * 20]
    return [
        f"https://shop.example/list/{n}?"
        + "&".join(f"{rng.choice(['q', 'page', 'tag', 'sort%20by'])}={rng.choice(values)}" for _ in range(5))
        + rng.choice(["", "#top"])
        for n in range(350)
    ]


def bench_parse_queries():
    return parse_queries(_urls())


def test_parse_queries_by_hand():
    urls = ["/a?x=1&y=two+words;x=%C3%A9#z=3", "/b"]
    assert parse_queries(urls) == [{"x": ["1", "\u00e9"], "y": ["two words"]}, {}]


def test_parse_queries_of_nothing():
    assert parse_queries([]) == []
    assert parse_queries(["?", "?&;&", "a#b?c"]) == [{}, {}, {"c": [""]}]


def test_parse_queries_odd_escapes():
    assert parse_queries(["?a=%zz%4&b=%&=%41"]) == [{"a": ["%zz%4"], "b": ["%"], "": ["A"]}]
    assert parse_queries(["?a=%ff%E2%82"]) == [{"a": ["\ufffd\ufffd"]}]


def test_parse_queries_splits_once():
    assert parse_queries(["?a=b=c?d&e"]) == [{"a": ["b=c?d"], "e": [""]}]
