import pytest

from routes.fares import (
    cheapest_bundle,
    discounted,
    fare_table,
    revenue_share,
    single_fare,
    with_surcharges,
    zones_crossed,
)


@pytest.mark.parametrize(("hops", "cents"), [(1, 140), (4, 210), (10, 380), (11, 395), (20, 530)])
def test_single_fare(hops, cents):
    assert single_fare(hops) == cents


@pytest.mark.parametrize("hops", [0, -3])
def test_nothing_to_ride(hops):
    with pytest.raises(ValueError, match="at least one hop"):
        single_fare(hops)


def test_discounted_rounds_down():
    assert discounted(145, "child") == 72
    assert discounted(145, "companion") == 0
    with pytest.raises(KeyError, match="cat"):
        discounted(145, "cat")


def test_fare_table_rows_are_independent():
    rows = fare_table([1, 5], ["adult", "dog"])
    assert rows == [{"adult": 140, "dog": 35, "hops": 1}, {"adult": 290, "dog": 72, "hops": 5}]
    assert list(rows[0]) == ["adult", "dog", "hops"]
    assert rows[0] is not rows[1]
    assert fare_table([], ["cat"]) == []


def test_surcharges_leave_the_originals_alone():
    tariffs = [{"name": "day", "zones": [{"id": "A", "price": 100}, {"id": "B", "price": 200}]}]
    changed = with_surcharges(tariffs, {"B": 30})
    assert [zone["price"] for zone in changed[0]["zones"]] == [100, 230]
    assert [zone["price"] for zone in tariffs[0]["zones"]] == [100, 200]
    assert changed[0]["zones"][0] is not tariffs[0]["zones"][0]


def test_surcharges_on_a_zone_that_tariffs_share():
    zone = {"id": "A", "price": 100}
    changed = with_surcharges([{"zones": [zone, zone]}, {"zones": [zone]}], {"A": 5})
    assert changed == [
        {"zones": [{"id": "A", "price": 110}] * 2},
        {"zones": [{"id": "A", "price": 105}]},
    ]


def test_cheapest_bundle():
    bundles = {1: 140, 4: 480, 10: 1050}
    assert cheapest_bundle(0, bundles) == cheapest_bundle(-2, bundles) == 0
    assert cheapest_bundle(3, bundles) == 420
    assert cheapest_bundle(5, bundles) == 620
    assert cheapest_bundle(9, bundles) == 1050
    assert cheapest_bundle(2, {4: 1}) == 1
    assert cheapest_bundle(0, {}) == 0
    with pytest.raises(ValueError, match="empty"):
        cheapest_bundle(1, {})


def test_cheapest_bundle_sees_new_prices():
    bundles = {1: 140}
    assert cheapest_bundle(2, bundles) == 280
    bundles[2] = 200
    assert cheapest_bundle(2, bundles) == 200


def test_zones_crossed():
    zones = {"A": "1", "B": "1", "C": "2"}
    assert zones_crossed(["A", "B", "C", "A"], zones) == ["1", "2", "1"]
    assert zones_crossed([], zones) == []
    with pytest.raises(KeyError):
        zones_crossed(["Q"], zones)


def test_revenue_share():
    assert revenue_share({"U1": 100, "B7": 200}) == {"U1": 33.3, "B7": 66.7}
    assert revenue_share({}) == {}
    with pytest.raises(ZeroDivisionError):
        revenue_share({"U1": 0})
