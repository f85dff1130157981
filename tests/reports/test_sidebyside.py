"""Differences as rows: nothing is lost, the changed words are marked, colours follow the syntax."""

from hypothesis import given
from hypothesis import strategies as st

from rsi_sandbox.model import Tree
from rsi_sandbox.reports.sidebyside import CONTEXT, FileDiff, Row, Side, files


def diff(old: str, new: str, path: str = "a.py") -> FileDiff:
    (found,) = files(Tree({path: old.encode()}), Tree({path: new.encode()}))
    return found


def text(side: Side | None) -> str:
    return "" if side is None else "".join(piece.text for piece in side.pieces)


LINES = st.lists(
    st.sampled_from(["x = 1", "def f():", '    """doc', '    """', "    return 'a' # c", "", "  y"]), max_size=12
)


@given(LINES, LINES)
def test_every_changed_line_is_there_as_it_was(old: list[str], new: list[str]) -> None:
    before, after = "\n".join(old), "\n".join(new)
    found = list(files(Tree({"a.py": before.encode()}), Tree({"a.py": after.encode()})))
    if before == after:
        assert found == []
        return
    for row in found[0].rows:
        for side, lines in ((row.old, before.split("\n")), (row.new, after.split("\n"))):
            if side is not None:
                assert text(side) == lines[side.number - 1]
        if row.kind == "same":
            assert text(row.old) == text(row.new)
    shown = {side.number for row in found[0].rows if (side := row.new) is not None}
    missing = [line for number, line in enumerate(after.split("\n"), 1) if number not in shown]
    assert all(line in before.split("\n") for line in missing)


def test_the_words_that_changed_are_marked() -> None:
    (row,) = [row for row in diff("value = search(list)\n", "value = search(table)\n").rows if row.kind == "changed"]
    assert row.old is not None
    assert row.new is not None
    marked = ["".join(piece.text for piece in side.pieces if piece.changed) for side in (row.old, row.new)]
    assert set(marked[0]) <= set("list")
    assert "tab" in marked[1]
    assert "search" not in marked[1]


def test_only_a_little_around_a_change_is_shown_and_gaps_are_said() -> None:
    lines = [f"x = {n}" for n in range(60)]
    other = [*lines]
    other[5], other[50] = "y = 5", "y = 50"
    rows = diff("\n".join(lines), "\n".join(other)).rows
    assert [row.kind for row in rows].count("gap") == 1
    assert len(rows) == 2 * (2 * CONTEXT + 1) + 1


def syntax(row: Row, word: str) -> str:
    assert row.new is not None
    return next(piece.syntax for piece in row.new.pieces if word in piece.text)


def test_colours_follow_the_syntax_also_inside_a_docstring() -> None:
    source = (
        "def f():\n" + '    """Long\n' + "".join(f"    for line {n}\n" for n in range(9)) + '    """\n    return 1\n'
    )
    rows = diff(source, source.replace("for line 7", "for line seven")).rows
    changed = next(row for row in rows if row.kind == "changed")
    assert syntax(changed, "line") == "s"
    end = next(row for row in rows if "return" in text(row.new))
    assert syntax(end, "return") == "k"


def test_a_long_line_is_cut_and_says_so() -> None:
    (row,) = [row for row in diff("x = 1\n", "x = '" + "a" * 5000 + "'\n").rows if row.kind == "changed"]
    assert text(row.new).endswith("(line cut)")


def test_other_files_are_shown_without_colours() -> None:
    assert {piece.syntax for row in diff("def f", "def g", "a.txt").rows for piece in (row.new or row.old).pieces} == {
        ""
    }  # type: ignore[union-attr]
