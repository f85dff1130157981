"""Cases for games_3."""

import random
from fractions import Fraction
from functools import cache

import pytest

from functions.games_3 import anagram_groups, dice_odds, solve_sliding


def bench_solve_sliding():
    return solve_sliding([1, 5, 0, 7, 4, 2, 8, 6, 3], 3)


def test_solve_sliding_by_hand():
    assert solve_sliding([1, 2, 3, 4, 5, 0, 7, 8, 6], 3) == "D"
    assert solve_sliding([0, 1, 3, 2], 2) == "RD"


def test_solve_sliding_solved():
    assert solve_sliding([1, 2, 3, 0], 2) == ""
    assert solve_sliding([0], 1) == ""


def test_solve_sliding_without_a_solution():
    assert solve_sliding([2, 1, 3, 0], 2) is None
    assert solve_sliding([0, 1, 3, 2], 2, max_moves=1) is None


def test_solve_sliding_first_of_equally_short_ones():
    assert solve_sliding([3, 2, 1, 0], 2) is None
    assert solve_sliding([0, 3, 2, 1], 2) == "DRULDR"


def test_solve_sliding_refuses_other_tiles():
    for tiles, width in (([1, 2], 2), ([0, 1, 2], 2)):
        with pytest.raises(ValueError, match="from 0"):
            solve_sliding(tiles, width)


@cache
def _words() -> list:
    rng = random.Random(3601)
    return ["".join(rng.choices("aeinrst", k=rng.randrange(3, 7))) for _ in range(9000)]


def bench_anagram_groups():
    return anagram_groups(_words())


def test_anagram_groups_by_hand():
    words = ["Tea", "eat", "tan", "ate", "nat", "bat", "TEA"]
    assert anagram_groups(words) == [["ate", "eat", "tea"], ["nat", "tan"]]


def test_anagram_groups_of_one():
    assert anagram_groups(["b", "a", " A\n", "a b"], 1) == [["a"], ["b"]]


def test_anagram_groups_of_nothing():
    assert anagram_groups([]) == []
    assert anagram_groups(["", "", "12", "21", "a-b", "b-a"]) == []


def test_anagram_groups_cover_every_word():
    groups = anagram_groups(_words(), 1)
    assert sum(len(group) for group in groups) == len(set(_words()))


def bench_dice_odds():
    return dice_odds([range(1, 21)] * 18 + [(1, 1, 2, 3, 5, 8)] * 8, 200)


def test_dice_odds_of_two_dice():
    assert dice_odds([range(1, 7)] * 2, 10) == (Fraction(1, 6), [7])
    assert dice_odds([range(1, 7)], 3) == (Fraction(2, 3), [1, 2, 3, 4, 5, 6])


def test_dice_odds_without_dice():
    assert dice_odds([], 0) == (Fraction(1), [0])
    assert dice_odds([], 1) == (Fraction(0), [0])


def test_dice_odds_of_odd_dice():
    assert dice_odds([(0, 0, 1), (-1, 1)], 1) == (Fraction(1, 2), [-1, 1])


def test_dice_odds_refuses_a_die_without_faces():
    with pytest.raises(ValueError, match="without faces"):
        dice_odds([(1, 2), ()], 1)
