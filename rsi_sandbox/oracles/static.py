"""What can be said about a candidate without running it: its size, its reach, its surface and its effects.

Sources are parsed on the host and never imported, compiled or executed. A file that does not parse makes the facts
that depend on parsing absent rather than zero.
"""

import ast
import difflib
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache

from rsi_sandbox.model import Evidence, Fact, Tree, canonical_json
from rsi_sandbox.oracles.effects import HARMLESS_IMPORTS, imports, uses
from rsi_sandbox.oracles.surface import distance, public_names, subtrees

LARGEST_FILE = 4 << 20


@dataclass(frozen=True)
class _Source:
    """What one file's text amounts to."""

    imports: Counter[str]
    uses: Counter[str]
    public: dict[str, str]
    subtrees: Counter[bytes]


def static_evidence(
    original: Tree,
    parent: Tree,
    candidate: Tree,
    protected: Callable[[str], bool],
    seen: Collection[str],
    allowed_imports: Collection[str] = HARMLESS_IMPORTS,
) -> Evidence:
    """The `tree`, `syntax`, `effects`, `api`, `complexity` and `maintainability` facts.

    `protected` says whether a path may not be touched; `seen` holds digests of trees this run already had.
    """
    changed = candidate.differing(parent)
    touched = [path for path in candidate.differing(original) if protected(path)]
    facts: dict[str, Fact | None] = {
        "tree.changed": bool(changed),
        "tree.protected": len({*touched, *(path for path in changed if protected(path))}),
        "tree.files": len(changed),
        "tree.lines": sum(_lines(parent.files.get(path), candidate.files.get(path)) for path in changed),
        "tree.seen_before": candidate.digest in seen,
    }
    details: list[str] = [f"protected: {path}" for path in touched]
    broken = [path for path in _python(candidate) if path in changed and _source(candidate.files[path]) is None]
    facts["syntax.ok"] = not broken
    if broken:
        details.append(f"does not parse: {broken[0]}")
    else:
        facts |= _parsed_facts(original, parent, candidate, protected, allowed_imports, details)
    raw = canonical_json(
        {
            "original": original.digest,
            "parent": parent.digest,
            "candidate": candidate.digest,
            "changed": changed,
            "details": details,
            "facts": facts,
        }
    )
    return Evidence("static", facts, {"static": raw}, details[0] if details else "")


def _parsed_facts(
    original: Tree,
    parent: Tree,
    candidate: Tree,
    protected: Callable[[str], bool],
    allowed: Collection[str],
    details: list[str],
) -> dict[str, Fact | None]:
    own = _own_modules(original) | (_own_modules(candidate) - sys.stdlib_module_names)
    before, after = _total(original), _total(candidate)
    new_imports = sorted(
        name for name in after.imports if name not in before.imports and name not in allowed and name not in own
    )
    new_uses = after.uses - before.uses
    gone = _removed(original, candidate)
    details += [f"new import: {name}" for name in new_imports]
    details += [f"new effect: {name}" for name in sorted(new_uses)]
    details += [f"public name gone or changed: {name}" for name in gone]
    shape = {path for tree in (original, parent, candidate) for path in _python(tree) if not protected(path)}
    mine = _shape(candidate, shape)
    return {
        "effects.new_imports": len(new_imports),
        "effects.new_calls": sum(new_uses.values()),
        "api.removed": len(gone),
        "tree.distance": distance(_shape(parent, shape), mine),
        "tree.distance_generation0": distance(_shape(original, shape), mine),
        **_complexity(parent, candidate, shape),
    }


def _python(tree: Tree) -> list[str]:
    return sorted(path for path in tree.files if path.endswith((".py", ".pyi")))


def _lines(before: bytes | None, after: bytes | None) -> int:
    """Lines added plus lines removed."""
    old, new = (before or b"").splitlines(), (after or b"").splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return sum(
        (to_old - old_at) + (to_new - new_at)
        for tag, old_at, to_old, new_at, to_new in matcher.get_opcodes()
        if tag != "equal"
    )


@lru_cache(maxsize=4096)
def _source(data: bytes) -> _Source | None:
    """None when it is not Python that this interpreter can read."""
    if len(data) > LARGEST_FILE:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
        return _Source(imports(tree), uses(tree), public_names(tree), subtrees(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _total(tree: Tree) -> _Source:
    total = _Source(Counter(), Counter(), {}, Counter())
    for path in _python(tree):
        source = _source(tree.files[path])
        if source is not None:
            total.imports.update(source.imports)
            total.uses.update(source.uses)
    return total


def _own_modules(tree: Tree) -> set[str]:
    """Names that the target's own files can be imported by, whatever its import roots are."""
    return {part.removesuffix(".py") for path in _python(tree) for part in path.split("/")}


def _removed(original: Tree, candidate: Tree) -> list[str]:
    gone: list[str] = []
    for path in _python(original):
        old, new = original.files[path], candidate.files.get(path)
        if old == new:
            continue
        had, has = _source(old), None if new is None else _source(new)
        if had is not None:
            now = {} if has is None else has.public
            gone += [f"{path}::{name}" for name, shape in had.public.items() if now.get(name) != shape]
    return gone


def _shape(tree: Tree, paths: Collection[str]) -> Counter[bytes]:
    found: Counter[bytes] = Counter()
    for path in sorted(paths):
        source = _source(tree.files[path]) if path in tree.files else None
        if source is not None:
            found.update(source.subtrees)
    return found


@lru_cache(maxsize=4096)
def _radon(data: bytes) -> tuple[int, int, float] | None:
    """Total and worst cyclomatic complexity, and the maintainability index, of one file."""
    from radon.complexity import cc_visit
    from radon.metrics import mi_visit

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = data.decode("utf-8-sig")
            found = [int(block.complexity) for block in cc_visit(text)]
            index = float(mi_visit(text, multi=False))
    except (SyntaxError, ValueError, RecursionError):
        return None
    return sum(found), max(found, default=0), index


def _complexity(parent: Tree, candidate: Tree, paths: Collection[str]) -> dict[str, Fact | None]:
    """Absent facts when radon can't read a file, which is an objection."""
    before = {path: _radon(parent.files[path]) for path in paths if path in parent.files}
    after = {path: _radon(candidate.files[path]) for path in paths if path in candidate.files}
    changed = [path for path in after if before.get(path) != after[path]]
    readable = {path for path in before if before[path] is not None}
    if any(after[path] is None for path in changed):
        return {}
    old = {path: figures for path, figures in before.items() if figures is not None}
    new = {path: figures for path, figures in after.items() if figures is not None}
    total_old, total_new = (sum(item[0] for item in side.values()) for side in (old, new))
    drops = [old[path][2] - new[path][2] for path in new if path in readable]
    worst = [max((item[1] for item in side.values()), default=0) for side in (new, old)]
    return {
        "complexity.total_ratio": total_new / total_old if total_old else 1.0 + total_new,
        "complexity.worst_increase": worst[0] - worst[1],
        "maintainability.drop": max(drops, default=0.0),
    }
