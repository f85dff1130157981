import pytest

from routes.timetable import (
    add_minutes,
    arrival_offsets,
    busiest_minute,
    clock_to_minutes,
    clockface_headways,
    departures,
    first_departure,
    join_calls,
    minutes_to_clock,
    trip_names,
)

CALLS = [
    {"trip": "T2", "stop": "S1", "at": "9:05"},
    {"trip": "T1", "stop": "S1", "at": "09:00"},
    {"trip": "T1", "stop": "S2", "at": "09:10"},
    {"trip": "T9", "stop": "S1", "at": "25:10"},
]


@pytest.mark.parametrize(("clock", "minutes"), [("00:00", 0), ("8:05", 485), ("25:10", 1510)])
def test_clock(clock, minutes):
    assert clock_to_minutes(clock) == minutes


@pytest.mark.parametrize("clock", ["", "8", "8:5", "8:60", "108:00", " 8:00", "8:00\n"])
def test_not_a_clock(clock):
    with pytest.raises(ValueError, match="not a clock time"):
        clock_to_minutes(clock)


def test_minutes_to_clock_goes_past_midnight():
    assert minutes_to_clock(1510) == "25:10"
    assert add_minutes("23:50", 15) == "24:05"


def test_join_calls_gives_a_row_for_every_match():
    stops = [
        {"id": "S1", "name": "Abbey", "zone": "A"},
        {"id": "S1", "name": "Abbey North", "zone": "B"},
        {"id": "S3", "name": "Zoo", "zone": "A"},
    ]
    rows = join_calls(CALLS[1:3], stops)
    assert rows == [
        {"trip": "T1", "stop": "S1", "at": "09:00", "name": "Abbey", "zone": "A"},
        {"trip": "T1", "stop": "S1", "at": "09:00", "name": "Abbey North", "zone": "B"},
    ]
    assert "name" not in CALLS[1]
    assert join_calls([], stops) == join_calls(CALLS, []) == []


def test_join_calls_looks_at_stops_only_for_calls():
    assert join_calls([], [{"broken": 1}]) == []
    with pytest.raises(KeyError):
        join_calls(CALLS, [{"broken": 1}])


def test_trip_names_take_the_first_trip():
    trips = [{"id": "T1", "headsign": "Zoo"}, {"id": "T1", "headsign": "Mill"}]
    assert trip_names(CALLS, trips) == ["?", "Zoo", "Zoo", "?"]
    assert trip_names(CALLS, []) == ["?"] * 4


def test_trip_names_read_no_trip_behind_the_first_match():
    trips = [{"id": "T1", "headsign": "Zoo"}, {"headsign": "no id"}]
    assert trip_names(CALLS[1:3], trips) == ["Zoo", "Zoo"]
    with pytest.raises(KeyError):
        trip_names(CALLS, trips)


def test_departures_sorted_by_time_not_by_text():
    assert departures(CALLS, "S1", "09:00") == [
        ("09:00", "T1"),
        ("09:05", "T2"),
        ("25:10", "T9"),
    ]
    assert departures(CALLS, "S1", "9:06") == [("25:10", "T9")]
    assert departures([], "S1", "9:00") == []


def test_departures_check_the_time_only_where_something_leaves():
    assert departures(CALLS, "S7", "whenever") == []
    with pytest.raises(ValueError, match="whenever"):
        departures(CALLS, "S1", "whenever")


def test_first_departure():
    assert first_departure(CALLS, "S1") == "09:00"
    assert first_departure(CALLS, "S7") is None


def test_arrival_offsets():
    assert arrival_offsets([4, 3, 12], 1) == [4, 8, 21]
    assert arrival_offsets([], 1) == []


def test_clockface_headways():
    assert clockface_headways(60) == [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60]
    assert clockface_headways(36) == [1, 2, 3, 4, 6, 9, 12, 18, 36]
    assert clockface_headways(1) == [1]
    assert clockface_headways(0) == clockface_headways(-4) == []


def test_busiest_minute():
    assert busiest_minute([5, 3, 5, 9, 3]) == (3, 2)
    with pytest.raises(ValueError, match="no departures"):
        busiest_minute([])
