"""Edits, trees and candidates: identity, combination and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_sandbox.model import Candidate, Edit, Site, Tree, apply_edits, canonical_json, combine


def candidate(*edits: Edit, parent: str = "p") -> Candidate:
    sites = (Site("a.py", "f", 1, "some-rule"),)
    return Candidate(parent=parent, edits=edits, sites=sites, rationale="because")


def test_edits_are_made_in_order_of_position() -> None:
    assert apply_edits(b"0123456789", [Edit("a", 8, 9, "B"), Edit("a", 1, 3, "A")]) == b"0A34567B9"


def test_equal_insertions_count_once() -> None:
    assert apply_edits(b"xy", [Edit("a", 1, 1, "-"), Edit("a", 1, 1, "-")]) == b"x-y"


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (Edit("a", 0, 2, ""), Edit("a", 1, 3, ""), True),
        (Edit("a", 0, 2, ""), Edit("a", 2, 3, ""), False),
        (Edit("a", 1, 1, "x"), Edit("a", 0, 2, ""), True),
        (Edit("a", 2, 2, "x"), Edit("a", 0, 2, ""), False),
        (Edit("a", 0, 0, "x"), Edit("a", 0, 2, ""), False),
        (Edit("a", 1, 1, "x"), Edit("a", 1, 1, "y"), False),
        (Edit("a", 0, 2, ""), Edit("b", 0, 2, ""), False),
    ],
)
def test_overlap(one: Edit, other: Edit, *, clash: bool) -> None:
    assert one.overlaps(other) is clash
    assert other.overlaps(one) is clash


@pytest.mark.parametrize("edit", [Edit("a", 0, 99, ""), Edit("a", 3, 1, "")])
def test_an_edit_outside_the_file_is_refused(edit: Edit) -> None:
    with pytest.raises(ValueError, match="leave the file"):
        apply_edits(b"abc", [edit])


@given(st.binary(max_size=40), st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45), st.text(max_size=3))))
def test_edits_that_do_not_overlap_always_apply_in_any_order(source: bytes, spans: list[tuple[int, int, str]]) -> None:
    edits = [Edit("a", s, e, t) for s, e, t in spans if s <= e <= len(source)]
    kept: list[Edit] = []
    for edit in edits:
        if not any(edit.overlaps(other) for other in kept):
            kept.append(edit)
    assert apply_edits(source, kept) == apply_edits(source, list(reversed(kept)))


def test_identity_is_parent_and_edits_only() -> None:
    one = candidate(Edit("a", 0, 1, "x"), Edit("a", 2, 3, "y"))
    same = Candidate("p", (Edit("a", 2, 3, "y"), Edit("a", 0, 1, "x")), (), "other words", 9.0)
    assert one.digest == same.digest
    assert one.digest != candidate(Edit("a", 0, 1, "x")).digest
    assert one.digest != candidate(*one.edits, parent="q").digest


def test_conflicting_candidates_are_not_combined() -> None:
    with pytest.raises(ValueError, match="conflict"):
        combine([candidate(Edit("a", 0, 4, "x")), candidate(Edit("a", 2, 5, "y"))])
    with pytest.raises(ValueError, match="nothing"):
        combine([])
    with pytest.raises(ValueError, match="conflict"):
        combine([candidate(Edit("a", 0, 1, "x")), candidate(Edit("a", 5, 6, "y"), parent="q")])


def test_a_tree_is_named_by_content_path_and_mode() -> None:
    tree = Tree({"a.py": b"1", "b.py": b"2"})
    assert tree.digest == Tree({"b.py": b"2", "a.py": b"1"}).digest
    assert tree.digest != Tree({"a.py": b"1", "c.py": b"2"}).digest
    assert tree.digest != Tree({"a.py": b"1", "b.py": b"2"}, frozenset({"a.py"})).digest
    edited = tree.with_edits([Edit("a.py", 0, 1, "3")])
    assert edited.changed_from(tree) == {"a.py": b"3"}


def test_canonical_json_refuses_nan() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json({"x": float("nan")})
