"""Every installed rule, tested on the examples it carries."""

import ast
import copy
from collections.abc import Iterator
from typing import Any

import pytest

from rsi_sandbox.model import Safety, Tree, apply_edits
from rsi_sandbox.rules import Example, Observed, Rewrite, Rule, SourceModule, installed

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.name}-{index}")
    for rule in installed()
    for index, example in enumerate(rule.examples)
]
LEAVES = [
    pytest.param(rule, source, id=f"{rule.name}-{index}")
    for rule in installed()
    for index, source in enumerate(rule.leaves)
]


def rewrites(rule: Rule, source: bytes, observed: Any = ()) -> Iterator[Rewrite]:
    module = SourceModule.parse("example.py", source)
    assert module is not None
    for function in module.functions:
        if function.qualname in observed:
            function.observed = Observed.of(observed[function.qualname])
        yield from rule.find(module, function)


def lists_everywhere(source: str) -> dict[str, Any]:
    """The friendliest evidence there can be: every parameter is a long list of hashable elements."""
    module = SourceModule.parse("example.py", source.encode())
    assert module is not None
    seen = {"types": ["list"], "len_max": 1000, "hashable": True}
    return {one.qualname: dict.fromkeys(one.params, seen) for one in module.functions}


def answer(source: str, call: str) -> Any:
    space: dict[str, Any] = {}
    exec(compile(source, "example.py", "exec"), space)
    try:
        value = eval(call, space)
    except Exception as error:
        return type(error), str(error)
    return repr(value), type(value)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_rewrites_to_exactly_the_example(rule: Rule, example: Example) -> None:
    found = list(rewrites(rule, example.before.encode(), example.observed))
    results = [apply_edits(example.before.encode(), one.edits).decode() for one in found]
    assert example.after in results
    assert all(one.gain > 1 and one.rationale.endswith(".") and one.line >= 1 for one in found)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_keeps_carriage_returns(rule: Rule, example: Example) -> None:
    source = example.before.replace("\n", "\r\n").encode()
    wanted = example.after.replace("\n", "\r\n").encode()
    results = [apply_edits(source, one.edits) for one in rewrites(rule, source, example.observed)]
    assert wanted in results


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_keeps_spans_right_behind_wide_characters(rule: Rule, example: Example) -> None:
    head = "# naïve — 日本\n"
    source = (head + example.before).encode()
    results = [apply_edits(source, one.edits) for one in rewrites(rule, source, example.observed)]
    assert results
    for result in results:
        ast.parse(result)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_answers_alike(rule: Rule, example: Example) -> None:
    assert example.calls
    for call in example.calls:
        assert answer(example.before, call) == answer(example.after, call), call


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_is_done_after_one_pass(rule: Rule, example: Example) -> None:
    again = [
        apply_edits(example.after.encode(), one.edits).decode()
        for one in rewrites(rule, example.after.encode(), example.observed)
    ]
    assert example.after not in again
    assert example.before not in again


@pytest.mark.parametrize(("rule", "source"), LEAVES)
def test_leaves_alone(rule: Rule, source: str) -> None:
    ast.parse(source)
    assert list(rewrites(rule, source.encode())) == []
    assert list(rewrites(rule, source.encode(), lists_everywhere(source))) == []


@pytest.mark.parametrize("rule", [pytest.param(one, id=one.name) for one in installed()])
def test_is_documented(rule: Rule) -> None:
    assert "Safety:" in rule.doc
    assert rule.examples
    assert rule.leaves
    assert rule.speedup > 1
    assert 0 < rule.acceptance < 1
    assert rule.name == rule.name.lower().replace("_", "-")


def test_rules_only_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for rule in installed():
        for example in rule.examples:
            observed = copy.deepcopy(dict(example.observed))
            list(rewrites(rule, example.before.encode(), example.observed))
            assert observed == dict(example.observed)


def test_safety_classes_are_closed() -> None:
    assert {rule.safety for rule in installed()} <= set(Safety)
    assert Tree({}).digest
