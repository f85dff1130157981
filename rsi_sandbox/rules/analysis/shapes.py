"""Small questions about one syntax node: what is called, on what, with which plain arguments."""

from collections.abc import Sequence

import libcst as cst


def name_of(node: cst.CSTNode | None) -> str:
    """The identifier of a bare name, otherwise nothing."""
    return node.value if isinstance(node, cst.Name) else ""


def root_of(node: cst.CSTNode) -> str:
    """The name that `a.b[c].d` starts with, or nothing."""
    while isinstance(node, cst.Attribute | cst.Subscript):
        node = node.value
    return name_of(node)


def plain_args(call: cst.Call) -> tuple[cst.BaseExpression, ...] | None:
    """The arguments when all are positional and none is starred."""
    if any(arg.keyword is not None or arg.star for arg in call.args):
        return None
    return tuple(arg.value for arg in call.args)


def call_args(node: cst.CSTNode | None, name: str, count: int) -> tuple[cst.BaseExpression, ...] | None:
    """The arguments of `name(a, ...)` with exactly `count` plain ones."""
    if isinstance(node, cst.Call) and name_of(node.func) == name:
        args = plain_args(node)
        return args if args is not None and len(args) == count else None
    return None


def method_args(node: cst.CSTNode | None, owner: str, method: str, count: int) -> tuple[cst.BaseExpression, ...] | None:
    """The arguments of `owner.method(a, ...)` with exactly `count` plain ones."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return None
    if name_of(node.func.value) != owner or node.func.attr.value != method:
        return None
    args = plain_args(node)
    return args if args is not None and len(args) == count else None


def only(statement: cst.CSTNode) -> cst.BaseSmallStatement | None:
    """The small statement that has a line for itself."""
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        return statement.body[0]
    return None


def expression(statement: cst.CSTNode) -> cst.BaseExpression | None:
    """The expression of an expression statement."""
    small = only(statement)
    return small.value if isinstance(small, cst.Expr) else None


def assignment(statement: cst.CSTNode) -> tuple[str, cst.BaseExpression] | None:
    """Name and value of `name = value` on a line for itself."""
    small = only(statement)
    if isinstance(small, cst.Assign) and len(small.targets) == 1:
        name = name_of(small.targets[0].target)
        return (name, small.value) if name else None
    return None


def block(node: cst.CSTNode) -> Sequence[cst.CSTNode]:
    """The statements of an indented body; nothing for a body on the header's line."""
    body = getattr(node, "body", None)
    return body.body if isinstance(body, cst.IndentedBlock) else ()


def comparison(
    node: cst.CSTNode, *operators: type[cst.BaseCompOp]
) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    """Both sides of `left op right` when it is not chained and the operator is one of these."""
    if isinstance(node, cst.Comparison) and len(node.comparisons) == 1:
        target = node.comparisons[0]
        if isinstance(target.operator, operators):
            return node.left, target.comparator
    return None


def integer(node: cst.CSTNode | None) -> int | None:
    """The value of an integer literal, with a minus sign or without."""
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        inner = integer(node.expression)
        return None if inner is None else -inner
    return int(node.value, 0) if isinstance(node, cst.Integer) else None


def index_of(node: cst.CSTNode | None) -> cst.BaseExpression | None:
    """The index of `a[index]`."""
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        inner = node.slice[0].slice
        return inner.value if isinstance(inner, cst.Index) and not inner.star else None
    return None


def slice_of(node: cst.CSTNode | None) -> cst.Slice | None:
    """The slice of `a[lower:upper]` without a step."""
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        inner = node.slice[0].slice
        return inner if isinstance(inner, cst.Slice) and inner.step is None else None
    return None
