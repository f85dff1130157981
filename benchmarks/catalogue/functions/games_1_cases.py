"""Cases for games_1."""

import random
from functools import cache

import pytest

from functions.games_1 import find_words, play_life, solve_sudoku

PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLUTION = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"


def bench_solve_sudoku():
    return solve_sudoku(SOLUTION[:9] + PUZZLE[9:])


def test_solve_sudoku_by_hand():
    assert solve_sudoku(PUZZLE) == SOLUTION


def test_solve_sudoku_complete_ones():
    assert solve_sudoku(SOLUTION) == SOLUTION
    assert solve_sudoku("." + SOLUTION[1:]) == SOLUTION


def test_solve_sudoku_without_a_solution():
    assert solve_sudoku("55" + "." * 79) is None
    assert solve_sudoku("12345678." + "........9" + "." * 63) is None


def test_solve_sudoku_smallest_of_many():
    solved = solve_sudoku("0" * 81)
    assert solved[:18] == "123456789456789123"
    assert solved[-9:] == "978531642"


def test_solve_sudoku_refuses_other_boards():
    with pytest.raises(ValueError, match="got 3"):
        solve_sudoku("123")
    with pytest.raises(ValueError, match="invalid literal"):
        solve_sudoku("x" * 81)


@cache
def _field() -> list:
    rng = random.Random(3401)
    return ["".join("#" if rng.random() < 0.35 else "." for _ in range(26)) for _ in range(20)]


def bench_play_life():
    return play_life(_field(), 10)


def test_play_life_blinker():
    assert play_life(["...", "###", "..."], 1) == ([".#.", ".#.", ".#."], None)
    assert play_life(["...", "###", "..."], 5) == (["...", "###", "..."], 0)


def test_play_life_block_stands_still():
    assert play_life(["##", "##"], 3) == (["##", "##"], 0)


def test_play_life_dies_out():
    assert play_life(["#..", "...", "..#"], 9) == (["...", "...", "..."], 1)


def test_play_life_of_nothing():
    assert play_life([], 3) == ([], 0)
    assert play_life(["#x"], 0) == (["#x"], None)
    assert play_life(["#x"], 1) == ([".."], None)


def test_play_life_lines_of_different_length():
    assert play_life(["##", "#"], 1) == (["##", "#"], 0)


@cache
def _letters() -> tuple:
    rng = random.Random(3402)
    grid = ["".join(rng.choices("abcdefgh", k=20)) for _ in range(18)]
    words = [grid[3][4:9], grid[10][2:8][::-1], "".join(row[7] for row in grid[5:10]), "HEAD", "zebra"]
    return grid, words


def bench_find_words():
    return find_words(*_letters())


def test_find_words_by_hand():
    grid = ["CATS", "xoxx", "xxGx", "zebO"]
    assert find_words(grid, ["cat", "cogo", "TAC", "bez", "dog"]) == {
        "cat": (0, 0, (0, 1)),
        "cogo": (0, 0, (1, 1)),
        "TAC": (0, 2, (0, -1)),
        "bez": (3, 2, (0, -1)),
        "dog": None,
    }


def test_find_words_first_place_and_direction():
    assert find_words(["aa", "aa"], ["aa"]) == {"aa": (0, 0, (0, 1))}
    assert find_words(["ba", "aa"], ["ab"]) == {"ab": (0, 1, (0, -1))}


def test_find_words_of_nothing():
    assert find_words([], ["a"]) == {"a": None}
    assert find_words(["abc"], []) == {}
    assert find_words(["abc"], [""]) == {"": (0, 0, (0, 1))}


def test_find_words_longer_than_the_grid():
    assert find_words(["ab"], ["abc"]) == {"abc": None}
