import pytest

from routes.network import Link, Network, parse_network
from routes.shortest import NoRoute, fewest_hops, hop_distances, quickest, trace_back

NETWORK = parse_network(
    """
    A -> B 5 min
    A -> C 2 min
    C -> B 2 min
    B -> D 1 min
    C -> D 3 min
    E -> A 1 min one-way
    """
)


def test_quickest():
    assert quickest(NETWORK, "A", "B") == (4, ["A", "C", "B"])
    assert quickest(NETWORK, "E", "D") == (6, ["E", "A", "C", "D"])


def test_quickest_to_itself():
    assert quickest(NETWORK, "A", "A") == (0, ["A"])


def test_quickest_ties_go_to_the_stop_first_in_the_file():
    network = parse_network("S -> X 1 min\nS -> Y 1 min\nY -> T 1 min\nX -> T 1 min")
    assert quickest(network, "S", "T") == (2, ["S", "X", "T"])


@pytest.mark.parametrize(("origin", "destination"), [("A", "E"), ("A", "Q"), ("Q", "A")])
def test_no_route(origin, destination):
    with pytest.raises(NoRoute):
        quickest(NETWORK, origin, destination)


def test_quickest_leaves_the_network_alone():
    before = Network(list(NETWORK.stops), list(NETWORK.links))
    quickest(NETWORK, "A", "D")
    assert before == NETWORK


def test_quickest_wants_known_stops_at_the_end_of_links():
    with pytest.raises(ValueError, match="is not in list"):
        quickest(Network(["A", "B"], [Link("A", "C", 1), Link("C", "B", 1)]), "A", "B")


def test_trace_back():
    assert trace_back({"C": "B", "B": "A"}, "A", "C") == ["A", "B", "C"]
    assert trace_back({}, "A", "A") == ["A"]
    with pytest.raises(KeyError):
        trace_back({"C": "B"}, "A", "C")


def test_fewest_hops():
    links = [(0, 1), (1, 2), (2, 3), (0, 4), (4, 3), (3, 5)]
    assert fewest_hops(links, 0, 3) == [0, 4, 3]
    assert fewest_hops(links, 0, 0) == [0]
    with pytest.raises(NoRoute):
        fewest_hops(links, 5, 0)


def test_fewest_hops_takes_the_first_in_link_order():
    assert fewest_hops([(0, 2), (0, 1), (1, 3), (2, 3)], 0, 3) == [0, 2, 3]


def test_hop_distances_nearest_first():
    neighbours = {0: [3, 1], 1: [2], 3: [2, 0], 2: [4]}
    assert list(hop_distances(neighbours, 0).items()) == [(0, 0), (3, 1), (1, 1), (2, 2), (4, 3)]
    assert hop_distances({}, 7) == {7: 0}


def test_hop_distances_do_not_grow_the_table():
    neighbours = {0: [1]}
    hop_distances(neighbours, 0)
    assert neighbours == {0: [1]}
