import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from rsi_sandbox.worker import wire
from rsi_sandbox.worker.context import Context
from rsi_sandbox.worker.jobs import memory

STANDIN = Path(__file__).with_name("launch_standin.py")
PACKAGE = str(Path(memory.__file__).parents[3])
WORK = "def fn(n):\n    total = 0\n    for i in range(n):\n        total += i * i\n    return total\n"


def case(*calls, name="one", qualname="fn"):
    pickled = [wire.to_text(pickle.dumps((args, {}))) for args in calls]
    return {"id": name, "module": "m", "qualname": qualname, "calls": pickled}


def launch(tmp_path, left, right, cases, **options):
    arms = []
    for name, source in (("arm0", left), ("arm1", right)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "m.py").write_text(source)
        arms.append(str(tmp_path / name))
    args = {"roots": ["."], "cases": cases, "first": 0, "pairs": [3, 5], "sub_ns": 100_000, "seed": 1}
    args = {**args, "budget_ns": 200_000_000, **options}
    done = subprocess.run(
        [sys.executable, "-B", str(STANDIN)],
        input=json.dumps({"args": args, "arms": arms}).encode(),
        capture_output=True,
        env={"PYTHONPATH": PACKAGE},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def middle(samples, position):
    return sorted(pair[position] for pair in samples)[len(samples) // 2]


def test_every_case_gives_pairs_from_both_clocks(tmp_path):
    answer = launch(tmp_path, WORK, WORK, [case((300,), (500,)), case((900,), name="two")])
    assert set(answer["cases"]) == {"one", "two"}
    assert len(answer["import_cpu"]) == 2
    for found in answer["cases"].values():
        assert found["same"] is True
        assert found["digests"][0] == found["digests"][1]
        assert 3 <= len(found["pairs"]) <= 5
        assert all(len(pair) == 8 and min(pair[:4]) > 0 for pair in found["pairs"])
    assert answer["cases"]["one"]["k"] % 2 == 0


def test_twice_the_work_costs_more_cpu(tmp_path):
    slow = WORK.replace("range(n)", "range(4 * n)")
    found = launch(tmp_path, slow, WORK, [case((500,))])["cases"]["one"]
    assert middle(found["pairs"], 0) > 2 * middle(found["pairs"], 1)
    assert found["same"] is False


def test_a_different_answer_is_seen_when_only_a_late_call_differs(tmp_path):
    wrong = WORK.replace("return total", "return total if n != 7 else -1")
    found = launch(tmp_path, WORK, wrong, [case((5,), (6,), (7,))])["cases"]["one"]
    assert found["same"] is False


LAZY = (
    "class Late:\n    def __init__(self, n):\n        self.n = n\n    def __iter__(self):\n        return self\n"
    "    def __next__(self):\n        if self.n is None:\n            raise StopIteration\n"
    "        n, self.n = self.n, None\n        return sum(i * i for i in range(n))\n"
    "def fn(n):\n    return map(lambda late: next(late), [Late(n)])\n"
)
EAGER = "def fn(n):\n    return map(int, [sum(i * i for i in range(n))])\n"


def test_lazy_results_are_charged_when_they_are_answered(tmp_path):
    pairs = launch(tmp_path, EAGER, LAZY, [case((2000,))])["cases"]["one"]["pairs"]
    assert middle(pairs, 1) < middle(pairs, 0) / 4
    assert middle(pairs, 7) - middle(pairs, 6) > (middle(pairs, 0) - middle(pairs, 1)) / 2


def test_work_between_commands_is_charged(tmp_path):
    sneaky = (
        "import threading\n"
        "def spin(n):\n    return sum(i * i for i in range(n))\n"
        "def fn(n):\n    threading.Thread(target=spin, args=(n,)).start()\n    return None\n"
    )
    honest = "def spin(n):\n    return sum(i * i for i in range(n))\ndef fn(n):\n    spin(n)\n    return None\n"
    pairs = launch(tmp_path, honest, sneaky, [case((20000,))])["cases"]["one"]["pairs"]
    total = [[sum(pair[i] for i in (arm, 4 + arm, 6 + arm)) for pair in pairs] for arm in (0, 1)]
    assert sorted(total[1])[len(pairs) // 2] > 0.8 * sorted(total[0])[len(pairs) // 2]


def test_repeating_a_measurement_earns_a_cache_nothing(tmp_path):
    cached = "import functools\n" + WORK.replace("def fn", "@functools.lru_cache\ndef fn")
    pairs = launch(tmp_path, WORK, cached, [case((400,), (600,))])["cases"]["one"]["pairs"]
    assert middle(pairs, 1) > middle(pairs, 0) / 2


HOLLOW = """from rsi_sandbox.worker import arm
real, kept = arm._run, {}
def hollow(bench, case):
    key = len(bench.block)
    if key not in kept:
        real(bench, case)
        kept[key] = list(bench.results)
    bench.results = kept[key]
arm._run = hollow
def fn(n):
    return sum(i * i for i in range(n))
"""


def test_a_tampered_harness_still_works_the_first_time(tmp_path):
    honest = "def fn(n):\n    return sum(i * i for i in range(n))\n"
    found = launch(tmp_path, honest, HOLLOW, [case(*((20_000 + n,) for n in range(10)))])["cases"]["one"]
    assert found["same"] is True
    assert middle(found["pairs"], 1) < middle(found["pairs"], 0) / 4
    assert found["cold"][1] > found["cold"][0] / 2


def test_generators_are_read_inside_the_timed_call(tmp_path):
    lazy = "def fn(n):\n    yield sum(i * i for i in range(n))\n"
    eager = "def fn(n):\n    return [sum(i * i for i in range(n))]\n"
    pairs = launch(tmp_path, eager, lazy, [case((2000,))])["cases"]["one"]["pairs"]
    assert middle(pairs, 1) > middle(pairs, 0) / 2


@pytest.mark.parametrize(
    ("source", "phase", "reason"),
    [
        ("raise SystemExit\n", "load", "raised SystemExit"),
        ("import os\nos._exit(0)\n", "load", "died"),
        ("import os\ndef fn(n):\n    os._exit(0)\n", "run", "died"),
        ("import os\ndef fn(n):\n    os.kill(os.getpid(), 9)\n", "run", "died"),
        ("def fn(n):\n    raise KeyboardInterrupt\n", "run", "raised KeyboardInterrupt"),
        ("def other(n):\n    return n\n", "load", "raised AttributeError"),
        ("async def fn(n):\n    return n\n", "load", "raised TypeError"),
    ],
)
def test_an_arm_that_fails_gives_an_error_and_no_number(tmp_path, source, phase, reason):
    answer = launch(tmp_path, WORK, source, [case((100,))])
    assert answer == {"error": {"arm": 1, "case": "" if phase == "load" else "one", "phase": phase, "reason": reason}}


GARBAGE = """import os, stat
def fn(n):
    for fd in range(3, 64):
        try:
            if stat.S_ISFIFO(os.fstat(fd).st_mode):
                os.write(fd, b"+" * 41)
        except OSError:
            pass
    return n
"""


def test_replies_written_ahead_are_garbage(tmp_path):
    answer = launch(tmp_path, WORK, GARBAGE, [case((100,))])
    assert answer["error"]["arm"] == 1
    assert answer["error"]["reason"] == "answered garbage"


def test_the_left_arm_is_named_too(tmp_path):
    assert launch(tmp_path, "import os\nos._exit(3)\n", WORK, [case((1,))], first=1)["error"]["arm"] == 0


def test_calls_that_raise_are_answers(tmp_path):
    failing = "def fn(n):\n    raise ValueError(n)\n"
    assert launch(tmp_path, failing, failing, [case((1,))])["cases"]["one"]["same"] is True


def test_memory_peaks_tell_a_list_from_a_generator(tmp_path, monkeypatch):
    (tmp_path / "peaks_m.py").write_text(
        "def many(n):\n    return sum([i for i in range(n)])\ndef few(n):\n    return sum(i for i in range(n))\n"
    )
    monkeypatch.setattr(sys, "path", list(sys.path))
    cases = [{**case((50_000,), name=name, qualname=name), "module": "peaks_m"} for name in ("many", "few")]
    peak = memory.run({"roots": ["."], "cases": cases}, Context(str(tmp_path), str(tmp_path)))["peak"]
    assert peak["many"] > 400_000 > 50_000 > peak["few"]
