"""Tours and trips: depots, a shorter tour, counting itineraries."""

import math
from dataclasses import dataclass

__all__ = ["assign_depots", "count_itineraries", "improve_tour"]

EARTH_KM = 6371.0


@dataclass
class Place:
    name: str
    lat: float
    lon: float


def haversine(a, b):
    """Great-circle distance in kilometres."""
    lat1 = math.radians(a.lat)
    lon1 = math.radians(a.lon)
    lat2 = math.radians(b.lat)
    lon2 = math.radians(b.lon)
    x = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(x))


def assign_depots(stops, depots, capacity):
    """Give each stop to the nearest depot that has room; returns names by depot, and the stops left over."""
    assigned = {depot.name: [] for depot in depots}
    left_over = []
    for stop in stops:
        ranked = sorted(depots, key=lambda depot: haversine(stop, depot))
        for depot in ranked:
            if len(assigned[depot.name]) < capacity:
                assigned[depot.name].append((stop.name, round(haversine(stop, depot), 1)))
                break
        else:
            nearest = min(haversine(stop, depot) for depot in depots) if depots else None
            left_over.append((stop.name, nearest))
    return assigned, left_over


def tour_length(points, tour):
    length = 0.0
    for i in range(len(tour)):
        x1, y1 = points[tour[i]]
        x2, y2 = points[tour[(i + 1) % len(tour)]]
        length += math.sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2)
    return length


def improve_tour(points, tour, max_rounds=10):
    """2-opt: reverse a stretch of the closed tour whenever that makes it shorter, until nothing does."""
    best = list(tour)
    for _ in range(max_rounds):
        improved = False
        for i in range(1, len(best) - 1):
            for j in range(i + 1, len(best)):
                candidate = best[:i] + list(reversed(best[i : j + 1])) + best[j + 1 :]
                if tour_length(points, candidate) < tour_length(points, best) - 1e-9:
                    best = candidate
                    improved = True
        if not improved:
            break
    return best, tour_length(points, best)


@dataclass
class Leg:
    origin: str
    target: str
    departs: int
    arrives: int


def _continuations(legs, place, time, min_change):
    return [leg for leg in legs if leg.origin == place and leg.departs >= time + min_change]


def _count(legs, place, time, goal, min_change, max_legs):
    if place == goal:
        return 1
    if max_legs == 0:
        return 0
    total = 0
    for leg in _continuations(legs, place, time, min_change):
        total += _count(legs, leg.target, leg.arrives, goal, min_change, max_legs - 1)
    return total


def count_itineraries(legs, start, goal, departs=0, min_change=5, max_legs=6):
    """How many ways there are to travel; at the start nobody has to change."""
    for leg in legs:
        if leg.arrives <= leg.departs:
            raise ValueError(f"{leg.origin}-{leg.target} arrives before it departs")
    return _count(legs, start, departs - min_change, goal, min_change, max_legs)
