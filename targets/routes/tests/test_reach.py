import pytest

from routes.reach import components, dead_ends, isochrone, reachable, unreachable, walkable


def test_reachable_in_order_of_discovery():
    assert reachable({1: [3, 2], 3: [5], 2: [4, 1], 5: [1]}, 1) == [1, 3, 2, 5, 4]
    assert reachable({1: [3, 2], 3: [4], 2: [4, 5]}, 1) == [1, 3, 2, 4, 5]
    assert reachable({}, 9) == [9]


def test_unreachable():
    assert unreachable([4, 1, 3, 2, 4], {1: [2]}, 1) == [4, 3, 4]
    assert unreachable([], {1: [2]}, 1) == []


def test_components():
    assert components([5, 1, 2, 3, 4], [(1, 2), (4, 5), (5, 6)]) == [[4, 5, 6], [1, 2], [3]]
    assert components([], [(1, 2)]) == []


def test_dead_ends():
    assert dead_ends(["A", "B", "C", "Z"], [("A", "B"), ("B", "A"), ("A", "C")]) == ["C"]
    assert dead_ends(["A"], []) == []
    assert dead_ends([], [("A", "B")]) == []


def test_isochrone():
    minutes = {"far": 31, "near": 5, "edge": 10, "mid": 11, "late": 60}
    assert isochrone(minutes, [30, 10, 45]) == {10: ["near", "edge"], 30: ["mid"], 45: ["far"]}
    assert list(isochrone(minutes, [30, 10])) == [10, 30]


def test_isochrone_without_limits():
    assert isochrone({}, []) == {}
    with pytest.raises(ValueError, match="empty"):
        isochrone({"A": 1}, [])


def test_isochrone_limit_given_twice():
    assert isochrone({"A": 4}, [5, 5]) == {5: ["A"]}


def test_walkable():
    places = [("A", 0, 0), ("B", 3, 4), ("C", 3, 5), ("D", 100, 100)]
    assert walkable(places, 5) == [("A", "B"), ("B", "C")]
    assert walkable(places, 0) == []
    assert walkable([], 5) == []


def test_walkable_takes_no_place_twice():
    assert walkable([("A", 0, 0), ("A", 1, 1)], 5) == []
