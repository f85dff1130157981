"""Shapes of a source text that can be compared without running it: its public surface and its syntax subtrees."""

import ast
import hashlib
from collections import Counter
from collections.abc import Iterable


def public_names(tree: ast.Module) -> dict[str, str]:
    """Dotted public name -> what callers depend on: its kind, parameters with defaults, bases and decorators.

    Annotations and bodies are left out. Special methods are public, names with one leading underscore are not.
    """
    found: dict[str, str] = {}
    _collect(tree.body, "", found)
    return found


def _is_public(name: str) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def _collect(body: Iterable[ast.stmt], prefix: str, found: dict[str, str]) -> None:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if _is_public(node.name):
                found[prefix + node.name] = (
                    f"{type(node).__name__} {_parameters(node.args)} {_texts(node.decorator_list)}"
                )
        elif isinstance(node, ast.ClassDef):
            if _is_public(node.name):
                found[prefix + node.name] = f"class {_texts(node.bases)} {_texts(node.decorator_list)}"
                _collect(node.body, f"{prefix}{node.name}.", found)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for name in (item.id for target in targets for item in ast.walk(target) if isinstance(item, ast.Name)):
                if _is_public(name):
                    found[prefix + name] = _texts([node.value]) if name == "__all__" and node.value else "value"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            # Only explicit re-exports (`import a as a`) are promised; other imports are details.
            for alias in node.names:
                if alias.asname == alias.name and _is_public(alias.name):
                    found[prefix + alias.name] = "import"
        else:
            for field in ("body", "orelse", "finalbody"):
                _collect(getattr(node, field, []), prefix, found)
            for handler in getattr(node, "handlers", []):
                _collect(handler.body, prefix, found)


def _texts(nodes: Iterable[ast.expr]) -> str:
    return ",".join(ast.dump(node) for node in nodes)


def _parameters(args: ast.arguments) -> str:
    groups = (args.posonlyargs, args.args, args.kwonlyargs, [args.vararg], [args.kwarg])
    names = [[None if item is None else item.arg for item in group] for group in groups]
    keyword = [None if item is None else ast.dump(item) for item in args.kw_defaults]
    return f"{names} {_texts(args.defaults)} {keyword}"


def subtrees(tree: ast.AST) -> Counter[bytes]:
    """Multiset of syntax subtrees, docstrings and positions left out."""
    found: Counter[bytes] = Counter()
    _hashed(tree, found)
    return found


def _hashed(node: ast.AST, found: Counter[bytes]) -> bytes:
    parts: list[bytes] = [type(node).__name__.encode()]
    for name, value in ast.iter_fields(node):
        if name in ("ctx", "type_comment", "kind", "type_ignores"):
            continue
        items = value if isinstance(value, list) else [value]
        if name == "body" and items and _is_docstring(items[0]):
            items = items[1:]
        parts.append(name.encode())
        parts += [_hashed(item, found) if isinstance(item, ast.AST) else repr(item).encode() for item in items]
    digest = hashlib.blake2b(b"\x00".join(parts), digest_size=12).digest()
    found[digest] += 1
    return digest


def _is_docstring(node: object) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def distance(one: Counter[bytes], other: Counter[bytes]) -> float:
    """1 - |A and B| / |A or B| over multisets; 0.0 for two empty ones."""
    union = sum((one | other).values())
    return 1.0 - sum((one & other).values()) / union if union else 0.0
