"""Grids and networks: who is in reach, the cheapest cabling, all-pairs travel times."""

from collections import deque

__all__ = ["all_pairs", "cabling", "steps_to_exit"]

INFINITY = 10**9


def steps_to_exit(grid, start):
    """Fewest steps from the start to any `E` of a grid of text lines, `#` are walls; None if there is no way."""
    row, column = start
    if grid[row][column] == "#":
        raise ValueError("the start is a wall")
    height = len(grid)
    seen = {start}
    queue = deque([(row, column, 0)])
    while queue:
        row, column, steps = queue.popleft()
        if grid[row][column] == "E":
            return steps
        for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if 0 <= r < height and 0 <= c < len(grid[r]) and grid[r][c] != "#" and (r, c) not in seen:
                seen.add((r, c))
                queue.append((r, c, steps + 1))
    return None


class Groups:
    """Disjoint sets."""

    def __init__(self):
        self.parent = {}

    def find(self, item):
        parent = self.parent.setdefault(item, item)
        while parent != item:
            grandparent = self.parent[parent]
            self.parent[item] = grandparent
            item, parent = grandparent, self.parent[grandparent]
        return item

    def join(self, a, b):
        a, b = self.find(a), self.find(b)
        if a == b:
            return False
        self.parent[b] = a
        return True


def cabling(offers):
    """The cheapest offers (cost, a, b) that connect all sites, and their cost; raises if some can't be connected."""
    groups = Groups()
    chosen = []
    total = 0
    sites = {site for _, a, b in offers for site in (a, b)}
    for cost, a, b in sorted(offers):
        if groups.join(a, b):
            chosen.append((cost, a, b))
            total += cost
            if len(chosen) == len(sites) - 1:
                break
    if len(chosen) < len(sites) - 1:
        raise ValueError(f"{len(sites) - len(chosen)} separate networks")
    return chosen, total


def _index_of(names, name):
    for i in range(len(names)):
        if names[i] == name:
            return i
    raise KeyError(name)


def all_pairs(names, edges):
    """Shortest travel time between any two places (Floyd-Warshall), only pairs that are connected."""
    n = len(names)
    distance = [[INFINITY for _ in range(n)] for _ in range(n)]
    for i in range(n):
        distance[i][i] = 0
    for a, b, time in edges:
        i = _index_of(names, a)
        j = _index_of(names, b)
        distance[i][j] = min(distance[i][j], time)
        distance[j][i] = min(distance[j][i], time)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if distance[i][k] + distance[k][j] < distance[i][j]:
                    distance[i][j] = distance[i][k] + distance[k][j]
    result = {}
    for i in range(n):
        for j in range(n):
            if i != j and distance[i][j] < INFINITY:
                result[(names[i], names[j])] = distance[i][j]
    return result
