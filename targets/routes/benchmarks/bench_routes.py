"""Benchmarks on a made-up town: a grid of stops with some streets missing."""

import random

from routes.alternatives import all_routes, count_ways, rank_routes, spread_out
from routes.fares import cheapest_bundle, fare_table, revenue_share, zones_crossed
from routes.network import Link, Network, degree_table, link_positions, parse_network
from routes.reach import components, dead_ends, isochrone, reachable, unreachable, walkable
from routes.shortest import fewest_hops, hop_distances, quickest
from routes.timetable import (
    arrival_offsets,
    busiest_minute,
    clockface_headways,
    departures,
    join_calls,
    trip_names,
)

_RANDOM = random.Random(771)


def _grid(side: int) -> list[tuple[int, int]]:
    links = []
    for stop in range(side * side):
        if (stop + 1) % side and _RANDOM.random() < 0.95:
            links.append((stop, stop + 1))
        if stop + side < side * side and _RANDOM.random() < 0.95:
            links.append((stop, stop + side))
    return links + [(b, a) for a, b in links]


def _neighbours(links: list[tuple[int, int]]) -> dict[int, list[int]]:
    table: dict[int, list[int]] = {}
    for a, b in links:
        table.setdefault(a, []).append(b)
    return table


_SMALL, _MIDDLE, _LARGE = _grid(9), _grid(16), _grid(24)
_MIDDLE_TABLE, _LARGE_TABLE = _neighbours(_MIDDLE), _neighbours(_LARGE)
_STOPS = [f"S{i}" for i in range(576)]
_NETWORK = Network(_STOPS[:256], [Link(f"S{a}", f"S{b}", 1 + (a * b) % 7) for a, b in _MIDDLE])
_TOWN = Network(_STOPS, [Link(f"S{a}", f"S{b}", 2) for a, b in _LARGE])
_FILE = "".join(
    f"Stop {a} -> Stop {b} {1 + a % 9} min [U{b % 5}]  # built\n" for a, b in _LARGE[:900]
)
_NAMED = {f"S{a}": [f"S{b}" for b in bs] for a, bs in _neighbours(_grid(4)).items()}
_ROUTES = list(all_routes(_NAMED, "S0", "S15", 12))
_TIMES = {(a, b): 1 + (len(a) + len(b)) % 5 for a, bs in _NAMED.items() for b in bs}
_PLACES = [(f"P{i}", _RANDOM.randrange(3000), _RANDOM.randrange(3000)) for i in range(130)]
_STOP_ROWS = [{"id": f"S{i}", "name": f"Stop {i}", "zone": "ABC"[i % 3]} for i in range(150)]
_TRIPS = [{"id": f"T{i}", "headsign": f"To {i % 9}"} for i in range(150)]
_CALLS = [
    {"trip": f"T{i % 150}", "stop": f"S{i * 7 % 160}", "at": f"{5 + i % 19:02}:{i % 60:02}"}
    for i in range(1600)
]
_TIMES_TO = {f"Q{i}": (i * 37) % 95 for i in range(6000)}
_TAKINGS = {f"L{i}": 100 + (i * 37) % 95 for i in range(1000)}
_DEPARTURES = [_RANDOM.randrange(300, 1400) for _ in range(1500)]


def bench_parse_network():
    network = parse_network(_FILE)
    return len(network.stops), len(network.links)


def bench_degree_table():
    return degree_table(_TOWN)


def bench_link_positions():
    return link_positions(_TOWN)


def bench_quickest():
    return quickest(_NETWORK, "S0", "S255")


def bench_fewest_hops():
    return fewest_hops(_LARGE, 0, 300)


def bench_hop_distances():
    return hop_distances({0: list(range(1, 12000)), 5: [12001]}, 0)


def bench_count_ways():
    return count_ways(6, 5)


def bench_spread_out():
    return spread_out(_ROUTES * 4, 0.95)


def bench_rank_routes():
    return rank_routes(_ROUTES * 60, _TIMES)[:50]


def bench_reachable():
    return reachable(_LARGE_TABLE, 0)


def bench_unreachable():
    return unreachable(list(range(2200)), _MIDDLE_TABLE, 0)


def bench_components():
    return components(list(range(576)), _LARGE[::2])


def bench_dead_ends():
    return dead_ends(_STOPS[:300], [(f"S{a}", f"S{b}") for a, b in _LARGE[:500]])


def bench_isochrone():
    return isochrone(_TIMES_TO, list(range(3, 96, 3)))


def bench_walkable():
    return walkable(_PLACES, 400)


def bench_join_calls():
    return join_calls(_CALLS, _STOP_ROWS)


def bench_trip_names():
    return trip_names(_CALLS * 2, _TRIPS)


def bench_departures():
    return departures(_CALLS * 120, "S7", "08:30")


def bench_arrival_offsets():
    return arrival_offsets(_DEPARTURES, 1)


def bench_headways():
    return [clockface_headways(period) for period in (1440, 10080, 43200, 86400)]


def bench_busiest_minute():
    return busiest_minute(_DEPARTURES)


def bench_fare_table():
    return fare_table(list(range(1, 800)), ["adult", "child", "student", "senior", "dog"])


def bench_cheapest_bundle():
    return cheapest_bundle(16, {1: 140, 4: 480, 10: 1050, 2: 270})


def bench_zones_crossed():
    return zones_crossed(_STOPS * 6, {stop: stop[-1] for stop in _STOPS})


def bench_revenue_share():
    return revenue_share(_TAKINGS)
