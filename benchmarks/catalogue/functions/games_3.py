"""The sliding puzzle, anagrams, odds of dice."""

from collections import defaultdict
from fractions import Fraction

__all__ = ["anagram_groups", "dice_odds", "solve_sliding"]

MOVES = {"U": (-1, 0), "D": (1, 0), "L": (0, -1), "R": (0, 1)}


class Position:
    def __init__(self, tiles, width, path):
        self.tiles = tiles
        self.width = width
        self.path = path

    def successors(self):
        blank = self.tiles.index(0)
        row, column = divmod(blank, self.width)
        height = len(self.tiles) // self.width
        for name, (dr, dc) in MOVES.items():
            r, c = row + dr, column + dc
            if 0 <= r < height and 0 <= c < self.width:
                tiles = list(self.tiles)
                other = r * self.width + c
                tiles[blank], tiles[other] = tiles[other], tiles[blank]
                yield Position(tiles, self.width, self.path + [name])

    def is_solved(self):
        for place, tile in enumerate(self.tiles[:-1]):
            if tile != place + 1:
                return False
        return True


def solve_sliding(tiles, width, max_moves=30):
    """Shortest moves of the blank (0) that sort the tiles with the blank last, None if there are none that short."""
    if sorted(tiles) != list(range(len(tiles))) or len(tiles) % width != 0:
        raise ValueError("tiles must be the numbers from 0 and fill the rows")
    queue = [Position(list(tiles), width, [])]
    seen = [list(tiles)]
    while queue:
        position = queue.pop(0)
        if position.is_solved():
            return "".join(position.path)
        if len(position.path) == max_moves:
            continue
        for successor in position.successors():
            if successor.tiles not in seen:
                seen.append(successor.tiles)
                queue.append(successor)
    return None


def anagram_groups(words, smallest=2):
    """Words made of the same letters, each once and whatever their case: largest group first, then by its words.

    What is not made of letters only is left out.
    """
    groups = defaultdict(set)
    for word in words:
        low = word.strip().lower()
        if not low.isalpha():
            continue
        groups["".join(sorted(low))].add(low)
    found = [sorted(group) for group in groups.values() if len(group) >= smallest]
    found.sort(key=lambda group: (-len(group), group))
    return found


def dice_odds(dice, at_least):
    """Chance that the sum of some dice, given by their faces, reaches a number, and the most likely sums."""
    counts = {0: 1}
    for faces in dice:
        if not faces:
            raise ValueError("a die without faces")
        fresh = defaultdict(int)
        for total, ways in counts.items():
            for face in faces:
                fresh[total + face] += ways
        counts = fresh
    all_ways = sum(counts.values())
    good = sum(ways for total, ways in counts.items() if total >= at_least)
    most = max(counts.values())
    return Fraction(good, all_ways), sorted(total for total, ways in counts.items() if ways == most)
