"""Cases for simulation_1."""

import random
from functools import cache

import pytest

from functions.simulation_1 import run_elevator, simulate_counter, spread_infection


@cache
def _customers() -> list:
    rng = random.Random(1701)
    time = 0
    customers = []
    for _ in range(420):
        time += rng.randrange(0, 4)
        customers.append((time, rng.randrange(1, 14)))
    return customers


def bench_simulate_counter():
    return simulate_counter(_customers(), 5, 25)


def test_simulate_counter_by_hand():
    waits, longest, worked = simulate_counter([(0, 5), (1, 5), (2, 1), (20, 2)], 1)
    assert waits == [0, 4, 8, 0]
    assert longest == 1
    assert worked == [13]


def test_simulate_counter_with_two_clerks():
    assert simulate_counter([(0, 5), (0, 3), (1, 4)], 2) == ([0, 0, 2], 0, [5, 7])


def test_simulate_counter_impatient_customers_leave():
    assert simulate_counter([(0, 9), (1, 9), (8, 1)], 1, patience=3) == ([0, None, 1], 0, [10])


def test_simulate_counter_of_nobody():
    assert simulate_counter([], 2) == ([], 0, [0, 0])
    assert simulate_counter([], 0) == ([], 0, [])


def test_simulate_counter_needs_a_clerk():
    with pytest.raises(IndexError):
        simulate_counter([(0, 1)], 0)


@cache
def _contacts() -> list:
    rng = random.Random(1702)
    return [rng.sample(range(160), 6) for _ in range(160)]


def bench_spread_infection():
    return spread_infection(_contacts(), [3, 77], 30, chance=0.12, seed=5)


def test_spread_infection_that_is_certain():
    contacts = [[1], [2], []]
    assert spread_infection(contacts, [0], 9, chance=1.0, sick_days=2) == [
        {"healthy": 1, "sick": 2, "immune": 0},
        {"healthy": 0, "sick": 2, "immune": 1},
        {"healthy": 0, "sick": 1, "immune": 2},
        {"healthy": 0, "sick": 0, "immune": 3},
    ]


def test_spread_infection_that_does_not_spread():
    assert spread_infection([[1], [0]], [0], 5, chance=0.0, sick_days=1) == [{"healthy": 1, "sick": 0, "immune": 1}]


def test_spread_infection_of_nobody():
    assert spread_infection([], [], 5) == [{"healthy": 0, "sick": 0, "immune": 0}]
    assert spread_infection([[]], [0], 0) == []


def test_spread_infection_depends_on_the_seed_only():
    first = spread_infection(_contacts(), [3], 20, seed=1)
    assert first == spread_infection(_contacts(), [3], 20, seed=1)
    assert all(sum(day.values()) == 160 for day in first)


def test_spread_infection_refuses_unknown_people():
    with pytest.raises(AttributeError):
        spread_infection([[]], [7], 1)


@cache
def _calls() -> list:
    rng = random.Random(1703)
    return [(rng.randrange(4000), rng.randrange(20), rng.randrange(20)) for _ in range(500)]


def bench_run_elevator():
    return run_elevator(_calls(), 20)


def test_run_elevator_by_hand():
    assert run_elevator([(0, 2, 0)], 4) == [4]
    assert run_elevator([(0, 0, 3), (1, 1, 2)], 4) == [3, 2]


def test_run_elevator_going_nowhere():
    assert run_elevator([(0, 0, 0)], 1) == [0]
    assert run_elevator([], 3) == []


def test_run_elevator_with_little_room():
    assert run_elevator([(0, 0, 1), (0, 0, 1)], 2, capacity=1) == [1, 3]
    assert run_elevator([(0, 0, 0), (0, 0, 0), (0, 0, 1)], 2, capacity=1) == [0, 0, 1]


def test_run_elevator_refuses_unknown_floors_and_no_room():
    with pytest.raises(ValueError, match="nobody fits in"):
        run_elevator([(0, 0, 1)], 2, capacity=0)
    with pytest.raises(ValueError, match="call 1"):
        run_elevator([(0, 0, 1), (0, 0, 5)], 2)


def test_run_elevator_serves_everybody():
    arrived = run_elevator(_calls(), 20)
    assert all(step >= call[0] + abs(call[1] - call[2]) for step, call in zip(arrived, _calls(), strict=True))
