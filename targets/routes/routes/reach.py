"""What can be reached, connected parts, dead ends, and stops near each other."""


def reachable(neighbours: dict[int, list[int]], origin: int) -> list[int]:
    """Stops that can be reached, the origin first, then in the order of discovery."""
    found = [origin]
    for stop in found:
        for other in neighbours.get(stop, []):
            if other not in found:
                found.append(other)
    return found


def unreachable(stops: list[int], neighbours: dict[int, list[int]], origin: int) -> list[int]:
    """Stops that can't be reached, in order."""
    within = reachable(neighbours, origin)
    missing = []
    for stop in stops:
        if stop not in within:
            missing.append(stop)
    return missing


def components(stops: list[int], links: list[tuple[int, int]]) -> list[list[int]]:
    """Connected parts, each sorted, in the order of their first stop; links go both ways."""
    parts = []
    seen: list[int] = []
    neighbours: dict[int, list[int]] = {}
    for a, b in links:
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    for stop in stops:
        if stop in seen:
            continue
        part = []
        todo = [stop]
        while todo:
            current = todo.pop()
            if current in seen:
                continue
            seen.append(current)
            part.append(current)
            todo.extend(neighbours.get(current, []))
        parts.append(sorted(part))
    return parts


def dead_ends(stops: list[str], links: list[tuple[str, str]]) -> list[str]:
    """Stops that can be entered but not left."""
    ends = []
    for stop in stops:
        if stop in [b for _, b in links] and stop not in [a for a, _ in links]:
            ends.append(stop)
    return ends


def isochrone(minutes: dict[str, int], limits: list[int]) -> dict[int, list[str]]:
    """Stops by the smallest limit (minutes) that covers them; stops beyond all are left out."""
    rings: dict[int, list[str]] = {limit: [] for limit in sorted(limits)}
    for stop, needed in minutes.items():
        if needed > max(limits):
            continue
        for limit in sorted(limits):
            if needed <= limit:
                rings[limit].append(stop)
                break
    return rings


def walkable(places: list[tuple[str, int, int]], metres: int) -> list[tuple[str, str]]:
    """Pairs of stops at most `metres` apart, each pair once, in order of the places."""
    pairs = []
    for name, x, y in places:
        for other, x2, y2 in places:
            near = (x - x2) ** 2 + (y - y2) ** 2 <= metres**2
            if near and name != other and (other, name) not in pairs:
                pairs.append((name, other))
    return pairs
