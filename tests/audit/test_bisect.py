"""The search for the generation that lost a gain, with answers fed to it."""

import pytest

from rsi_sandbox.audit.bisect import Answer, Measured, search
from rsi_sandbox.model import Evidence, Outcome


def run(lost_from: int, chain: range, unsure: int | None = None) -> tuple[Answer, list[int]]:
    """Search a chain in which every generation from `lost_from` on is slow."""

    def compare(number: int) -> Evidence:
        outcome = Outcome.SLOWER if number >= lost_from else Outcome.EQUIVALENT
        if number == unsure:
            outcome = Outcome.INCONCLUSIVE
        ratio = 0.5 if outcome is Outcome.SLOWER else 1.0
        facts = {"again.outcome": outcome.value, "again.ratio": ratio, "again.low": ratio, "again.high": ratio}
        return Evidence("benchmark", facts)

    said = list(search(chain, compare))
    assert isinstance(said[-1], Answer)
    return said[-1], [each.number for each in said[:-1] if isinstance(each, Measured)]


@pytest.mark.parametrize("lost", range(3, 41))
def test_it_finds_the_first_slow_one_in_few_measurements(lost: int) -> None:
    answer, measured = run(lost, range(2, 41))
    assert answer.lost_at == lost
    assert answer.between == ()
    assert len(measured) <= 7
    assert f"generation {lost} lost it" == answer.sentence


def test_nothing_lost_takes_one_measurement() -> None:
    answer, measured = run(99, range(2, 41))
    assert (answer.lost_at, measured) == (None, [40])
    assert "nothing was lost" in answer.sentence


def test_an_undecided_comparison_ends_the_search_with_what_is_left() -> None:
    answer, _ = run(30, range(41), unsure=20)
    assert answer.lost_at is None
    assert answer.between == tuple(range(1, 41))
    assert "can't say which" in answer.sentence


def test_an_undecided_end_is_neither_yes_nor_no() -> None:
    answer, _ = run(0, range(5), unsure=4)
    assert answer.lost_at is None
    assert "can't be told" in answer.sentence


def test_a_chain_needs_two_ends() -> None:
    with pytest.raises(ValueError, match="good and a bad"):
        list(search([3], lambda number: Evidence("x", {})))
