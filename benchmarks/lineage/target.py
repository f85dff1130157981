"""A tiny target whose composite changes two files, so that a half-applied one can be told from a whole one."""

from pathlib import Path

MODULE = '''"""Shared words of two texts."""


def {name}(first: list[str], second: list[str]) -> list[str]:
    """Words of `first` that are in `second` too, in order."""
    return [word for word in first if word in second]


def report(words: list[str], width: int = 20) -> str:
    """Words as lines of at most `width` characters."""
    lines, line = [], ""
    for word in words:
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{{line}} {{word}}".strip()
    return "\\n".join([*lines, line] if line else lines)
'''
TEST = """from {name}s import report, {name}

LEFT = [f"w{{n}}" for n in range(0, 240, 2)]
RIGHT = [f"w{{n}}" for n in range(0, 240, 3)]


def test_small():
    assert {name}(["b", "a", "b"], ["b"]) == ["b", "b"]


def test_report():
    assert report(["a", "b", "cc"], 3) == "a b\\ncc"


def test_large():
    assert {name}(LEFT, RIGHT) == [w for w in LEFT if int(w[1:]) % 3 == 0]
"""
NAMES = ("shared", "common")


def make(root: Path) -> dict[str, bytes]:
    """Write the target; returns its files."""
    (root / "tests").mkdir(parents=True)
    for name in NAMES:
        (root / f"{name}s.py").write_text(MODULE.format(name=name))
        (root / "tests" / f"test_{name}.py").write_text(TEST.format(name=name))
    return files(root)


def files(root: Path) -> dict[str, bytes]:
    """The working tree without the record."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".rsi-sandbox" not in path.parts and "__pycache__" not in path.parts
    }
