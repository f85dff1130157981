"""Cases for graphs_1."""

import random
from functools import cache

import pytest

from functions.graphs_1 import Road, connected_groups, distances_from, shortest_route


@cache
def _roads() -> list:
    rng = random.Random(1301)
    roads = [Road(f"p{n}", f"p{n + 1}", rng.randrange(1, 30)) for n in range(79)]
    roads += [
        Road(f"p{rng.randrange(80)}", f"p{rng.randrange(80)}", rng.randrange(5, 90), rng.random() < 0.3)
        for _ in range(120)
    ]
    return roads


def bench_shortest_route():
    return shortest_route(_roads(), "p0", "p79")


def test_shortest_route_by_hand():
    roads = [Road("a", "b", 4), Road("b", "c", 4), Road("a", "c", 10), Road("c", "d", 1, True)]
    assert shortest_route(roads, "a", "d") == (9, ["a", "b", "c", "d"])
    assert shortest_route(roads, "d", "a") is None


def test_shortest_route_keeps_the_first_of_equal_routes():
    roads = [Road("s", "b", 1), Road("s", "a", 1), Road("a", "g", 1), Road("b", "g", 1)]
    assert shortest_route(roads, "s", "g") == (2, ["s", "b", "g"])


def test_shortest_route_to_itself():
    assert shortest_route([Road("a", "b", 3)], "a", "a") == (0, ["a"])


def test_shortest_route_with_parallel_roads_and_a_loop():
    roads = [Road("a", "a", 1), Road("a", "b", 9), Road("b", "a", 2)]
    assert shortest_route(roads, "a", "b") == (2, ["a", "b"])


def test_shortest_route_needs_known_places():
    with pytest.raises(KeyError, match="x"):
        shortest_route([Road("a", "b", 3)], "a", "x")
    with pytest.raises(KeyError, match="y"):
        shortest_route([], "y", "x")


@cache
def _islands() -> tuple:
    rng = random.Random(1302)
    places = [f"p{n}" for n in range(260)]
    return places, [Road(f"p{rng.randrange(262)}", f"p{rng.randrange(260)}", 1) for _ in range(190)]


def bench_connected_groups():
    return connected_groups(*_islands())


def test_connected_groups_by_hand():
    roads = [Road("a", "b", 1), Road("d", "c", 1, True), Road("b", "e", 1)]
    assert connected_groups(["e", "d", "c", "b", "a", "f"], roads) == [["a", "b", "e"], ["c", "d"], ["f"]]


def test_connected_groups_ignores_unknown_places():
    assert connected_groups(["a", "b"], [Road("a", "x", 1), Road("x", "b", 1)]) == [["a"], ["b"]]


def test_connected_groups_of_nothing():
    assert connected_groups([], []) == []
    assert connected_groups(["a"], [Road("a", "a", 1)]) == [["a"]]


def test_connected_groups_cover_every_place_once():
    places, roads = _islands()
    groups = connected_groups(places, roads)
    assert sorted(place for group in groups for place in group) == sorted(places)
    assert [len(group) for group in groups] == sorted([len(group) for group in groups], reverse=True)


@cache
def _graph() -> dict:
    rng = random.Random(1303)
    return {f"n{n}": {f"n{rng.randrange(1600)}": rng.randrange(1, 100) for _ in range(5)} for n in range(1500)}


def bench_distances_from():
    return distances_from(_graph(), "n0")


def test_distances_from_by_hand():
    graph = {"a": {"b": 5, "c": 1}, "c": {"b": 2}, "d": {"a": 1}}
    assert distances_from(graph, "a") == {"a": 0, "c": 1, "b": 3}
    assert list(distances_from(graph, "a")) == ["a", "c", "b"]


def test_distances_from_with_a_limit():
    graph = {"a": {"b": 5, "c": 1}, "c": {"b": 2}}
    assert distances_from(graph, "a", 2) == {"a": 0, "c": 1}
    assert distances_from(graph, "a", 0) == {"a": 0}


def test_distances_from_needs_a_known_source():
    with pytest.raises(KeyError):
        distances_from({}, "a")
    assert distances_from({"a": {}}, "a") == {"a": 0}


def test_distances_from_equal_costs_by_name():
    assert list(distances_from({"a": {"z": 1, "m": 1}}, "a")) == ["a", "m", "z"]
