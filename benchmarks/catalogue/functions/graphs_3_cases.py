"""Cases for graphs_3."""

import random
from functools import cache

import pytest

from functions.graphs_3 import Leg, Place, assign_depots, count_itineraries, haversine, improve_tour, tour_length


@cache
def _map() -> tuple:
    rng = random.Random(1501)
    stops = [Place(f"s{n}", rng.uniform(58, 62), rng.uniform(5, 12)) for n in range(260)]
    depots = [Place(f"d{n}", rng.uniform(58, 62), rng.uniform(5, 12)) for n in range(16)]
    return stops, depots, 15


def bench_assign_depots():
    return assign_depots(*_map())


def test_assign_depots_nearest_with_room():
    depots = [Place("east", 60.0, 10.0), Place("west", 60.0, 5.0)]
    stops = [Place("a", 60.0, 9.0), Place("b", 60.0, 8.0), Place("c", 60.0, 5.0)]
    assigned, left_over = assign_depots(stops, depots, 1)
    assert {name: [stop for stop, _ in own] for name, own in assigned.items()} == {"east": ["a"], "west": ["b"]}
    assert left_over == [("c", 0.0)]


def test_assign_depots_distances():
    assert haversine(Place("", 0.0, 0.0), Place("", 0.0, 90.0)) == pytest.approx(10007.543, abs=0.001)
    assigned, _ = assign_depots([Place("a", 0.0, 0.0)], [Place("d", 0.0, 1.0)], 1)
    assert assigned == {"d": [("a", 111.2)]}


def test_assign_depots_ties_by_the_order_given():
    depots = [Place("one", 1.0, 0.0), Place("two", -1.0, 0.0)]
    assigned, _ = assign_depots([Place("a", 0.0, 0.0)], depots, 5)
    assert [stop for stop, _ in assigned["one"]] == ["a"]


def test_assign_depots_of_nothing():
    assert assign_depots([], [], 3) == ({}, [])
    assert assign_depots([Place("a", 0.0, 0.0)], [], 3) == ({}, [("a", None)])


@cache
def _points() -> list:
    rng = random.Random(1502)
    return [(rng.uniform(0, 100), rng.uniform(0, 100)) for _ in range(17)]


def bench_improve_tour():
    return improve_tour(_points(), list(range(17)), 3)


def test_improve_tour_uncrosses_a_square():
    points = [(0, 0), (1, 1), (1, 0), (0, 1)]
    tour, length = improve_tour(points, [0, 1, 2, 3])
    assert length == pytest.approx(4.0)
    assert tour[0] == 0
    assert sorted(tour) == [0, 1, 2, 3]


def test_improve_tour_leaves_a_good_tour_alone():
    points = [(0, 0), (1, 0), (1, 1), (0, 1)]
    assert improve_tour(points, [0, 1, 2, 3]) == ([0, 1, 2, 3], 4.0)


def test_improve_tour_of_few():
    assert improve_tour([], []) == ([], 0.0)
    assert improve_tour([(1, 1)], [0]) == ([0], 0.0)
    assert improve_tour([(0, 0), (3, 4)], [1, 0]) == ([1, 0], 10.0)


def test_improve_tour_does_not_change_its_input_and_never_gets_longer():
    points = _points()
    tour = list(range(17))
    better, length = improve_tour(points, tour)
    assert tour == list(range(17))
    assert length <= tour_length(points, tour)
    assert length == tour_length(points, better)


@cache
def _legs() -> list:
    rng = random.Random(1503)
    legs = []
    for _ in range(100):
        departs = rng.randrange(0, 700)
        origin, target = rng.sample(["A", "B", "C", "D", "E", "F"], 2)
        legs.append(Leg(origin, target, departs, departs + rng.randrange(10, 60)))
    return legs


def bench_count_itineraries():
    return count_itineraries(_legs(), "A", "F", max_legs=6)


def test_count_itineraries_by_hand():
    legs = [Leg("A", "B", 0, 10), Leg("B", "C", 15, 20), Leg("B", "C", 14, 20), Leg("A", "C", 3, 9)]
    assert count_itineraries(legs, "A", "C") == 2
    assert count_itineraries(legs, "A", "C", min_change=0) == 3
    assert count_itineraries(legs, "A", "C", departs=1) == 1


def test_count_itineraries_limits_the_legs():
    legs = [Leg("A", "B", 0, 10), Leg("B", "C", 15, 20)]
    assert count_itineraries(legs, "A", "C", max_legs=1) == 0
    assert count_itineraries(legs, "A", "C", max_legs=2) == 1


def test_count_itineraries_of_nothing():
    assert count_itineraries([], "A", "B") == 0
    assert count_itineraries([], "A", "A") == 1


def test_count_itineraries_refuses_to_travel_back_in_time():
    with pytest.raises(ValueError, match="A-B arrives before"):
        count_itineraries([Leg("A", "B", 10, 10)], "A", "B")
