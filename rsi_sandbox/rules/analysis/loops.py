"""Where a loop starts, what it repeats, and where a statement can go so that it runs once instead."""

from dataclasses import dataclass

import libcst as cst

from rsi_sandbox.rules.analysis.effects import disturbed
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule

LOOPS = (cst.For, cst.While)
COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.GeneratorExp, cst.DictComp)
_SCOPES = (cst.FunctionDef, cst.Lambda, cst.ClassDef)


@dataclass(frozen=True, slots=True)
class Hoist:
    """A place outside a loop."""

    anchor: cst.CSTNode
    """The statement to insert in front of; it starts its line."""
    loop: cst.CSTNode
    """The outermost loop or comprehension that the place is in front of."""
    through_try: bool
    """Whether a `try` lies between the place and the node."""


def repeated(module: SourceModule, node: cst.CSTNode, loop: cst.CSTNode) -> bool:
    """Whether the loop around `node` evaluates it once for each iteration."""
    below = node
    for around in module.ancestors(node):
        if around is loop:
            break
        below = around
    if isinstance(loop, cst.For):
        return below is loop.body
    if isinstance(loop, cst.While):
        return below is loop.body or below is loop.test
    if isinstance(loop, cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp):
        if below is not loop.for_in:
            return True
        first = loop.for_in.iter
        return node is not first and all(around is not first for around in module.ancestors(node))
    return False


def enclosing_loops(module: SourceModule, node: cst.CSTNode) -> list[cst.CSTNode]:
    """The loops and comprehensions of the same frame that evaluate the node again and again, innermost first."""
    found: list[cst.CSTNode] = []
    for around in module.ancestors(node):
        if isinstance(around, _SCOPES):
            break
        if isinstance(around, LOOPS + COMPREHENSIONS) and repeated(module, node, around):
            found.append(around)
    return found


def statement_of(module: SourceModule, node: cst.CSTNode) -> cst.CSTNode:
    """The statement the node is in, the node itself when it is one."""
    current: cst.CSTNode = node
    while not isinstance(current, cst.SimpleStatementLine | cst.BaseCompoundStatement):
        above = module.parent(current)
        if above is None:
            return current
        current = above
    return current


def hoist(function: FunctionNode, node: cst.CSTNode, names: frozenset[str]) -> Hoist | None:
    """The outermost place from where to the node nothing disturbs the names; None when no loop is left behind."""
    module = function.module
    best: cst.CSTNode | None = None
    crossed = through_try = False
    for around in module.ancestors(node):
        if isinstance(around, _SCOPES):
            break
        if isinstance(around, LOOPS + COMPREHENSIONS):
            if any(disturbed(function, name, around) for name in names):
                break
            if repeated(module, node, around):
                best, through_try = around, crossed
        crossed = crossed or isinstance(around, cst.Try | cst.TryStar)
    if best is None:
        return None
    anchor = statement_of(module, best)
    if not module.alone(anchor) or (isinstance(anchor, cst.While) and anchor is not best):
        return None
    return Hoist(anchor, best, through_try)
