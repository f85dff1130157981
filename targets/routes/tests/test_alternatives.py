from itertools import islice

import pytest

from routes.alternatives import (
    all_routes,
    count_ways,
    distinct_routes,
    rank_routes,
    shared_share,
    spread_out,
    transfers,
)

NEIGHBOURS = {"A": ["B", "C"], "B": ["D", "C"], "C": ["D"], "D": ["A"]}


def test_all_routes_depth_first():
    assert list(all_routes(NEIGHBOURS, "A", "D", 3)) == [
        ["A", "B", "D"],
        ["A", "B", "C", "D"],
        ["A", "C", "D"],
    ]
    assert list(all_routes(NEIGHBOURS, "A", "D", 2)) == [["A", "B", "D"], ["A", "C", "D"]]
    assert list(all_routes(NEIGHBOURS, "A", "A", 3)) == [["A"]]
    assert list(all_routes(NEIGHBOURS, "Z", "A", 3)) == []


def test_all_routes_looks_no_further_than_asked():
    class Watched(dict):
        asked = []

        def get(self, key, default=None):
            self.asked.append(key)
            return super().get(key, default)

    watched = Watched(NEIGHBOURS)
    assert list(islice(all_routes(watched, "A", "D", 3), 1)) == [["A", "B", "D"]]
    assert watched.asked == ["A", "B"]


def test_routes_can_be_changed_while_more_are_found():
    seen = []
    for route in all_routes(NEIGHBOURS, "A", "D", 3):
        seen.append("".join(route))
        route.clear()
    assert seen == ["ABD", "ABCD", "ACD"]


@pytest.mark.parametrize(
    ("east", "north", "turn", "ways"),
    [(0, 0, 3, 1), (1, 1, 1, 2), (2, 2, 1, 6), (2, 2, 2, 14), (3, 0, 3, 4), (2, 3, 3, 37)],
)
def test_count_ways(east, north, turn, ways):
    assert count_ways(east, north, turn) == ways


def test_count_ways_without_steps():
    assert count_ways(2, 2, 0) == 0
    assert count_ways(-1, 0) == 0


def test_distinct_routes_keeps_the_very_lists():
    first, again, other = ["A", "B"], ["A", "B"], ["B", "A"]
    kept = distinct_routes([first, again, other])
    assert kept == [["A", "B"], ["B", "A"]]
    assert kept[0] is first


def test_shared_share():
    assert shared_share(["A", "B", "C", "D"], ["D", "A"]) == 0.5
    assert shared_share(["A", "A", "B"], ["A"]) == pytest.approx(2 / 3)
    with pytest.raises(ZeroDivisionError):
        shared_share([], ["A"])


def test_spread_out():
    routes = [["A", "B", "C"], ["A", "B", "D"], ["A", "X", "Y"], ["P", "Q"]]
    assert spread_out(routes) == [["A", "B", "C"], ["A", "X", "Y"], ["P", "Q"]]
    assert spread_out(routes, 1.0) == routes
    assert spread_out([]) == []


def test_spread_out_takes_the_first_route_unseen():
    assert spread_out([[]]) == [[]]
    with pytest.raises(ZeroDivisionError):
        spread_out([["A"], []])


def test_rank_routes_keeps_order_of_equals():
    minutes = {("A", "B"): 2, ("B", "C"): 2, ("A", "C"): 4, ("A", "D"): 2, ("D", "C"): 2}
    routes = [["A", "B", "C"], ["A", "D", "C"], ["A", "C"], ["A"]]
    assert rank_routes(routes, minutes) == [
        (0, 0, ["A"]),
        (4, 1, ["A", "C"]),
        (4, 2, ["A", "B", "C"]),
        (4, 2, ["A", "D", "C"]),
    ]
    with pytest.raises(KeyError):
        rank_routes([["C", "A"]], minutes)


def test_transfers():
    assert transfers(["U1", "U1", "", "B7", "U1"]) == 2
    assert transfers(["", "U1", "", "U1"]) == 0
    assert transfers([]) == 0
