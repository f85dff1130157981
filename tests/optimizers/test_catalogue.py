"""The catalogue: stable order, the allowed predicate, learning, and bundles."""

from dataclasses import replace

import pytest

from rsi_sandbox.model import Edit, HotFunction, Profile, Safety, Tree
from rsi_sandbox.optimizers import Brief, Catalogue
from rsi_sandbox.optimizers.catalogue import parses, sound
from rsi_sandbox.rules import Observed

SOURCE = b"""\
def unique(xs):
    out = []
    for x in xs:
        if x not in out:
            out.append(x)
    return out


def grow(xs):
    out = []
    for x in xs:
        out = out + [x]
    return out


def cold(xs):
    out = []
    for x in xs:
        out = out + [x]
    return out
"""


def hot(name: str, line: int, share: float, reach: float, path: str = "m.py") -> HotFunction:
    return HotFunction(path, name, line, 10, share, reach, share, reach)


@pytest.fixture
def brief() -> Brief:
    profile = Profile((hot("grow", 9, 0.2, 0.2), hot("unique", 1, 0.7, 0.75), hot("cold", 16, 0.001, 0.001)), 1.0)
    return Brief(Tree({"m.py": SOURCE, "tests/t.py": SOURCE}), lambda path: not path.startswith("tests/"), profile)


def test_best_expected_first_and_cold_code_left_alone(brief: Brief) -> None:
    found = list(Catalogue().propose(brief))
    assert [one.functions[0][1] for one in found if "list-" in one.rules[0]] == ["unique", "grow"]
    assert all(one.parent == brief.tree.digest and one.expected > 1 for one in found)


def test_same_brief_same_order(brief: Brief) -> None:
    assert [one.digest for one in Catalogue().propose(brief)] == [one.digest for one in Catalogue().propose(brief)]


def test_never_a_path_that_may_not_change(brief: Brief) -> None:
    profile = Profile((hot("unique", 1, 0.9, 0.9, "tests/t.py"),), 1.0)
    assert list(Catalogue().propose(replace(brief, profile=profile))) == []
    assert not sound(brief.tree, [Edit("tests/t.py", 0, 0, "x = 1\n")], brief)


def test_never_a_file_that_does_not_parse(brief: Brief) -> None:
    assert not sound(brief.tree, [Edit("m.py", 0, 3, "")], brief)
    assert not sound(brief.tree, [Edit("m.py", 0, 3, "def")], brief)
    assert not sound(brief.tree, [Edit("m.py", 0, 9_999_999, "")], brief)
    assert sound(brief.tree, [Edit("m.py", 0, 0, "x = 1\n")], brief)
    assert parses(b"x = '\\d'\n")


def test_rejected_rewrites_are_not_repeated_on_the_next_parent(brief: Brief) -> None:
    optimizer = Catalogue()
    first = next(iter(optimizer.propose(brief)))
    optimizer.tell(first.digest, accepted=False, objection="faster")
    files = dict(brief.tree.files)
    files["other.py"] = b""
    later = list(optimizer.propose(replace(brief, tree=Tree(files))))
    assert all((one.functions, one.rules) != (first.functions, first.rules) for one in later)


def test_verdicts_move_the_acceptance(brief: Brief) -> None:
    optimizer = Catalogue()
    first = next(iter(optimizer.propose(brief)))
    rule = next(rule for rule in optimizer._rules if rule.name == first.rules[0])
    before = optimizer.acceptance(rule)
    optimizer.tell(first.digest, accepted=True, objection="")
    assert optimizer.acceptance(rule) > before
    optimizer.tell("unknown", accepted=False, objection="")


def test_speculative_rewrites_can_be_left_out(brief: Brief) -> None:
    found = list(Catalogue(speculative=False).propose(brief))
    assert all(one.safety is not Safety.SPECULATIVE for one in found)


def test_observed_types_reach_the_rules() -> None:
    source = b"def common(xs, ys):\n    return [x for x in xs if x in ys]\n"
    brief = Brief(Tree({"m.py": source}), lambda path: True, Profile((hot("common", 1, 1.0, 1.0),), 1.0))
    assert "list-membership-in-loop" not in {rule for one in Catalogue().propose(brief) for rule in one.rules}
    seen = Observed.of({"ys": {"types": ["list"], "len_max": 99, "hashable": True}})
    found = list(Catalogue().propose(replace(brief, observed={"m.py::common": seen})))
    assert found[0].rules == ("list-membership-in-loop",)
    assert found[0].safety is Safety.GUARDED
