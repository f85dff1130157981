"""What is known of generation 0 before any candidate: it passes its tests, what is hot, what to time, how noisy it is.

Everything here runs the unmodified target, in the sandbox. Nothing learned here tells a candidate what is expected.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from rsi_sandbox.errors import BaselineError
from rsi_sandbox.model import BenchmarkCase, HotFunction, Json, Profile, Tree
from rsi_sandbox.oracles import tests as test_oracle
from rsi_sandbox.sandbox.contract import Job, JobResult, Limits
from rsi_sandbox.sandbox.session import Sandbox
from rsi_sandbox.target import Target
from rsi_sandbox.worker import wire

TEST_LIMITS = Limits(wall_seconds=300.0, cpu_seconds=300)
PROFILE_LIMITS = Limits(wall_seconds=600.0, cpu_seconds=600)
MINIMUM_REACH = 0.01
MOST_FUNCTIONS = 40
CALLS_PER_FUNCTION = 48
CALL_BYTES = 1 << 20
RECORDED_CASES = 8
CALLS_PER_CASE = 12


@dataclass(frozen=True)
class Baseline:
    """Generation 0, studied."""

    tests: test_oracle.Baseline
    profile: Profile
    """Of the benchmark cases, or of the tests where there are none."""
    covers: Mapping[str, tuple[str, ...]]
    """Function key -> ids of the tests that call it."""
    cases: tuple[BenchmarkCase, ...]
    calls: Mapping[str, tuple[bytes, ...]]
    """Function key -> recorded calls, pickled."""
    observed: Mapping[str, Json]
    """Function key -> parameter -> what was seen of it."""
    unobservable: Mapping[str, str]
    """Function key -> why its calls could not be recorded."""
    problems: tuple[str, ...] = field(default=())

    def hot(self) -> list[HotFunction]:
        """Functions worth a candidate, hottest first."""
        return [item for item in self.profile.functions if item.reach >= MINIMUM_REACH][:MOST_FUNCTIONS]

    def tests_of(self, functions: tuple[str, ...]) -> list[str]:
        """Ids of the tests that call any of these functions."""
        return list(dict.fromkeys(test for key in functions for test in self.covers.get(key, ())))


def key_of(path: str, qualname: str) -> str:
    """The name of a function everywhere: path and qualified name."""
    return f"{path}::{qualname}"


def study(
    target: Target, sandbox: Sandbox, canary: str, focus: Sequence[tuple[str, str]] = ()
) -> Iterator[str | Baseline]:
    """Study the target; yields sentences about its progress and, last, the `Baseline`.

    `focus` names functions, as (path, qualified name), whose calls are wanted however little time they take.

    Raises:
        BaselineError: it does not pass its own tests, can't be imported, or has nothing that can be timed.
        SandboxError: the sandbox failed.
    """
    yield "running the tests of the original, twice"
    tests = test_oracle.baseline([_tests(target, sandbox, canary) for _ in range(2)])
    yield "looking for benchmarks"
    cases, problems = discover(target, sandbox)
    yield "profiling"
    tested = answer(sandbox, job(target, target.tree, "profile", _test_args(target)), "profiling the tests")
    covers = {key: tuple(ids) for key, ids in tested["covers"].items()}
    timed = (
        answer(sandbox, job(target, target.tree, "profile", {"cases": travel(cases)}), "profiling") if cases else tested
    )
    profile = profile_of(target, timed, covers, {} if not cases else timed["covers"])
    if not profile.functions:
        raise BaselineError(
            "the tests and benchmarks run no code of the target that may be rewritten",
            hint="check `source` under [tool.rsi-sandbox], or add a benchmark that calls the code you want faster",
        )
    yield "recording calls of the hot functions"
    recorded = record(target, sandbox, profile, cases, focus)
    calls = {key: tuple(wire.to_bytes(text) for text in texts) for key, texts in recorded["calls"].items() if texts}
    if not cases:
        cases = recorded_cases(target, profile, calls)
    if not cases:
        raise BaselineError(
            "nothing can be timed: there are no benchmarks, and no call of a hot function could be recorded",
            hint="add functions named bench_... to benchmarks/ and run again",
        )
    yield Baseline(
        tests=tests,
        profile=profile,
        covers=covers,
        cases=cases,
        calls=calls,
        observed=recorded["types"],
        unobservable={item["function"]: item["reason"] for item in recorded["unobservable"]},
        problems=tuple(problems),
    )


def job(target: Target, tree: Tree, kind: str, args: Json, limits: Limits = PROFILE_LIMITS) -> Job:
    """A job on a tree of this target."""
    return Job(
        kind=kind, tree=tree, base=target.tree, args={"roots": list(target.settings.roots), **args}, limits=limits
    )


def answer(sandbox: Sandbox, asked: Job, doing: str) -> Json:
    """The job's answer, where anything but an answer means the original itself can't be studied.

    Raises:
        BaselineError: it raised, ran out of its limits or died.
    """
    result = sandbox.run(asked)
    if not result.ok:
        raise BaselineError(
            f"{doing} the original did not work: {why(result)}", hint="run its tests by hand in the same environment"
        )
    return result.value


def why(result: JobResult) -> str:
    """What happened to a job that has no answer, in words."""
    if isinstance(result.value, dict) and "type" in result.value:
        return f"{result.value['type']}: {result.value['message']}"
    return f"{result.status.value} after {result.wall_ns / 1e9:.1f} s (exit {result.exit_code})"


def _test_args(target: Target) -> Json:
    settings = target.settings
    return {
        "paths": target.test_paths(),
        "ids": [],
        "plugins": settings.plugins,
        "deselect": list(settings.deselect),
    }


def run_tests(
    target: Target, sandbox: Sandbox, tree: Tree, *, ids: Sequence[str] = (), canary: str = "", limits: Limits
) -> test_oracle.SuiteRun:
    """The target's tests, or some of them by id, on one tree."""
    settings = target.settings
    return test_oracle.run_tests(
        sandbox,
        tree,
        target.tree,
        roots=settings.roots,
        paths=() if ids else target.test_paths(),
        ids=ids,
        deselect=settings.deselect,
        plugins=settings.plugins,
        canary=canary,
        limits=limits,
    )


def _tests(target: Target, sandbox: Sandbox, canary: str) -> Json:
    ran = run_tests(target, sandbox, target.tree, canary=canary, limits=TEST_LIMITS)
    if ran.answer is None:
        raise BaselineError(
            f"the original's tests can't be used: {ran.problem}", hint="run its tests by hand in the same environment"
        )
    return ran.answer


def travel(cases: tuple[BenchmarkCase, ...]) -> list[Json]:
    """Cases as they are sent to a job."""
    return [
        {
            "id": case.id,
            "module": case.module,
            "qualname": case.qualname,
            "calls": [wire.to_text(c) for c in case.calls],
        }
        for case in cases
    ]


def discover(target: Target, sandbox: Sandbox) -> tuple[tuple[BenchmarkCase, ...], list[str]]:
    """The target's own benchmark cases, and why some could not be used."""
    files = target.benchmark_files()
    suites = [path for path in files if PurePosixPath(path).name.startswith("test_") or path.endswith("_test.py")]
    modules = [path for path in files if path not in suites]
    if not suites:
        suites = [path for path in target.tree.files if _uses_benchmark_fixture(target, path)]
    if not files and not suites:
        return (), []
    found = answer(sandbox, job(target, target.tree, "cases", {"modules": modules, "tests": suites}), "benchmarking")
    cases = tuple(
        BenchmarkCase(
            id=case["id"],
            module=case["module"],
            qualname=case["qualname"],
            calls=tuple(wire.to_bytes(text) for text in case["calls"]),
            source=case["source"],
        )
        for case in found["cases"]
    )
    return cases, [f"{item['id']}: {item['reason']}" for item in found["problems"]]


def _uses_benchmark_fixture(target: Target, path: str) -> bool:
    name = PurePosixPath(path).name
    in_tests = any(path == entry or path.startswith(entry.rstrip("/") + "/") for entry in target.settings.tests)
    is_suite = name.startswith("test_") or name.endswith("_test.py")
    return in_tests and is_suite and b"benchmark(" in target.tree.files[path]


def profile_of(
    target: Target, found: Json, tests: Mapping[str, tuple[str, ...]], cases: Mapping[str, list[str]]
) -> Profile:
    """The profile job's answer as records, only of functions that may change, hottest first."""
    total = sum(item["self"] for item in found["functions"]) or 1e-9
    functions = []
    for item in found["functions"]:
        if not target.may_change(item["path"]) or item["qualname"] == "<module>":
            continue
        key = key_of(item["path"], item["qualname"])
        functions.append(
            HotFunction(
                path=item["path"],
                qualname=item["qualname"],
                line=item["line"],
                calls=item["calls"],
                self_seconds=item["self"],
                total_seconds=item["total"],
                share=item["self"] / total,
                reach=min(1.0, item["total"] / total),
                tests=tests.get(key, ()),
                cases=tuple(cases.get(key, ())),
            )
        )
    functions.sort(key=lambda item: (-item.self_seconds, item.path, item.qualname))
    return Profile(tuple(functions), total)


def record(
    target: Target,
    sandbox: Sandbox,
    profile: Profile,
    cases: tuple[BenchmarkCase, ...],
    focus: Sequence[tuple[str, str]] = (),
) -> Json:
    """Record calls while the tests run and, with a share of the room, while the benchmark cases run."""
    hot = [(item.path, item.qualname) for item in profile.functions if item.reach >= MINIMUM_REACH]
    wanted = [[path, qualname.partition(".<locals>")[0]] for path, qualname in [*focus, *hot[:MOST_FUNCTIONS]]]
    shared = {"functions": wanted, "per_function": CALLS_PER_FUNCTION, "max_bytes": CALL_BYTES}
    merged: Json = {"calls": {}, "types": {}, "unobservable": []}
    sources = [_test_args(target)]
    if cases:
        sources.append({"cases": travel(cases)})
    reasons: dict[str, str] = {}
    for source in sources:
        found = answer(sandbox, job(target, target.tree, "record", {**shared, **source}), "recording calls of")
        for key, texts in found["calls"].items():
            merged["calls"][key] = list(dict.fromkeys(merged["calls"].get(key, []) + texts))
        for key, seen in found["types"].items():
            merged["types"][key] = merge_types(merged["types"].get(key), seen)
        reasons.update({item["function"]: item["reason"] for item in found["unobservable"]})
    merged["unobservable"] = [
        {"function": key, "reason": reason} for key, reason in reasons.items() if not merged["calls"].get(key)
    ]
    return merged


def merge_types(one: Json | None, other: Json) -> Json:
    """What two recordings saw of a function's parameters, together."""
    if one is None:
        return other
    merged = dict(one)
    for name, seen in other.items():
        if name not in merged:
            merged[name] = seen
            continue
        before = merged[name]
        merged[name] = {
            **before,
            "types": sorted({*before["types"], *seen["types"]}),
            "len_max": max(before.get("len_max") or 0, seen.get("len_max") or 0),
            "hashable": bool(before.get("hashable") and seen.get("hashable")),
        }
    return merged


def recorded_cases(
    target: Target, profile: Profile, calls: Mapping[str, tuple[bytes, ...]]
) -> tuple[BenchmarkCase, ...]:
    """Cases for a target without benchmarks: the recorded calls of the functions that reach most of the time."""
    found = []
    for item in sorted(profile.functions, key=lambda item: -item.reach)[: RECORDED_CASES * 3]:
        case = recorded_case(target, item, calls)
        if case is not None:
            found.append(case)
    return tuple(found[:RECORDED_CASES])


def recorded_case(target: Target, item: HotFunction, calls: Mapping[str, tuple[bytes, ...]]) -> BenchmarkCase | None:
    """The recorded calls of one function as a case, the largest ones; None where there are none."""
    key = key_of(item.path, item.qualname)
    recorded = calls.get(key, ())
    if not recorded:
        return None
    largest = sorted(recorded, key=len, reverse=True)[:CALLS_PER_CASE]
    return BenchmarkCase(
        id=key,
        module=target.import_name(item.path),
        qualname=item.qualname,
        calls=tuple(largest),
        weight=max(item.share, 1e-6),
        source="recorded",
    )
