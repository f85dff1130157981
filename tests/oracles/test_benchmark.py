import json
import math
import random

import pytest

from rsi_sandbox.errors import MeasurementError
from rsi_sandbox.model import BenchmarkCase, Tree
from rsi_sandbox.oracles import benchmark, memory
from rsi_sandbox.sandbox.contract import JobResult, Status

LEFT = Tree({"m.py": b"slow"})
RIGHT = Tree({"m.py": b"fast"})
CASE = BenchmarkCase("words", "m", "fn", (b"pickle",))
GATE = {"margin": 0.01, "alpha": 0.001}


def result(value, status=Status.OK):
    return JobResult(status, value, 0, 100_000_000, 0, 1 << 20, b"", b"", 0)


class Recorded:
    """A sandbox whose launches have made-up numbers: `gain` by CPU, the rest as told."""

    def __init__(
        self,
        gain=1.0,
        *,
        noise=0.004,
        wall=None,
        same=True,
        overhead=(50.0, 50.0),
        busy=0.97,
        change=None,
        cold=None,
        calls=5000,
    ):
        self.gain, self.noise, self.wall, self.same, self.overhead = gain, noise, wall or gain, same, overhead
        self.cold, self.calls = cold or gain, calls
        self.busy, self.change, self.jobs, self.chance = busy, change, [], random.Random(2)

    def run(self, job):
        self.jobs.append(job)
        drift = math.exp(self.chance.gauss(0, self.noise))
        pairs = []
        for _ in range(8):
            jiggle = math.exp(self.chance.gauss(0, 0.002))
            pairs.append(
                [
                    1000.0 * drift * jiggle,
                    1000.0 / self.gain,
                    1000.0 * drift * jiggle / self.busy,
                    1000.0 / self.wall / self.busy,
                    5.0,
                    5.0,
                    *self.overhead,
                ]
            )
        seen = self.chance.gauss(3000, 30)
        cold = [seen, seen - 1000 + 1000 / self.cold]
        cold += [seen / self.busy, (seen - 1000 + 1000 / max(self.wall, self.cold)) / self.busy]
        cases = {
            case["id"]: {"k": 9, "pairs": pairs, "cold": cold, "calls": self.calls, "same": self.same, "digests": []}
            for case in job.args["cases"]
        }
        value = {"cases": cases, "import_cpu": [1, 1]}
        if self.change:
            return self.change(value, len(self.jobs))
        return result(value)


def compare(sandbox, **options):
    options = {"deadline": math.inf, "cases": [CASE], "seed": 4, **GATE, **options}
    return benchmark.compare(sandbox, base=LEFT, left=LEFT, right=RIGHT, roots=["."], **options)


def test_a_true_gain_is_faster_and_the_facts_can_be_recomputed():
    sandbox = Recorded(1.1)
    found = compare(sandbox)
    assert found.facts["speed.outcome"] == "faster"
    assert 1.01 < found.facts["speed.low"] < found.facts["speed.ratio"] < found.facts["speed.high"]
    assert found.facts["speed.ratio"] == pytest.approx(1.1, rel=0.02)
    assert found.facts["speed.slowest_case"] > 1.05
    assert found.facts["speed.same_answers"] is True
    assert found.facts["speed.launches"] == len(sandbox.jobs) == 6
    assert benchmark.facts_from_samples(found.raw["speed.samples"], **GATE) == found.facts


def test_nothing_gained_ends_after_four_launches():
    sandbox = Recorded(1.0)
    found = compare(sandbox, prefix="confirm")
    assert found.facts["confirm.outcome"] == "equivalent"
    assert len(sandbox.jobs) == 4


def test_every_launch_has_its_own_seed_and_only_the_differences_travel():
    sandbox = Recorded(1.1)
    compare(sandbox)
    args = [job.args for job in sandbox.jobs]
    assert len({arg["seed"] for arg in args}) == len(args)
    assert {arg["first"] for arg in args} <= {0, 1}
    assert args[0]["arms"] == [{"overlay": {}}, {"overlay": {"m.py": "ZmFzdA=="}}]
    assert args[0]["fresh"] is True


def test_the_deadline_leaves_it_open():
    moments = iter(range(100))
    found = compare(Recorded(1.1), deadline=3, clock=lambda: next(moments))
    assert found.facts["speed.outcome"] == "inconclusive"
    assert found.facts["speed.launches"] == 4


def spoil(where, value):
    def change(answer, count):
        if count == 5:
            answer["cases"]["words"]["pairs"][2][where] = value
        return result(answer)

    return change


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 0.0, -5.0, None, "1", True])
@pytest.mark.parametrize("where", [0, 1, 3])
def test_one_unusable_sample_leaves_every_fact_empty(bad, where):
    found = compare(Recorded(1.1, change=spoil(where, bad)))
    assert found.facts["speed.launches"] == 5
    rest = {name: value for name, value in found.facts.items() if name != "speed.launches"}
    assert set(rest.values()) == {None}


@pytest.mark.parametrize("status", [Status.TIMEOUT, Status.KILLED, Status.OOM, Status.FLOOD, Status.RAISED])
def test_a_job_that_fails_is_never_a_number(status):
    found = compare(Recorded(1.1, change=lambda answer, count: result(answer, status)))
    assert found.facts["speed.outcome"] is None
    assert status.value in found.detail


def failed(arm):
    error = {"arm": arm, "case": "words", "phase": "run", "reason": "died"}
    return Recorded(1.1, change=lambda answer, count: result({"error": error}))


def test_the_candidate_failing_is_an_objection_and_the_parent_failing_is_not():
    found = compare(failed(1))
    assert found.facts["speed.outcome"] is None
    assert "died" in found.detail
    with pytest.raises(MeasurementError, match="died"):
        compare(failed(0))
    assert screen(failed(1)) is None


def test_missing_cases_and_too_few_pairs_are_no_evidence():
    for change in (
        lambda answer, count: result({**answer, "cases": {}}),
        lambda answer, count: result({"cases": {"words": {**answer["cases"]["words"], "pairs": []}}}),
        lambda answer, count: result({}),
        lambda answer, count: result(None),
    ):
        assert compare(Recorded(1.1, change=change)).facts["speed.outcome"] is None


def test_different_answers_stop_at_once():
    sandbox = Recorded(2.0, same=False)
    found = compare(sandbox)
    assert found.facts["speed.same_answers"] is False
    assert found.facts["speed.outcome"] == "inconclusive"
    assert len(sandbox.jobs) == 1


def test_wall_time_has_a_veto_on_cpu_time():
    found = compare(Recorded(1.05, wall=0.975, busy=0.99))
    assert found.facts["speed.outcome"] == "inconclusive"
    assert "slower by the wall clock" in found.detail
    assert compare(Recorded(1.05, wall=1.0, busy=0.97)).facts["speed.outcome"] == "faster"
    assert compare(Recorded(1.3, wall=0.8)).facts["speed.outcome"] == "slower"


def test_code_that_sleeps_less_is_faster_by_wall_time():
    found = compare(Recorded(1.0, wall=2.0, busy=0.2))
    assert found.facts["speed.outcome"] == "faster"
    assert found.facts["speed.ratio"] == pytest.approx(2.0, rel=0.02)


def test_work_put_off_until_the_answer_is_not_a_gain():
    assert compare(Recorded(5.0, overhead=(50.0, 50.0))).facts["speed.outcome"] == "faster"
    assert compare(Recorded(5.0, overhead=(50.0, 850.0))).facts["speed.outcome"] == "inconclusive"
    assert compare(Recorded(5.0, overhead=(50.0, 500.0))).facts["speed.outcome"] == "inconclusive"


def test_gains_that_need_a_second_look_at_the_same_call_are_not_gains():
    assert compare(Recorded(50.0, cold=40.0)).facts["speed.outcome"] == "faster"
    found = compare(Recorded(50.0, cold=1.02))
    assert found.facts["speed.outcome"] == "inconclusive"
    assert "seen its calls before" in found.detail
    assert compare(Recorded(1.05, cold=1.001)).facts["speed.outcome"] == "inconclusive"
    assert compare(Recorded(1.05, cold=1.001, calls=3)).facts["speed.outcome"] == "faster"


def test_launches_made_after_the_moment_to_stop_are_not_looked_at():
    found = compare(Recorded(1.0))
    samples = json.loads(found.raw["speed.samples"])
    samples["launches"] += json.loads(compare(Recorded(3.0)).raw["speed.samples"])["launches"]
    assert benchmark.facts_from_samples(json.dumps(samples).encode(), **GATE) == found.facts


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"launches": 3, "weights": {}, "looks": [6]}'])
def test_unreadable_samples_are_refused(raw):
    with pytest.raises(MeasurementError):
        benchmark.facts_from_samples(raw, **GATE)


def test_nothing_to_time_is_refused():
    for cases in ([], [BenchmarkCase("empty", "m", "fn", ())]):
        with pytest.raises(MeasurementError, match="no benchmark case"):
            compare(Recorded(), cases=cases)


def screen(sandbox):
    return benchmark.screen(sandbox, base=LEFT, left=LEFT, right=RIGHT, cases=[CASE], roots=["."], seed=1)


def test_screening_is_one_launch():
    sandbox = Recorded(1.2)
    assert screen(sandbox) == pytest.approx(1.2, rel=0.05)
    assert len(sandbox.jobs) == 1
    assert screen(Recorded(1.2, same=False)) is None


def floor(sandbox, **options):
    options = {"deadline": math.inf, **GATE, **options}
    return benchmark.noise_floor(sandbox, tree=LEFT, cases=[CASE], roots=["."], seed=1, **options)


def test_the_noise_floor_follows_the_noise():
    calm, loud = (floor(Recorded(noise=noise)).facts["noise.smallest_effect"] for noise in (0.004, 0.04))
    assert 1.01 < calm < 1.03 < loud
    found = floor(Recorded())
    assert benchmark.noise_facts(found.raw["noise.samples"], **GATE) == found.facts
    assert floor(Recorded(), seconds=0.1).facts["noise.smallest_effect"] is None
    assert floor(Recorded(), launches=3).facts["noise.smallest_effect"] is None
    with pytest.raises(MeasurementError, match="differently"):
        floor(Recorded(same=False))


class Peaks:
    def __init__(self, *answers):
        self.answers = list(answers)

    def run(self, job):
        peak, rss = self.answers.pop(0)
        return JobResult(Status.OK if peak else Status.OOM, peak, 0, 1, 1, rss, b"", b"", 0)


def peak_ratio(left, right):
    sandbox = Peaks(left, right)
    found = memory.compare_memory(sandbox, base=LEFT, left=LEFT, right=RIGHT, cases=[CASE], roots=["."])
    return found.facts["memory.peak_ratio"]


def test_memory_peaks_are_compared_case_by_case():
    def peak(size):
        return {"peak": {"words": size}}

    assert peak_ratio((peak(10 << 20), 0), (peak(20 << 20), 0)) == pytest.approx(2.0, rel=0.01)
    assert peak_ratio((peak(100), 0), (peak(900), 0)) == pytest.approx(1.0, abs=0.02)
    assert peak_ratio((peak(10 << 20), 10 << 20), (peak(1), 200 << 20)) > 2
    for bad in (None, {}, {"peak": {}}, {"peak": {"words": -1}}, {"peak": {"words": math.nan}}):
        assert peak_ratio((peak(100), 0), (bad, 0)) is None
    with pytest.raises(MeasurementError, match="no memory peak"):
        peak_ratio((None, 0), (peak(1), 0))
