"""Other ways to get there, how many there are, and how different they are."""

from collections.abc import Iterator


def all_routes(
    neighbours: dict[str, list[str]], origin: str, destination: str, max_hops: int
) -> Iterator[list[str]]:
    """Yield routes without repeated stops, depth first; stop asking when you have enough."""

    def extend(path: list[str]) -> Iterator[list[str]]:
        if path[-1] == destination:
            yield path
            return
        if len(path) > max_hops:
            return
        for stop in neighbours.get(path[-1], []):
            if stop not in path:
                yield from extend(path + [stop])

    yield from extend([origin])


def count_ways(east: int, north: int, max_turn: int = 3) -> int:
    """Ways through a street grid, going `east` and `north` blocks, at most `max_turn` at once."""
    if east == 0 and north == 0:
        return 1
    ways = 0
    for step in range(1, min(east, max_turn) + 1):
        ways += count_ways(east - step, north, max_turn)
    for step in range(1, min(north, max_turn) + 1):
        ways += count_ways(east, north - step, max_turn)
    return ways


def distinct_routes(routes: list[list[str]]) -> list[list[str]]:
    """Each route once, in order; the lists themselves, not copies."""
    kept: list[list[str]] = []
    for route in routes:
        if route not in kept:
            kept.append(route)
    return kept


def shared_share(route: list[str], other: list[str]) -> float:
    """Share of a route's stops that the other one has too."""
    shared = 0
    for stop in route:
        if stop in other:
            shared += 1
    return shared / len(route)


def spread_out(routes: list[list[str]], most_alike: float = 0.6) -> list[list[str]]:
    """Routes in order, leaving out those too much like one already taken."""
    taken: list[list[str]] = []
    for route in routes:
        if all(shared_share(route, other) <= most_alike for other in taken):
            taken.append(route)
    return taken


def rank_routes(routes: list[list[str]], minutes: dict[tuple[str, str], int]) -> list[tuple]:
    """(minutes, hops, route), best first; a ride without a time is a KeyError."""
    ranked = []
    for route in routes:
        total = 0
        for i in range(len(route) - 1):
            total += minutes[(route[i], route[i + 1])]
        ranked.append((total, len(route) - 1, route))
    return sorted(ranked, key=lambda row: (row[0], row[1]))


def transfers(lines: list[str]) -> int:
    """Changes of line along a route; an empty name is a walk and no line."""
    changes = 0
    previous = None
    for line in lines:
        if not line:
            continue
        if previous is not None and line != previous:
            changes += 1
        previous = line
    return changes
