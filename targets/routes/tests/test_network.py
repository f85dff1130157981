import pytest

from routes.network import (
    Link,
    Network,
    NetworkError,
    degree_table,
    format_network,
    link_positions,
    parse_network,
)

TEXT = """
# the old town
Abbey -> Mill 4 min [U1]
Mill -> St. John's 3 min   # steep
St. John's -> Zoo 12 min [B7] one-way
"""


def test_parse_network():
    network = parse_network(TEXT)
    assert network.stops == ["Abbey", "Mill", "St. John's", "Zoo"]
    assert network.links == [
        Link("Abbey", "Mill", 4, "U1"),
        Link("Mill", "Abbey", 4, "U1"),
        Link("Mill", "St. John's", 3),
        Link("St. John's", "Mill", 3),
        Link("St. John's", "Zoo", 12, "B7"),
    ]


def test_parse_nothing():
    assert parse_network("\n # only a comment\n") == Network()


@pytest.mark.parametrize("line", ["Abbey Mill 4 min", "A -> B", "A -> B x min", "-> B 4 min"])
def test_parse_names_the_wrong_line(line):
    with pytest.raises(NetworkError, match="line 2: expected"):
        parse_network(f"A -> B 1 min\n{line}")


def test_parse_refuses_rides_without_time():
    with pytest.raises(NetworkError, match="line 1: a ride takes"):
        parse_network("A -> B 0 min")


def test_format_network_is_read_back():
    network = parse_network(TEXT)
    text = format_network(network)
    assert text.splitlines()[0] == "Abbey -> Mill 4 min [U1] one-way"
    assert parse_network(text) == network
    assert format_network(Network()) == ""


def test_links_from_and_position():
    network = parse_network(TEXT)
    assert [link.destination for link in network.links_from("Mill")] == ["Abbey", "St. John's"]
    assert network.links_from("Zoo") == []
    assert network.position("Zoo") == 3
    with pytest.raises(ValueError, match="is not in list"):
        network.position("Moon")


def test_networks_share_nothing():
    one, other = Network(), Network()
    one.add_link(Link("A", "B", 1))
    assert other.stops == other.links == []


def test_degree_table():
    assert degree_table(parse_network(TEXT)) == [
        ("Abbey", 1, 1),
        ("Mill", 2, 2),
        ("St. John's", 2, 1),
        ("Zoo", 0, 1),
    ]
    assert degree_table(Network(["Alone"])) == [("Alone", 0, 0)]


def test_link_positions():
    assert link_positions(parse_network(TEXT)) == [(0, 1), (1, 0), (1, 2), (2, 1), (2, 3)]
    with pytest.raises(ValueError, match="is not in list"):
        link_positions(Network(["A"], [Link("A", "B", 1)]))


def test_link_positions_take_the_first_of_equal_stops():
    assert link_positions(Network(["A", "B", "A"], [Link("B", "A", 1)])) == [(1, 0)]
