import pytest

from rsi_sandbox.model import Tree
from rsi_sandbox.oracles.static import static_evidence

SOURCE = """import re

LIMIT = 3

def find(words, wanted=None, *, strict=False):
    found = []
    for word in words:
        if word not in found:
            found.append(word)
    return found

class Box:
    def put(self, value):
        self.value = value

    def _inner(self):
        return open("x")
"""
ORIGINAL = Tree({"app/a.py": SOURCE.encode(), "tests/test_a.py": b"def test(): pass\n", "README": b"hi\n"})


def protected(path):
    return path.startswith("tests/")


def look(change, path="app/a.py", seen=()):
    text = change(SOURCE) if callable(change) else change
    candidate = ORIGINAL.with_files({path: text.encode()})
    return static_evidence(ORIGINAL, ORIGINAL, candidate, protected, seen)


def swap(old, new):
    assert old in SOURCE
    return look(SOURCE.replace(old, new))


def test_an_honest_rewrite_raises_no_objection():
    evidence = swap("    return found\n", "    return list(dict.fromkeys(words))\n")
    facts = evidence.facts
    assert {name: facts[name] for name in ("effects.new_calls", "effects.new_imports", "api.removed")} == {
        "effects.new_calls": 0,
        "effects.new_imports": 0,
        "api.removed": 0,
    }
    assert facts["tree.changed"] is True
    assert (facts["tree.files"], facts["tree.lines"], facts["tree.protected"]) == (1, 2, 0)
    assert 0 < facts["tree.distance"] < 0.5
    assert facts["complexity.total_ratio"] == 1.0
    assert facts["syntax.ok"] is True
    assert evidence.detail == ""


def test_nothing_changed():
    facts = look(SOURCE).facts
    assert facts["tree.changed"] is False
    assert facts["tree.distance"] == 0.0
    assert facts["tree.lines"] == 0


@pytest.mark.parametrize(
    "line",
    [
        "open('y')", "eval('1')", "x = exec", "list(map(eval, words))", "__import__('os')", "compile('1', '', 'eval')",
        "import os; os.system('true')", "from os import system as s; s('true')", "import os as o; o.remove('x')",
        "import sys; sys.settrace(None)", "import gc; gc.disable()", "import threading; threading.Thread()",
        "import subprocess; subprocess.run([])", "import socket; socket.socket()", "import ctypes; ctypes.CDLL(None)",
        "import time; time.perf_counter()", "().__class__.__subclasses__()", "find.__globals__", "globals()",
        "getattr(find, '__globals__')", "find.__code__ = None", "import atexit; atexit.register(find)",
    ],
)  # fmt: skip
def test_a_new_effect_is_seen(line):
    evidence = swap("    found = []\n", f"    found = []\n    {line}\n")
    assert evidence.facts["effects.new_calls"] > 0
    assert "new" in evidence.detail


def test_an_effect_that_was_there_may_stay_but_not_multiply():
    assert swap('open("x")', 'open("y")').facts["effects.new_calls"] == 0
    assert swap('open("x")', 'open("x"), open("y")').facts["effects.new_calls"] == 1


@pytest.mark.parametrize(("name", "count"), [("functools", 0), ("bisect", 0), ("numpy", 1), ("os", 1), ("app", 0)])
def test_new_imports_outside_the_allow_list_count(name, count):
    assert swap("import re", f"import re, {name}").facts["effects.new_imports"] == count


def test_a_file_of_its_own_does_not_launder_a_standard_module():
    candidate = ORIGINAL.with_files({"app/ctypes.py": b"", "app/a.py": ("import ctypes\n" + SOURCE).encode()})
    facts = static_evidence(ORIGINAL, ORIGINAL, candidate, protected, ()).facts
    assert facts["effects.new_imports"] == 1


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("def find(", "def seek(", 1),
        ("wanted=None", "wanted=0", 1),
        ("*, strict", "strict", 1),
        ("def find(", "async def find(", 1),
        ("class Box:", "class Box(dict):", 1),
        ("def put(", "def _put(", 1),
        ("LIMIT = 3", "_LIMIT = 3", 1),
        ("LIMIT = 3", "LIMIT = 4", 0),
        ("def _inner(self)", "def _deeper(self, x)", 0),
        ("words, wanted=None", "words: list, wanted: str = None", 0),
    ],
)
def test_public_names_and_signatures(old, new, count):
    assert swap(old, new).facts["api.removed"] == count


def test_annotated_functions_are_compared_too():
    typed = SOURCE.replace("wanted=None", "wanted: int | None = None")
    other = typed.replace("int | None = None", "int | None = 0")
    original = Tree({"app/a.py": typed.encode()})
    facts = static_evidence(original, original, Tree({"app/a.py": other.encode()}), protected, ()).facts
    assert facts["api.removed"] == 1
    assert facts["syntax.ok"] is True


def test_a_removed_file_takes_its_names_with_it():
    candidate = Tree({path: data for path, data in ORIGINAL.files.items() if path != "app/a.py"})
    facts = static_evidence(ORIGINAL, ORIGINAL, candidate, protected, ()).facts
    assert facts["api.removed"] == 4
    assert facts["tree.files"] == 1


def test_protected_paths_are_counted_also_when_only_the_parent_touched_them():
    parent = ORIGINAL.with_files({"tests/test_a.py": b"\n"})
    facts = static_evidence(ORIGINAL, parent, parent, protected, ()).facts
    assert facts["tree.protected"] == 1
    assert look("\n", "tests/test_a.py").facts["tree.protected"] == 1
    assert look("\n", "tests/new.py").facts["tree.protected"] == 1
    moded = Tree(ORIGINAL.files, frozenset({"tests/test_a.py"}))
    assert static_evidence(ORIGINAL, ORIGINAL, moded, protected, ()).facts["tree.protected"] == 1


@pytest.mark.parametrize("text", ["def (", "x = '\x00'", "(" * 5000])
def test_what_does_not_parse_leaves_facts_absent(text):
    evidence = look(text)
    assert evidence.facts["syntax.ok"] is False
    assert "effects.new_calls" not in evidence.facts
    assert "api.removed" not in evidence.facts
    assert "does not parse" in evidence.detail


def test_a_tree_seen_before_is_known_by_digest():
    candidate = ORIGINAL.with_files({"app/a.py": b"x = 1\n"})
    assert look("x = 1\n", seen={candidate.digest}).facts["tree.seen_before"] is True
    assert look("x = 1\n").facts["tree.seen_before"] is False


def test_growing_complexity_shows():
    facts = swap("    found = []\n", "    found = []\n" + "    if words: found = []\n" * 10).facts
    assert facts["complexity.total_ratio"] > 1.5
    assert facts["complexity.worst_increase"] == 10
    assert facts["maintainability.drop"] > 0
