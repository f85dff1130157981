import itertools
import math

import pytest

from eventlog.events import (
    BadLine,
    Event,
    parse_line,
    parse_time,
    read_events,
    template_of,
    templates,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00", 0),
        ("2000-02-29T12:00:00Z", 951825600),
        ("2000-03-01T00:00:00", 951868800),
        ("2024-02-29T23:59:59", 1709251199),
        ("2024-03-04T09:15:02", 1709543702),
        ("2023-12-31T00:00:00", 1703980800),
        ("2100-03-01T00:00:00", 4107542400),
    ],
)
def test_parse_time(text, seconds):
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024-03-04",
        "2024-13-01T00:00:00",
        "2024-04-31T00:00:00",
        "2023-02-29T00:00:00",
        "2100-02-29T00:00:00",
        "1969-12-31T23:59:59",
    ],
)
def test_no_time(text):
    with pytest.raises(BadLine):
        parse_time(text)


def test_parse_line():
    event = parse_line("1970-01-01T00:01:00 ann view page=/shop?id=3 ms=41 note=\n")
    assert event == Event(60, "ann", "view", {"page": "/shop?id=3", "ms": "41", "note": ""})
    assert parse_line("1970-01-01T00:00:00 b.c-d log_out").fields == {}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("hello", "not an event: 'hello'"),
        ("1970-01-01T00:00:00 ann VIEW", "not an event"),
        ("1970-01-01T00:00:00 ann view page", "not an event"),
        ("soon ann view", "not a time: 'soon'"),
        ("1970-01-01T00:00:00 ann view a=1 a=2", "field a is given twice"),
    ],
)
def test_bad_lines(line, message):
    with pytest.raises(BadLine, match=message):
        parse_line(line)


def test_events_do_not_share_fields():
    one, other = parse_line("1970-01-01T00:00:00 a b"), parse_line("1970-01-01T00:00:00 a b")
    assert one == other
    one.fields["x"] = "1"
    assert other.fields == {}


def test_number():
    event = Event(0, "ann", "view", {"ms": "41.5", "page": "/"})
    assert event.number("ms") == 41.5
    assert math.isnan(event.number("page"))
    assert math.isnan(event.number("nothing"))


def test_read_events_puts_bad_lines_aside():
    bad = []
    lines = ["# log\n", "\n", "1970-01-01T00:00:01 ann view\n", "junk\n", "  \n", "more junk"]
    assert [event.at for event in read_events(lines, bad)] == [1]
    assert bad == ["junk", "more junk"]


def test_read_events_reads_no_line_early():
    read = []

    def endless():
        for number in itertools.count():
            read.append(number)
            yield f"1970-01-01T00:00:{number:02} ann view"

    stream = read_events(endless(), [])
    assert [next(stream).at, next(stream).at] == [0, 1]
    assert read == [0, 1]


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/shop/17/v2?x=1/2", "/shop/:id/:version"),
        ("/u/01234567-89ab-cdef-0123-456789abcdef", "/u/:uuid"),
        ("", ""),
        ("/", "/"),
        ("/12a/v", "/12a/v"),
    ],
)
def test_template_of(path, template):
    assert template_of(path) == template


def test_templates_in_first_seen_order():
    assert list(templates(["/b/1", "/a", "/b/2"]).items()) == [("/b/:id", 2), ("/a", 1)]
    assert templates([]) == {}
