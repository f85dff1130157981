"""Imports point downwards only: the part that wants to win can't reach the part that decides."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "rsi_sandbox"
LEVELS = {
    0: ("errors", "model", "events", "places"),
    1: ("config", "checkout", "target", "rules", "sandbox", "worker", "measure", "policy", "lineage"),
    2: ("proposal", "initial", "registry", "oracles", "optimizers", "cluster"),
    3: (
        "baseline",
        "trial",
        "narrate",
        "compose",
        "chronicle",
        "evolve",
        "judging",
        "audit",
        "workspace",
        "redteam",
        "reports",
    ),
    4: ("cli", "__main__"),
}
LEVEL = {name: level for level, names in LEVELS.items() for name in names}
SAME_LEVEL = {
    ("sandbox", "worker"),
    ("target", "config"),
    ("target", "checkout"),
    ("trial", "baseline"),
    ("narrate", "baseline"),
    ("narrate", "trial"),
    ("compose", "trial"),
    ("chronicle", "narrate"),
    ("chronicle", "trial"),
    ("audit", "baseline"),
    ("audit", "trial"),
    ("reports", "judging"),
    *(("judging", part) for part in ("baseline", "trial", "narrate", "chronicle")),
    *(("evolve", part) for part in ("baseline", "trial", "narrate", "compose", "chronicle")),
    ("__main__", "cli"),
}
FORBIDDEN = {
    "optimizers": {"oracles", "policy", "lineage", "sandbox", "worker"},
    "rules": {"oracles", "policy", "lineage", "sandbox", "worker"},
    "oracles": {"policy", "lineage", "optimizers"},
    "measure": {"policy", "lineage", "sandbox", "worker"},
}
LOOP_MAY_NOT_IMPORT = {"docker", "libcst", "typer", "rich"}


def imports_of(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def objections(path: Path, part: str, imported: list[str]) -> list[str]:
    found = []
    for name in imported:
        if not name.startswith("rsi_sandbox."):
            continue
        other = name.split(".")[1]
        if other == part or other not in LEVEL:
            continue
        if LEVEL[other] > LEVEL[part] or other in FORBIDDEN.get(part, ()):
            found.append(f"{path.name} imports {name}")
        elif LEVEL[other] == LEVEL[part] != 0 and (part, other) not in SAME_LEVEL:
            found.append(f"{path.name} imports {name} of its own level")
    return found


MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent != PACKAGE or path.stem != "__init__"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    part = part_of(path)
    assert part in LEVEL, f"{part} has no layer: add it to LEVELS"
    assert objections(path, part, imports_of(path)) == []


def test_the_check_has_teeth() -> None:
    path = PACKAGE / "optimizers" / "x.py"
    assert objections(path, "optimizers", ["rsi_sandbox.policy.gate.judge"])
    assert objections(path, "model", ["rsi_sandbox.cli.app"])
    assert objections(path, "lineage", ["rsi_sandbox.policy.gate"])


def test_the_worker_imports_nothing_of_the_rest() -> None:
    for path in sorted((PACKAGE / "worker").rglob("*.py")):
        for name in imports_of(path):
            assert not name.startswith("rsi_sandbox.") or name.startswith("rsi_sandbox.worker"), f"{path}: {name}"


def test_the_loop_imports_no_heavy_library() -> None:
    assert not LOOP_MAY_NOT_IMPORT & {name.split(".")[0] for name in imports_of(PACKAGE / "evolve.py")}


def test_nothing_is_unpickled_or_evaluated_outside_the_worker() -> None:
    banned = {"loads", "load", "Unpickler"}
    for path in MODULES:
        if part_of(path) == "worker" or path.name == "launcher.py":  # the launcher runs our own boot program
            continue
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert not (node.value.id in {"pickle", "marshal", "shelve"} and node.attr in banned), path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"exec", "eval"}, path
