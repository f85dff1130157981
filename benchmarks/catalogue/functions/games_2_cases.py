"""Cases for games_2."""

import random
from functools import cache

import pytest

from functions.games_2 import best_move, rank_hands, uncover


def bench_best_move():
    return [best_move(text, player) for text, player in (("X   O    ", "X"), (" O X     ", "X"))]


def test_best_move_takes_the_win():
    assert best_move("XX OO    ", "X") == (2, 1)
    assert best_move("OO XX    ", "O") == (2, 1)


def test_best_move_stops_the_other():
    assert best_move("X   O   X", "O") == (1, 0)
    assert best_move("XX O     ", "O") == (2, -1)


def test_best_move_when_all_is_lost():
    assert best_move("X X   X O", "O") == (1, -1)


def test_best_move_at_the_end():
    assert best_move("XXXOO    ", "O") == (None, -1)
    assert best_move("XOXXOOOXX", "X") == (None, 0)
    assert best_move("XOXXOOOX ", "X") == (8, 0)


def test_best_move_refuses_other_boards():
    for text, player in (("XO", "X"), (" " * 9, "Z")):
        with pytest.raises(ValueError, match="nine places"):
            best_move(text, player)


@cache
def _hands() -> list:
    rng = random.Random(3501)
    deck = [value + suit for value in "23456789TJQKA" for suit in "CDHS"]
    return [" ".join(rng.sample(deck, 5)) for _ in range(450)]


def bench_rank_hands():
    return rank_hands(_hands())


def test_rank_hands_every_name():
    texts = [
        "2C 3D 5H 7S 9C",
        "2C 2D 5H 7S 9C",
        "2C 2D 5H 5S 9C",
        "2C 2D 2H 7S 9C",
        "AC 2D 3H 4S 5C",
        "2C 3C 5C 7C 9C",
        "2C 2D 2H 9S 9C",
        "2C 2D 2H 2S 9C",
        "TC JC QC KC AC",
    ]
    ranked = rank_hands(texts)
    assert [text for text, _ in ranked] == texts[::-1]
    assert ranked[0][1] == "straight flush"
    assert ranked[4][1] == "straight"
    assert ranked[-1][1] == "high card"


def test_rank_hands_breaks_ties_by_the_cards():
    low, high, five = "9C 9D 2H 3S KC", "9H 9S 2C 3D AC", "AD 2S 3C 4D 5H"
    assert [text for text, _ in rank_hands([low, five, high, "2D 3H 4C 5S 6D"])] == ["2D 3H 4C 5S 6D", five, high, low]


def test_rank_hands_equal_ones_stay_in_order():
    texts = ["2C 3D 5H 7S 9C", "2D 3H 5S 7C 9D"]
    assert [text for text, _ in rank_hands(texts)] == texts
    assert [text for text, _ in rank_hands(texts[::-1])] == texts[::-1]


def test_rank_hands_of_nothing():
    assert rank_hands([]) == []


def test_rank_hands_refuses_bad_hands():
    for text, message in (("2C 3C", "five different"), ("2C 2C 3C 4C 5C", "five different"), ("1C 3C 4C 5C 6C", "1C")):
        with pytest.raises(ValueError, match=message):
            rank_hands([text])


@cache
def _mines() -> tuple:
    rng = random.Random(3502)
    mines = [(rng.randrange(70), rng.randrange(70)) for _ in range(330)]
    clicks = [(rng.randrange(70), rng.randrange(70)) for _ in range(60)]
    return 70, 70, mines, [click for click in clicks if click not in mines]


def bench_uncover():
    return uncover(*_mines())


def test_uncover_by_hand():
    assert uncover(3, 4, [(0, 3)], [(2, 0)]) == ["  1?", "  11", "    "]
    assert uncover(3, 4, [(0, 3)], [(0, 2)]) == ["??1?", "????", "????"]


def test_uncover_a_mine():
    assert uncover(2, 2, [(0, 0)], [(1, 1), (0, 0)]) is None


def test_uncover_of_nothing():
    assert uncover(1, 2, [], []) == ["??"]
    assert uncover(1, 2, [], [(0, 0), (0, 1)]) == ["  "]
    assert uncover(0, 0, [], []) == []


def test_uncover_a_mine_given_twice_counts_once():
    assert uncover(1, 3, [(0, 0), (0, 0)], [(0, 1)]) == ["?1?"]


def test_uncover_refuses_fields_outside():
    with pytest.raises(IndexError, match="no such field"):
        uncover(2, 2, [], [(2, 0)])
