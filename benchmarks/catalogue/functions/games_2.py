"""Noughts and crosses, poker hands, minesweeper."""

from __future__ import annotations

from collections import Counter, deque

__all__ = ["best_move", "rank_hands", "uncover"]

LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]


def _winner(board: list[str]) -> str | None:
    for a, b, c in LINES:
        if board[a] == board[b] == board[c] and board[a] != " ":
            return board[a]
    return None


def _free(board: list[str]) -> list[int]:
    return [place for place in range(9) if board[place] == " "]


def _score(board: list[str], player: str, me: str) -> int:
    """+1 if `me` wins with best play, 0 for a draw, -1 for a loss; earlier wins are no better than later ones."""
    winner = _winner(board)
    if winner == me:
        return 1
    if winner is not None:
        return -1
    if len(_free(board)) == 0:
        return 0
    scores = []
    for place in _free(board):
        child = board.copy()
        child[place] = player
        scores.append(_score(child, "O" if player == "X" else "X", me))
    return max(scores) if player == me else min(scores)


def best_move(text: str, player: str) -> tuple[int | None, int]:
    """The first of the best places for a player and what it leads to; no place when the game is over."""
    if len(text) != 9 or player not in ("X", "O"):
        raise ValueError("a board has nine places, a player is X or O")
    board = list(text)
    if _winner(board) is not None or not _free(board):
        return None, _score(board, player, player)
    best_place = None
    best_score = None
    for place in _free(board):
        child = board.copy()
        child[place] = player
        score = _score(child, "O" if player == "X" else "X", player)
        if best_score is None or score > best_score:
            best_place = place
            best_score = score
    return best_place, best_score


VALUES = "23456789TJQKA"
NAMES = [
    "high card", "pair", "two pairs", "three of a kind", "straight", "flush", "full house", "four of a kind",
    "straight flush",
]  # fmt: skip


class Hand:
    def __init__(self, text: str) -> None:
        self.cards = text.split()
        if len(self.cards) != 5 or len(set(self.cards)) != 5:
            raise ValueError(f"five different cards expected in {text!r}")
        for card in self.cards:
            if len(card) != 2 or card[0] not in VALUES or card[1] not in "CDHS":
                raise ValueError(f"no such card: {card}")

    def values(self) -> list[int]:
        return sorted([VALUES.index(card[0]) for card in self.cards], reverse=True)

    def is_flush(self) -> bool:
        return len(set(card[1] for card in self.cards)) == 1

    def is_straight(self) -> bool:
        values = self.values()
        if values == [12, 3, 2, 1, 0]:
            return True
        return values == list(range(values[0], values[0] - 5, -1))

    def groups(self) -> list[tuple[int, int]]:
        counts = Counter(self.values())
        return sorted([(count, value) for value, count in counts.items()], reverse=True)

    def rank(self) -> tuple[int, list[int]]:
        counts = [count for count, _ in self.groups()]
        tie_break = [value for _, value in self.groups()]
        if self.is_straight() and self.values()[:2] == [12, 3]:
            tie_break = [3]
        if self.is_straight() and self.is_flush():
            return 8, tie_break
        if counts == [4, 1]:
            return 7, tie_break
        if counts == [3, 2]:
            return 6, tie_break
        if self.is_flush():
            return 5, tie_break
        if self.is_straight():
            return 4, tie_break
        if counts == [3, 1, 1]:
            return 3, tie_break
        if counts == [2, 2, 1]:
            return 2, tie_break
        if counts == [2, 1, 1, 1]:
            return 1, tie_break
        return 0, tie_break


def rank_hands(texts: list[str]) -> list[tuple[str, str]]:
    """The hands with their names, the best first; equal hands stay in the order given."""
    hands = [(text, Hand(text)) for text in texts]
    hands.sort(key=lambda pair: pair[1].rank(), reverse=True)
    return [(text, NAMES[hand.rank()[0]]) for text, hand in hands]


AROUND = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


def uncover(height: int, width: int, mines: list[tuple[int, int]], clicks: list[tuple[int, int]]) -> list[str] | None:
    """The board after some clicks, None if one of them hit a mine; a field without mines around opens the next ones."""
    mine_set = set(mines)
    numbers: dict[tuple[int, int], int] = Counter(
        (row + dr, column + dc) for row, column in mine_set for dr, dc in AROUND
    )
    opened: set[tuple[int, int]] = set()
    for click in clicks:
        if not (0 <= click[0] < height and 0 <= click[1] < width):
            raise IndexError(f"no such field: {click}")
        if click in mine_set:
            return None
        if click in opened:
            continue
        opened.add(click)
        queue = deque([click])
        while queue:
            row, column = queue.popleft()
            if numbers[(row, column)]:
                continue
            for dr, dc in AROUND:
                place = (row + dr, column + dc)
                if place not in opened and 0 <= place[0] < height and 0 <= place[1] < width:
                    opened.add(place)
                    queue.append(place)
    return [
        "".join(str(numbers[(r, c)] or " ") if (r, c) in opened else "?" for c in range(width)) for r in range(height)
    ]
