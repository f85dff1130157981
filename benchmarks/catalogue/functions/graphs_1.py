"""Road networks: a route, groups of places, distances."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

__all__ = ["connected_groups", "distances_from", "shortest_route"]


@dataclass(frozen=True)
class Road:
    start: str
    end: str
    minutes: int
    one_way: bool = False


class Network:
    def __init__(self, roads: list[Road]) -> None:
        self.roads = roads

    @property
    def places(self) -> list[str]:
        names: list[str] = []
        for road in self.roads:
            for name in (road.start, road.end):
                if name not in names:
                    names.append(name)
        return names

    def neighbours(self, place: str) -> list[tuple[str, int]]:
        result = []
        for road in self.roads:
            if road.start == place:
                result.append((road.end, road.minutes))
            elif road.end == place and not road.one_way:
                result.append((road.start, road.minutes))
        return result


def shortest_route(roads: list[Road], start: str, goal: str) -> tuple[int, list[str]] | None:
    """Minutes and places of the quickest route, None where there is none."""
    network = Network(roads)
    if start not in network.places or goal not in network.places:
        raise KeyError(start if start not in network.places else goal)
    minutes: dict[str, float] = {place: float("inf") for place in network.places}
    previous: dict[str, str] = {}
    minutes[start] = 0
    unvisited = list(network.places)
    while unvisited:
        nearest = min(unvisited, key=lambda place: minutes[place])
        if minutes[nearest] == float("inf"):
            break
        unvisited.remove(nearest)
        for place, cost in network.neighbours(nearest):
            if place not in unvisited:
                continue
            if minutes[nearest] + cost < minutes[place]:
                minutes[place] = minutes[nearest] + cost
                previous[place] = nearest
    if minutes[goal] == float("inf"):
        return None
    path = [goal]
    while path[0] != start:
        path.insert(0, previous[path[0]])
    return int(minutes[goal]), path


def connected_groups(places: list[str], roads: list[Road]) -> list[list[str]]:
    """Places that can reach one another, the largest group first, each group sorted."""
    groups = [[place] for place in places]
    for road in roads:
        first = None
        second = None
        for group in groups:
            if road.start in group:
                first = group
            if road.end in group:
                second = group
        if first is None or second is None or first == second:
            continue
        groups.remove(second)
        first.extend(second)
    for group in groups:
        group.sort()
    return sorted(groups, key=lambda group: (-len(group), group))


def distances_from(graph: dict[str, dict[str, int]], source: str, limit: int | None = None) -> dict[str, int]:
    """Cost of every node that can be reached from the source, at most `limit` away, nearest first."""
    if source not in graph:
        raise KeyError(source)
    settled: dict[str, int] = {}
    best = {source: 0}
    queue = [(0, source)]
    while queue:
        cost, node = heapq.heappop(queue)
        if node in settled:
            continue
        settled[node] = cost
        for neighbour, weight in graph.get(node, {}).items():
            total = cost + weight
            if neighbour in best and best[neighbour] <= total:
                continue
            if limit is None or total <= limit:
                best[neighbour] = total
                heapq.heappush(queue, (total, neighbour))
    return settled
