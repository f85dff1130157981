import math
import random

import pytest

from rsi_sandbox.measure.stats import ERROR_FLOOR, combine, incomplete_beta, spread, t_quantile, trimmed_mean

stats = pytest.importorskip("scipy.stats")
numpy = pytest.importorskip("numpy")


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 11, 23, 120, 1000])
@pytest.mark.parametrize("probability", [0.51, 0.8, 0.95, 0.975, 0.999, 1 - 0.001 / 6, 1 - 1e-6, 0.02])
def test_t_quantile_is_exact(freedom, probability):
    assert t_quantile(probability, freedom) == pytest.approx(stats.t.ppf(probability, freedom), rel=1e-8)


@pytest.mark.parametrize("x", [0.0, 1e-9, 0.1, 0.5, 0.9, 1 - 1e-9, 1.0])
def test_incomplete_beta_is_scipys(x):
    special = pytest.importorskip("scipy.special")
    for a, b in ((0.5, 0.5), (1.5, 0.5), (20.0, 0.5), (3.0, 7.0)):
        assert incomplete_beta(a, b, x) == pytest.approx(special.betainc(a, b, x), rel=1e-10, abs=1e-300)


def test_quantiles_of_nothing_are_refused():
    for probability, freedom in ((0.0, 3), (1.0, 3), (math.nan, 3), (0.5, 0)):
        with pytest.raises(ValueError, match="quantile"):
            t_quantile(probability, freedom)


@pytest.mark.parametrize("count", [5, 6, 13, 40])
def test_trimmed_mean_is_scipys(count):
    chance = random.Random(count)
    samples = [chance.gauss(0.02, 0.01) for _ in range(count)]
    mean = trimmed_mean(samples, floor=0.0)
    assert mean.value == pytest.approx(stats.trim_mean(samples, 0.2))
    cut = int(count * 0.2)
    winsorised = stats.mstats.winsorize(numpy.array(samples), limits=(cut / count, cut / count))
    error = winsorised.std(ddof=1) / ((1 - 2 * cut / count) * math.sqrt(count))
    assert mean.error == pytest.approx(float(error))
    assert mean.freedom == count - 2 * cut - 1


def test_equal_samples_still_have_an_error():
    assert trimmed_mean([0.02] * 6).error == ERROR_FLOOR
    assert spread([0.02] * 6) == 0.0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_not_finite_is_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        trimmed_mean([0.1, bad, 0.1])
    with pytest.raises(ValueError, match="combined"):
        combine([(0.1, 1.0), (bad, 1.0)])
    with pytest.raises(ValueError, match="combined"):
        combine([(0.1, bad)])


def test_combine_is_the_weighted_geometric_mean():
    assert math.exp(combine([(math.log(2), 1.0), (math.log(8), 1.0)])) == pytest.approx(4.0)
    assert math.exp(combine([(math.log(2), 3.0), (math.log(1), 1.0)])) == pytest.approx(2**0.75)
    for empty in ([], [(0.1, 0.0)], [(0.1, -1.0), (0.1, 2.0)]):
        with pytest.raises(ValueError, match="combined"):
            combine(empty)
