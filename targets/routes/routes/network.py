"""Stops and links, and the text format they are kept in."""

import re
from dataclasses import dataclass, field


class NetworkError(ValueError):
    """A network file that can't be understood; the message names the line."""


@dataclass(frozen=True, slots=True)
class Link:
    """A ride from one stop to the next; minutes are whole."""

    origin: str
    destination: str
    minutes: int
    line: str = ""


@dataclass
class Network:
    """Stops in the order of the file, and directed links."""

    stops: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def add_link(self, link: Link, one_way: bool = False) -> None:
        """Add a link, its stops where they are new, and the way back."""
        for stop in (link.origin, link.destination):
            if stop not in self.stops:
                self.stops.append(stop)
        self.links.append(link)
        if not one_way:
            self.links.append(Link(link.destination, link.origin, link.minutes, link.line))

    def links_from(self, stop: str) -> list[Link]:
        """Links that leave a stop, in the order of the file."""
        return [link for link in self.links if link.origin == stop]

    def position(self, stop: str) -> int:
        """The place of a stop in the file; raises ValueError for an unknown one."""
        return self.stops.index(stop)


def parse_network(text: str) -> Network:
    """Read lines like `Abbey -> Mill 4 min [U1] one-way`; `#` starts a comment.

    Raises:
        NetworkError: a line has another form, or a ride takes no time.
    """
    network = Network()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = re.sub(r"\s*#.*$", "", raw).strip()
        if not line:
            continue
        match = re.fullmatch(
            r"(?P<a>\w[\w .'-]*?)\s*->\s*(?P<b>\w[\w .'-]*?)\s+(?P<min>\d+)\s*min"
            r"(?:\s+\[(?P<line>\w+)\])?(?P<one>\s+one-way)?",
            line,
        )
        if match is None:
            raise NetworkError(f"line {number}: expected `A -> B N min`, not {line!r}")
        minutes = int(match["min"])
        if minutes == 0:
            raise NetworkError(f"line {number}: a ride takes at least a minute")
        link = Link(match["a"], match["b"], minutes, match["line"] or "")
        network.add_link(link, one_way=match["one"] is not None)
    return network


def format_network(network: Network) -> str:
    """The network as text, one directed link per line."""
    text = ""
    for link in network.links:
        text += f"{link.origin} -> {link.destination} {link.minutes} min"
        if link.line:
            text += f" [{link.line}]"
        text += " one-way\n"
    return text


def degree_table(network: Network) -> list[tuple[str, int, int]]:
    """(stop, links out, links in) for every stop, in the order of the file."""
    origins = [link.origin for link in network.links]
    destinations = [link.destination for link in network.links]
    table = []
    for stop in network.stops:
        table.append((stop, origins.count(stop), destinations.count(stop)))
    return table


def link_positions(network: Network) -> list[tuple[int, int]]:
    """Links as pairs of stop positions, for programs that want numbers."""
    stops = network.stops
    pairs = []
    for link in network.links:
        pairs.append((stops.index(link.origin), stops.index(link.destination)))
    return pairs
