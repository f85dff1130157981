"""Fare tables, single tickets, discounts, and the cheapest way to buy several rides."""

import copy


def single_fare(hops: int) -> int:
    """Price of one ride in cents.

    Raises:
        ValueError: there is nothing to ride.
    """
    if hops < 1:
        raise ValueError("a ride has at least one hop")
    steps = {1: 140, 2: 140, 3: 210, 4: 210, 5: 290, 6: 290, 7: 340, 8: 340, 9: 380, 10: 380}
    if hops not in steps:
        return 380 + 15 * (hops - max(steps))
    return steps[hops]


def discounted(price: int, rider: str) -> int:
    """The price for a kind of rider, in cents, rounded down."""
    percent = {
        "adult": 100,
        "child": 50,
        "student": 70,
        "senior": 60,
        "companion": 0,
        "dog": 25,
    }
    return price * percent[rider] // 100


def fare_table(hops: list[int], riders: list[str]) -> list[dict[str, int]]:
    """One row per number of hops, one column per kind of rider."""
    template = {rider: 0 for rider in riders}
    template["hops"] = 0
    rows = []
    for hop in hops:
        row = copy.deepcopy(template)
        row["hops"] = hop
        for rider in riders:
            row[rider] = discounted(single_fare(hop), rider)
        rows.append(row)
    return rows


def with_surcharges(tariffs: list[dict], surcharge: dict) -> list[dict]:
    """Copies of tariffs with a surcharge on their zones; the originals keep their prices."""
    changed = []
    for tariff in tariffs:
        tariff = copy.deepcopy(tariff)
        for zone in tariff["zones"]:
            zone["price"] += surcharge.get(zone["id"], 0)
        changed.append(tariff)
    return changed


def cheapest_bundle(rides: int, bundles: dict[int, int]) -> int:
    """Least cents for at least so many rides, from tickets of n rides at a price.

    Raises:
        ValueError: there are no tickets to buy.
    """
    if rides <= 0:
        return 0
    return min(price + cheapest_bundle(rides - n, bundles) for n, price in bundles.items())


def zones_crossed(path: list[str], zones: dict[str, str]) -> list[str]:
    """Zones along a path in travel order; a zone entered again counts again."""
    crossed: list[str] = []
    for stop in path:
        zone = zones[stop]
        if not crossed or crossed[-1] != zone:
            crossed = crossed + [zone]
    return crossed


def revenue_share(takings: dict[str, int]) -> dict[str, float]:
    """Each line's share of all takings in percent, one decimal."""
    shares = {}
    for line, cents in takings.items():
        shares[line] = round(100 * cents / sum(takings.values()), 1)
    return shares
