"""`x in ys` on a list, again and again: look it up in a set made once."""

from collections.abc import Iterator

import libcst as cst

from rsi_sandbox.model import Safety
from rsi_sandbox.rules.analysis.effects import bindings, builtin, local_list, plain
from rsi_sandbox.rules.analysis.loops import Hoist, hoist
from rsi_sandbox.rules.analysis.shapes import comparison
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Tier, rule

SHORTEST = 8
"""Below this length a list is as fast as a set."""


@rule(
    "list-membership-in-loop",
    safety=Safety.GUARDED,
    tier=Tier.P0,
    speedup=8.0,
    acceptance=0.6,
    examples=(
        Example(
            before="""\
def common(xs, ys):
    out = []
    for x in xs:
        if x in ys:  # kept
            out.append(x)
    return out
""",
            after="""\
def common(xs, ys):
    out = []
    ys_set = set(ys)
    for x in xs:
        if x in ys_set:  # kept
            out.append(x)
    return out
""",
            calls=("common([1, 2, 3, 2], [2, 3])", "common([], [])", "common('ab', ['a'])"),
            observed={"common": {"ys": {"types": ["list"], "len_max": 500, "hashable": True}}},
            workload="common(list(range(n)), list(range(0, 2 * n, 2)))",
        ),
        Example(
            before="""\
def extras(xs, ys):
    return [x for x in xs if x not in ys]
""",
            after="""\
def extras(xs, ys):
    ys_set = set(ys)
    return [x for x in xs if x not in ys_set]
""",
            calls=("extras([1, 2, 3], [2])", "extras([], [])"),
            observed={"extras": {"ys": {"types": ["list", "tuple"], "len_max": 90, "hashable": True}}},
            workload="extras(list(range(n)), list(range(0, 2 * n, 2)))",
        ),
    ),
    leaves=(
        "def f(xs, ys):\n    for x in xs:\n        if x not in ys:\n            ys.append(x)\n    return ys\n",
        "def f(xs, ys):\n    return ys in xs\n",
        "def f(xs, d):\n    d = {}\n    return [x for x in xs if x in d]\n",
        "def f(xs, ys):\n    ys = list(ys)\n    for x in xs:\n        if x in ys:\n            spoil(ys)\n",
        "def f(xs):\n    for ys in xs:\n        if 1 in ys:\n            return ys\n    return None\n",
    ),
)
def list_membership_in_loop(module: SourceModule, function: FunctionNode) -> Iterator[Rewrite]:
    """A loop or comprehension that tests membership in a list or tuple it does not change.

    A list is searched from the front; a set answers at once.

    Safety: elements and the value looked up must be hashable, with a hash that agrees with equality; an unhashable
    one raises TypeError where the list answered. The list must not change in the loop. Without observed types this is
    speculative.
    """
    if not plain(function) or not builtin(function, "set"):
        return
    sites: dict[tuple[str, int], tuple[Hoist, list[cst.Name]]] = {}
    for node in function.own:
        sides = comparison(node, cst.In, cst.NotIn)
        if sides is None or not isinstance(sides[1], cst.Name) or not _sequence(function, sides[1].value):
            continue
        place = hoist(function, node, frozenset({sides[1].value}))
        if place is not None:
            key = (sides[1].value, module.span(place.anchor)[0])
            sites.setdefault(key, (place, []))[1].append(sides[1])
    for (name, start), (place, found) in sites.items():
        seen = function.observed.param(name)
        local = function.name_for(f"{name}_set", f"set of {name} at {start}")
        yield Rewrite(
            edits=(
                module.before(place.anchor, [f"{local} = set({name})"]),
                *(module.replace(node, local) for node in found),
            ),
            line=module.line(found[0]),
            rationale=f"Looks values up in a set made once instead of searching the list `{name}` each time.",
            gain=min(200.0, 2.0 + seen.len_max / 20) if seen.len_max else 8.0,
            safety=None if seen.hashable and name in function.params else Safety.SPECULATIVE,
        )


def _sequence(function: FunctionNode, name: str) -> bool:
    if name in function.params:
        seen = function.observed.param(name)
        rebound = len(bindings(function, name)) > 1
        return not rebound and seen.only("list", "tuple") and seen.len_max >= SHORTEST
    if not local_list(function, name):
        return False
    values = [getattr(holder, "value", None) for holder in _holders(function, name)]
    return not any(isinstance(value, cst.List) and 0 < len(value.elements) < SHORTEST for value in values)


def _holders(function: FunctionNode, name: str) -> list[cst.CSTNode | None]:
    return [function.module.parent(node) for node in bindings(function, name)]
