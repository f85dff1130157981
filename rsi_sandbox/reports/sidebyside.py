"""The difference of two texts as rows of two sides, with syntax colours and the changed words marked.

Only what changed is shown, with a few lines around it. Colours come from Pygments, which reads just the lines shown.
"""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rsi_sandbox.model import Tree

CONTEXT = 3
LONGEST = 400
"""Characters of one line that are shown; longer ones are cut, and say so."""
MOST_ROWS = 400
_CLASSES = (
    ("Keyword", "k"),
    ("Literal.String", "s"),
    ("Comment", "c"),
    ("Literal.Number", "n"),
    ("Name.Function", "f"),
    ("Name.Class", "f"),
    ("Name.Decorator", "d"),
    ("Name.Builtin", "b"),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line that looks the same throughout."""

    text: str
    syntax: str
    """Short name of a syntax class, empty for plain text."""
    changed: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One line on one side."""

    number: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Two lines beside each other; a side that has no line there is None. A gap has neither."""

    kind: str
    """`same`, `changed`, `removed`, `added` or `gap`."""
    old: Side | None
    new: Side | None


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One file."""

    path: str
    rows: tuple[Row, ...]
    cut: int
    """Rows that are not shown."""


def files(before: Tree, after: Tree) -> Iterator[FileDiff]:
    """Every file that differs."""
    for path in sorted({*before.files, *after.files}):
        old, new = before.files.get(path, b""), after.files.get(path, b"")
        if old != new:
            rows = list(_rows(path, _lines(old), _lines(new)))
            yield FileDiff(path, tuple(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS))


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").split("\n")


def _rows(path: str, old: list[str], new: list[str]) -> Iterator[Row]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for place, group in enumerate(matcher.get_grouped_opcodes(CONTEXT)):
        if place:
            yield Row("gap", None, None)
        first, last = group[0], group[-1]
        left = _coloured(path, old, first[1], last[2])
        right = _coloured(path, new, first[3], last[4])
        for tag, old_at, old_to, new_at, new_to in group:
            for step in range(max(old_to - old_at, new_to - new_at)):
                there = old_at + step if old_at + step < old_to else None
                here = new_at + step if new_at + step < new_to else None
                yield _row(tag, old, new, there, here, left, right)


_Colours = dict[int, list[tuple[str, str]]]


def _row(
    tag: str, old: list[str], new: list[str], there: int | None, here: int | None, left: _Colours, right: _Colours
) -> Row:
    """The row of line `there` of the old text and line `here` of the new one."""
    if tag == "equal" and there is not None and here is not None:
        return Row("same", Side(there + 1, _whole(left[there])), Side(here + 1, _whole(right[here])))
    if there is None and here is not None:
        return Row("added", None, Side(here + 1, _whole(right[here])))
    if here is None and there is not None:
        return Row("removed", Side(there + 1, _whole(left[there])), None)
    assert there is not None
    assert here is not None
    gone, come = _words(old[there], new[here])
    return Row("changed", Side(there + 1, _marked(left[there], gone)), Side(here + 1, _marked(right[here], come)))


def _whole(runs: list[tuple[str, str]]) -> tuple[Piece, ...]:
    return tuple(Piece(text, syntax, False) for text, syntax in _shortened(runs))


def _shortened(runs: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    left = LONGEST
    for text, syntax in runs:
        if len(text) > left:
            yield text[:left] + " ... (line cut)", syntax
            return
        left -= len(text)
        yield text, syntax


def _words(old: str, new: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Spans of characters that differ on both sides; everything when the lines have little in common."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if max(len(old), len(new)) > LONGEST or matcher.quick_ratio() < 0.4:
        return [(0, len(old))], [(0, len(new))]
    gone, come = [], []
    for tag, old_at, old_to, new_at, new_to in matcher.get_opcodes():
        if tag != "equal":
            gone.append((old_at, old_to))
            come.append((new_at, new_to))
    return gone, come


def _marked(runs: list[tuple[str, str]], spans: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """Coloured runs cut where a changed span begins or ends."""
    edges = sorted({edge for span in spans for edge in span})
    found: list[Piece] = []
    position = 0
    for text, syntax in _shortened(runs):
        cuts = [0, *(edge - position for edge in edges if 0 < edge - position < len(text)), len(text)]
        for start, end in pairwise(cuts):
            inside = any(at <= position + start < to for at, to in spans)
            if text[start:end]:
                found.append(Piece(text[start:end], syntax, inside))
        position += len(text)
    return tuple(found)


def _coloured(path: str, lines: list[str], start: int, end: int) -> _Colours:
    """Line number -> coloured runs, for the lines of one hunk."""
    if not path.endswith((".py", ".pyi")):
        return {number: [(lines[number], "")] for number in range(start, end)}
    above = "\n".join(lines[:start])
    quotes = [quote for quote in ('"""', "'''") if above.count(quote) % 2]
    runs = _python("\n".join(lines[start:end]), quotes[0] if quotes else "")
    return {start + place: list(line) for place, line in enumerate(runs)}


@lru_cache(maxsize=4096)
def _python(text: str, inside: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Lines of Python as coloured runs; `inside` is the quote that was opened further up."""
    from pygments.lexers import PythonLexer

    prefix = f"{inside}\n" if inside else ""
    lines: list[list[tuple[str, str]]] = [[]]
    for _, token, part in PythonLexer(ensurenl=False, stripnl=False).get_tokens_unprocessed(prefix + text):
        name = str(token).removeprefix("Token.")
        syntax = next((short for long, short in _CLASSES if name.startswith(long)), "")
        for place, piece in enumerate(part.split("\n")):
            if place:
                lines.append([])
            if not piece:
                continue
            if lines[-1] and lines[-1][-1][1] == syntax:
                lines[-1][-1] = (lines[-1][-1][0] + piece, syntax)
            else:
                lines[-1].append((piece, syntax))
    if inside:
        lines = lines[1:]
    wanted = text.count("\n") + 1
    lines += [[] for _ in range(wanted - len(lines))]
    return tuple(tuple(line) for line in lines[:wanted])
