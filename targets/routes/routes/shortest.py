"""The quickest path and the one with the fewest hops."""

from routes.network import Network


class NoRoute(LookupError):
    """There is no way from one stop to the other."""


def trace_back(previous: dict[str, str], origin: str, destination: str) -> list[str]:
    """The stops of a path, first to last, from each stop's predecessor."""
    path = [destination]
    stop = destination
    while stop != origin:
        stop = previous[stop]
        path.insert(0, stop)
    return path


def quickest(network: Network, origin: str, destination: str) -> tuple[int, list[str]]:
    """Minutes and stops of the quickest path (Dijkstra's algorithm).

    Raises:
        NoRoute: a stop is unknown or can't be reached.
    """
    for stop in (origin, destination):
        if stop not in network.stops:
            raise NoRoute(f"unknown stop {stop!r}")
    best = {origin: 0}
    previous: dict[str, str] = {}
    done = []
    frontier = [(0, network.stops.index(origin), origin)]
    while frontier:
        nearest = min(frontier)
        frontier.remove(nearest)
        minutes, _, stop = nearest
        if stop in done:
            continue
        if stop == destination:
            return minutes, trace_back(previous, origin, destination)
        done.append(stop)
        for link in network.links_from(stop):
            arrival = minutes + link.minutes
            if link.destination not in best or arrival < best[link.destination]:
                best[link.destination] = arrival
                previous[link.destination] = stop
                position = network.stops.index(link.destination)
                frontier.append((arrival, position, link.destination))
    raise NoRoute(f"no way from {origin!r} to {destination!r}")


def fewest_hops(links: list[tuple[int, int]], origin: int, destination: int) -> list[int]:
    """A path with the fewest links, as stop positions; the first found in link order.

    Raises:
        NoRoute: the destination can't be reached.
    """
    queue = [[origin]]
    visited = [origin]
    while queue:
        path = queue.pop(0)
        if path[-1] == destination:
            return path
        for start, end in links:
            if start == path[-1] and end not in visited:
                visited.append(end)
                queue.append(path + [end])
    raise NoRoute(f"no way from {origin} to {destination}")


def hop_distances(neighbours: dict[int, list[int]], origin: int) -> dict[int, int]:
    """Number of links to every stop within reach, nearest first."""
    distances = {origin: 0}
    queue = [origin]
    while queue:
        stop = queue.pop(0)
        for other in neighbours.get(stop, []):
            if other not in distances:
                distances[other] = distances[stop] + 1
                queue.append(other)
    return distances
