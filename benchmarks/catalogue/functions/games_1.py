"""Sudoku, the game of life, word search."""

__all__ = ["find_words", "play_life", "solve_sudoku"]


def _row_values(board, row):
    return [board[row][c] for c in range(9)]


def _column_values(board, column):
    return [board[r][column] for r in range(9)]


def _box_values(board, row, column):
    values = []
    top = row // 3 * 3
    left = column // 3 * 3
    for r in range(top, top + 3):
        for c in range(left, left + 3):
            values.append(board[r][c])
    return values


def _is_allowed(board, row, column, digit):
    if digit in _row_values(board, row):
        return False
    if digit in _column_values(board, column):
        return False
    return digit not in _box_values(board, row, column)


def _find_empty(board):
    for row in range(9):
        for column in range(9):
            if board[row][column] == 0:
                return row, column
    return None


def _fill(board):
    place = _find_empty(board)
    if place is None:
        return True
    row, column = place
    for digit in range(1, 10):
        if _is_allowed(board, row, column, digit):
            board[row][column] = digit
            if _fill(board):
                return True
            board[row][column] = 0
    return False


def solve_sudoku(text):
    """Solve a board of 81 characters, `.` or 0 are empty; the smallest solution in reading order, None without one."""
    if len(text) != 81:
        raise ValueError(f"81 characters expected, got {len(text)}")
    board = []
    for row in range(9):
        board.append([0 if char in ".0" else int(char) for char in text[row * 9 : row * 9 + 9]])
    for row in range(9):
        for column in range(9):
            digit = board[row][column]
            if digit != 0:
                board[row][column] = 0
                if not _is_allowed(board, row, column, digit):
                    return None
                board[row][column] = digit
    if not _fill(board):
        return None
    return "".join(str(digit) for row in board for digit in row)


def _alive(grid, row, column):
    if row < 0 or column < 0:
        return False
    try:
        return grid[row][column] == "#"
    except IndexError:
        return False


def _count_neighbours(grid, row, column):
    count = 0
    for dr in [-1, 0, 1]:
        for dc in [-1, 0, 1]:
            if (dr, dc) == (0, 0):
                continue
            if _alive(grid, row + dr, column + dc):
                count += 1
    return count


def play_life(lines, generations):
    """Let a rectangle of `#` and `.` live; returns the last generation, and the earlier one it repeats or None."""
    grid = [list(line) for line in lines]
    seen = [["".join(row) for row in grid]]
    for _ in range(generations):
        fresh = []
        for row in range(len(grid)):
            line = []
            for column in range(len(grid[row])):
                neighbours = _count_neighbours(grid, row, column)
                if _alive(grid, row, column) and neighbours in [2, 3]:
                    line.append("#")
                elif not _alive(grid, row, column) and neighbours == 3:
                    line.append("#")
                else:
                    line.append(".")
            fresh.append(line)
        grid = fresh
        picture = ["".join(row) for row in grid]
        if picture in seen:
            return picture, seen.index(picture)
        seen.append(picture)
    return ["".join(row) for row in grid], None


DIRECTIONS = [(0, 1), (1, 0), (1, 1), (1, -1), (0, -1), (-1, 0), (-1, -1), (-1, 1)]


def _read(grid, row, column, direction, length):
    text = ""
    for step in range(length):
        r = row + direction[0] * step
        c = column + direction[1] * step
        if r < 0 or r >= len(grid) or c < 0 or c >= len(grid[r]):
            return text
        text += grid[r][c]
    return text


def find_words(grid, words):
    """Where each word begins and which way it goes: (row, column, direction) of the first place in reading order."""
    places = {}
    for word in words:
        places[word] = None
        for row in range(len(grid)):
            for column in range(len(grid[row])):
                for direction in DIRECTIONS:
                    found = _read(grid, row, column, direction, len(word))
                    if found.upper() == word.upper() and places[word] is None:
                        places[word] = (row, column, direction)
    return places
