"""Cases for simulation_2."""

import random
from functools import cache

import pytest

from functions.simulation_2 import heat_plate, move_particles, replay_ledger


@cache
def _states() -> list:
    rng = random.Random(1801)
    return [(rng.uniform(0.5, 2), *(rng.uniform(-1, 1) for _ in range(4))) for _ in range(14)]


def bench_move_particles():
    return move_particles(_states(), 15)


def test_move_particles_alone_go_straight():
    states, energy = move_particles([(2.0, 0.0, 0.0, 1.0, -2.0)], 4, dt=0.5)
    assert states == [(2.0, 2.0, -4.0, 1.0, -2.0)]
    assert energy == pytest.approx(5.0)


def test_move_particles_two_at_rest_attract_each_other():
    states, energy = move_particles([(1.0, -1.0, 0.0, 0.0, 0.0), (1.0, 1.0, 0.0, 0.0, 0.0)], 1, dt=1.0)
    assert states == [(1.0, -0.75, 0.0, 0.25, 0.0), (1.0, 0.75, 0.0, -0.25, 0.0)]
    assert energy == pytest.approx(0.0625 - 1 / 1.5)


def test_move_particles_in_one_place():
    states, energy = move_particles([(1.0, 0.0, 0.0, 0.0, 0.0)] * 2, 3, softening=0.5)
    assert states == [(1.0, 0.0, 0.0, 0.0, 0.0)] * 2
    assert energy == -2.0


def test_move_particles_of_nothing():
    assert move_particles([], 5) == ([], 0.0)
    assert move_particles([(1.0, 2.0, 3.0, 0.0, 0.0)], 0) == ([(1.0, 2.0, 3.0, 0.0, 0.0)], 0.0)


def test_move_particles_keeps_the_momentum():
    before = _states()
    after, _ = move_particles(before, 10)
    for axis in (3, 4):
        assert sum(s[0] * s[axis] for s in after) == pytest.approx(sum(s[0] * s[axis] for s in before))


@cache
def _plate() -> tuple:
    rng = random.Random(1802)
    plate = [[rng.uniform(10, 30) for _ in range(26)] for _ in range(22)]
    return plate, {(5, 5): 90.0, (15, 20): 2.0, (6, 5): 90.0}


def bench_heat_plate():
    return heat_plate(*_plate(), 14)


def test_heat_plate_one_cell_cools():
    assert heat_plate([[30.0]], {}, 1, rate=0.125, outside=20.0) == ([[25.0]], 1)


def test_heat_plate_a_source_stays_and_warms_its_neighbour():
    plate, steps = heat_plate([[0.0, 0.0]], {(0, 0): 8.0}, 1, rate=0.25, outside=0.0)
    assert plate == [[8.0, 2.0]]
    assert steps == 1


def test_heat_plate_stops_when_nothing_changes():
    assert heat_plate([[20.0, 20.0]], {}, 50) == ([[20.0, 20.0]], 1)


def test_heat_plate_of_nothing_and_no_steps():
    assert heat_plate([], {}, 3) == ([], 1)
    original = [[1.0]]
    assert heat_plate(original, {(0, 0): 5.0}, 0) == ([[5.0]], 0)
    assert original == [[1.0]]


def test_heat_plate_with_rows_of_different_length():
    plate, _ = heat_plate([[4.0, 4.0], [4.0]], {}, 1, rate=0.25, outside=0.0)
    assert plate == [[2.0, 1.0], [1.0]]


def test_heat_plate_refuses_a_source_outside():
    with pytest.raises(IndexError):
        heat_plate([[1.0]], {(3, 0): 5.0}, 1)


@cache
def _bookings() -> tuple:
    rng = random.Random(1803)
    names = [f"acc{n}" for n in range(300)]
    opening = {name: (rng.randrange(0, 90000), rng.choice([0, 5000])) for name in names}
    bookings = [
        (rng.choice([None, *names[:30], *names]), rng.choice([None, "gone", *names]), rng.randrange(1, 3000))
        for _ in range(9000)
    ]
    return opening, bookings


def bench_replay_ledger():
    return replay_ledger(*_bookings())


def test_replay_ledger_by_hand():
    opening = {"a": (100, 50), "b": (0, 0)}
    bookings = [("a", "b", 150), ("a", "b", 1), ("b", None, 20), (None, "a", 5)]
    assert replay_ledger(opening, bookings) == ({"a": -45, "b": 130}, [(1, "not covered")])


def test_replay_ledger_freezes_after_two_refusals_in_a_row():
    bookings = [("a", None, 9), ("a", None, 9), (None, "a", 50), ("a", None, 1)]
    assert replay_ledger({"a": (0, 0)}, bookings) == (
        {"a": 50},
        [(0, "not covered"), (1, "not covered"), (3, "frozen")],
    )


def test_replay_ledger_a_success_between_refusals():
    bookings = [("a", None, 9), ("a", None, 1), ("a", "zz", 1), ("a", None, 1)]
    assert replay_ledger({"a": (2, 0)}, bookings) == ({"a": 0}, [(0, "not covered"), (2, "no such account")])


def test_replay_ledger_of_nothing():
    assert replay_ledger({}, []) == ({}, [])
    assert replay_ledger({"a": (1, 1)}, [(None, None, 5)]) == ({"a": 1}, [])


def test_replay_ledger_refuses_an_unknown_source():
    with pytest.raises(KeyError):
        replay_ledger({}, [("x", None, 5)])
