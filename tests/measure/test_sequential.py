import math
import random

import pytest

from rsi_sandbox.measure.noise import smallest_effect
from rsi_sandbox.measure.sequential import LOOKS, decide, estimate
from rsi_sandbox.model import Outcome

GATE = {"margin": 0.01, "alpha": 0.001}


def play(chance, gain, sd, **options):
    logs = []
    while (stop := decide(logs, **{**GATE, **options})) is None:
        logs.append(chance.gauss(math.log(gain), sd))
    return stop.outcome, logs


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", [0, 3, 5])
def test_not_finite_is_never_faster(bad, place):
    logs = [0.5] * 6
    assert decide(logs, **GATE).outcome is Outcome.FASTER
    logs[place] = bad
    assert decide(logs, **GATE).outcome is Outcome.INCONCLUSIVE
    found = estimate(logs, outcome=Outcome.FASTER)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert math.isnan(found.low)


def test_no_answer_before_the_first_look():
    for count in range(LOOKS[0]):
        assert decide([0.5] * count, **GATE) is None


def test_too_few_launches_have_no_interval():
    assert math.isnan(estimate([0.1], outcome=Outcome.FASTER).low)
    assert estimate([0.1], outcome=Outcome.FASTER).outcome is Outcome.INCONCLUSIVE
    assert math.isnan(estimate([], outcome=Outcome.FASTER).ratio)


def test_futility_ends_hopeless_comparisons_early():
    assert decide([0.0, 0.001, -0.001, 0.0], **GATE).outcome is Outcome.EQUIVALENT
    assert decide([0.03, 0.02, 0.05, 0.04], **GATE) is None


def test_slower_and_the_last_look():
    assert decide([-0.2, -0.21, -0.19, -0.2, -0.2, -0.22], **GATE).outcome is Outcome.SLOWER
    assert decide([0.9, -0.3, 0.4] * 14, **GATE).outcome is Outcome.INCONCLUSIVE
    assert decide([0.004, 0.006] * 20, **GATE).outcome is Outcome.EQUIVALENT


def test_a_gain_inside_the_margin_is_not_faster():
    logs = [0.0090, 0.0091, 0.0089, 0.0090, 0.0090, 0.0090]
    assert decide(logs, **GATE).outcome is not Outcome.FASTER
    assert decide([log + 0.05 for log in logs], **GATE).outcome is Outcome.FASTER


@pytest.mark.parametrize("bad", [{"alpha": 0}, {"alpha": 0.7}, {"margin": math.nan}, {"margin": -1}, {"looks": ()}])
def test_senseless_parameters_are_refused(bad):
    with pytest.raises(ValueError, match="out of range"):
        decide([0.1] * 6, **{**GATE, **bad})


def test_equal_pairs_are_not_called_faster_and_real_gains_are():
    chance = random.Random(7)
    null = [play(chance, 1.0, 0.012)[0] for _ in range(2000)]
    assert null.count(Outcome.FASTER) == 0
    # Without the margin and with a loose alpha the same draws do produce false claims.
    loose = [play(chance, 1.0, 0.012, margin=0.0, alpha=0.3)[0] for _ in range(500)]
    assert loose.count(Outcome.FASTER) > 5
    found = [play(chance, 1.05, 0.012)[0] for _ in range(300)]
    assert found.count(Outcome.FASTER) > 290


def test_faster_lies_above_the_margin_in_the_reported_interval():
    chance = random.Random(3)
    for _ in range(50):
        outcome, logs = play(chance, 1.06, 0.01)
        found = estimate(logs, outcome=outcome, confidence=1 - 2 * GATE["alpha"])
        if outcome is Outcome.FASTER:
            assert found.low > 1.01
        assert found.low <= found.ratio <= found.high


def test_smallest_effect_grows_with_noise_and_shrinks_with_launches():
    chance = random.Random(1)
    logs = [chance.gauss(0, 0.01) for _ in range(8)]
    calm = smallest_effect(logs, **GATE)
    assert 1.01 < calm < 1.06
    assert smallest_effect([5 * log for log in logs], **GATE) > calm
    assert smallest_effect(logs, **GATE, affordable=7) > calm
    assert smallest_effect(logs, **GATE, affordable=3) == math.inf
    with pytest.raises(ValueError, match="four"):
        smallest_effect(logs[:3], **GATE)
    with pytest.raises(ValueError, match="finite"):
        smallest_effect([*logs, math.nan], **GATE)


def test_smallest_effect_is_found_in_most_comparisons():
    chance = random.Random(5)
    effect = smallest_effect([chance.gauss(0, 0.01) for _ in range(200)], **GATE)
    found = [play(chance, effect, 0.01, useful=0.0)[0] for _ in range(200)]
    assert found.count(Outcome.FASTER) >= 140
