"""One candidate through the oracles: cheap ones first, each able to end the trial, none able to accept.

Screening orders and discards candidates in the warm sandbox. Examination gathers the complete evidence for the gate,
the decisive part of it in a sandbox that has never seen a candidate.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from rsi_sandbox import baseline as base
from rsi_sandbox.baseline import Baseline, key_of
from rsi_sandbox.measure.sequential import CONFIRM_LOOKS, LOOKS
from rsi_sandbox.model import BenchmarkCase, Candidate, Decision, Evidence, Fact, Tree, Verdict
from rsi_sandbox.oracles import benchmark, differential, memory, static
from rsi_sandbox.oracles import tests as test_oracle
from rsi_sandbox.sandbox.contract import Limits
from rsi_sandbox.sandbox.session import Sandbox
from rsi_sandbox.target import Target
from rsi_sandbox.worker import wire

SCREEN_CALLS = 60
CONFIRM_CALLS = 400
USEFUL = 1.03
MARGIN = 0.01
ALPHA_FIRST = 0.001
ALPHA_CONFIRM = 0.01
NOISE_SECONDS = 8.0
NOISE_CASES = 3
COVERING_LIMITS = Limits(wall_seconds=20.0, cpu_seconds=20)
COVERING_TESTS = 200
"""More ids than this are not worth selecting: the whole suite runs instead, at confirmation."""


@dataclass(frozen=True, slots=True)
class Screened:
    """What the screen made of one candidate."""

    candidate: Candidate
    useful: bool
    ratio: float | None
    why: str
    seconds: float
    objection: str = ""
    """Id of the policy row that objected on a closer look."""


@dataclass
class Trial:
    """The oracles around one target: what to compare with, and in which sandbox."""

    target: Target
    baseline: Baseline
    sandbox: Sandbox
    seed: int
    canary: str
    deadline: float
    """`time.monotonic()` moment after which no new measurement starts."""
    expected: dict[tuple[str, int], differential.Expected] = field(default_factory=dict)

    def screen(self, parent: Tree, candidate: Candidate) -> Screened:
        """Static checks, covering tests, differential calls, one short paired benchmark; stops at the first objection.

        Raises:
            SandboxError: the sandbox failed; says nothing about the candidate.
        """
        started = time.monotonic()
        ratio: float | None = None
        tree = parent.with_edits(candidate.edits)
        objection = self._static_objection(parent, tree) or self._test_objection(tree, candidate)
        if not objection:
            evidence = self._differential(self.sandbox, tree, candidate, SCREEN_CALLS, self.seed)
            objection = evidence.detail if evidence.facts.get("differential.mismatches") != 0 else ""
        if not objection:
            cases = self.cases_of(candidate)
            ratio = self._screen_ratio(parent, tree, cases)
            if ratio is None:
                objection = "could not be timed"
            elif ratio < USEFUL:
                objection = "no gain" if ratio > 1 / USEFUL else f"slower, {ratio:.2f}x"
        return Screened(candidate, not objection, ratio, objection, time.monotonic() - started)

    def vet(self, parent: Tree, candidate: Candidate) -> list[Evidence]:
        """More on a candidate that screened well, before it becomes part of a composite: many more calls."""
        tree = parent.with_edits(candidate.edits)
        return [
            static.static_evidence(self.target.tree, parent, tree, self._protected, ()),
            self._differential(self.sandbox, tree, candidate, CONFIRM_CALLS, self.seed + 1),
        ]

    def examine(self, parent: Tree, tree: Tree, candidate: Candidate, seen: Sequence[str]) -> list[Evidence]:
        """The complete evidence on a composite: speed here, everything again in a fresh sandbox."""
        found = [static.static_evidence(self.target.tree, parent, tree, self._protected, seen)]
        if found[0].facts.get("syntax.ok") is not True or found[0].facts.get("tree.protected") != 0:
            return found
        cases = self.cases_of(candidate)
        first = self._compare(self.sandbox, parent, tree, cases, "speed", ALPHA_FIRST, self.seed)
        found.append(first)
        with self.sandbox.fresh() as fresh:
            found.append(self.test(fresh, tree))
            found.append(self._differential(fresh, tree, candidate, CONFIRM_CALLS, self.seed + 2))
            if first.facts.get("speed.outcome") == "faster":
                confirm = self._compare(fresh, parent, tree, cases, "confirm", ALPHA_CONFIRM, self.seed + 1)
                found.append(confirm)
                found.append(self._against_original(fresh, parent, tree, confirm))
                found.append(self._memory(fresh, parent, tree, cases))
        return found

    def test(self, sandbox: Sandbox, tree: Tree) -> Evidence:
        """All tests of the target on a tree."""
        ran = base.run_tests(self.target, sandbox, tree, canary=self.canary, limits=base.TEST_LIMITS)
        return test_oracle.test_facts(self.baseline.tests.expected, ran.answer, self.canary, ran.problem)

    def cases_of(self, candidate: Candidate) -> list[BenchmarkCase]:
        """The benchmark cases that run what the candidate changed; else recorded calls of the changed functions."""
        changed = {key_of(path, outermost(qualname)) for path, qualname in candidate.functions}
        wanted: set[str] = set()
        found: list[BenchmarkCase] = []
        for item in self.baseline.profile.functions:
            key = key_of(item.path, item.qualname)
            if key_of(item.path, outermost(item.qualname)) in changed:
                wanted.update(item.cases)
                if not item.cases and (case := base.recorded_case(self.target, item, self.baseline.calls)):
                    wanted.add(key)
                    found.append(case)
        named = [case for case in self.baseline.cases if case.id in wanted]
        return named or found or list(self.baseline.cases)

    def _static_objection(self, parent: Tree, tree: Tree) -> str:
        evidence = static.static_evidence(self.target.tree, parent, tree, self._protected, ())
        facts = evidence.facts
        if facts.get("syntax.ok") is not True:
            return "does not parse"
        for name in ("tree.protected", "effects.new_imports", "effects.new_calls", "api.removed"):
            if facts.get(name) != 0:
                return evidence.detail or name
        return ""

    def _test_objection(self, tree: Tree, candidate: Candidate) -> str:
        keys = tuple(key_of(path, qualname) for path, qualname in candidate.functions)
        ids = self.baseline.tests_of(keys)
        if not ids or len(ids) > COVERING_TESTS:
            return ""
        expected = {name: outcome for name, outcome in self.baseline.tests.expected.items() if name in set(ids)}
        ran = base.run_tests(self.target, self.sandbox, tree, ids=list(expected), limits=COVERING_LIMITS)
        evidence = test_oracle.test_facts(expected, ran.answer, "", ran.problem)
        if evidence.facts.get("tests.failed") == 0 and evidence.facts.get("tests.missing") == 0:
            return ""
        return evidence.detail or "a covering test failed"

    def _differential(self, sandbox: Sandbox, tree: Tree, candidate: Candidate, count: int, seed: int) -> Evidence:
        functions = sorted({key_of(path, outermost(qualname)) for path, qualname in candidate.functions})
        name = (";".join(functions), seed)
        if name not in self.expected:
            self.expected[name] = differential.prepare(
                self.sandbox,
                self.target.tree,
                self.target.settings.roots,
                {key: [wire.to_text(call) for call in self.baseline.calls.get(key, ())] for key in functions},
                seed=seed,
                count=count,
            )
        return differential.check(sandbox, tree, self.expected[name], functions)

    def _screen_ratio(self, parent: Tree, tree: Tree, cases: Sequence[BenchmarkCase]) -> float | None:
        return benchmark.screen(
            self.sandbox,
            base=self.target.tree,
            left=parent,
            right=tree,
            cases=cases,
            roots=self.target.settings.roots,
            seed=self.seed,
        )

    def _compare(
        self,
        sandbox: Sandbox,
        left: Tree,
        right: Tree,
        cases: Sequence[BenchmarkCase],
        prefix: str,
        alpha: float,
        seed: int,
    ) -> Evidence:
        return benchmark.compare(
            sandbox,
            base=self.target.tree,
            left=left,
            right=right,
            cases=cases,
            roots=self.target.settings.roots,
            seed=seed,
            margin=MARGIN,
            alpha=alpha,
            deadline=self.deadline,
            prefix=prefix,
            looks=LOOKS if prefix == "speed" else CONFIRM_LOOKS,
        )

    def _against_original(self, sandbox: Sandbox, parent: Tree, tree: Tree, confirm: Evidence) -> Evidence:
        """The comparison with generation 0 on the left; the confirmed one itself when the parent is generation 0."""
        if parent.digest == self.target.tree.digest:
            facts: dict[str, Fact | None] = {
                name.replace("confirm.", "generation0."): value for name, value in confirm.facts.items()
            }
            return Evidence("generation0", facts, confirm.raw, "the parent is generation 0")
        cases = self.baseline.cases
        return self._compare(sandbox, self.target.tree, tree, cases, "generation0", ALPHA_CONFIRM, self.seed + 2)

    def _memory(self, sandbox: Sandbox, parent: Tree, tree: Tree, cases: Sequence[BenchmarkCase]) -> Evidence:
        return memory.compare_memory(
            sandbox,
            base=self.target.tree,
            left=parent,
            right=tree,
            cases=cases,
            roots=self.target.settings.roots,
        )

    def noise(self) -> Evidence:
        """What an original measured against itself looks like here: the smallest effect that can be confirmed."""
        return benchmark.noise_floor(
            self.sandbox,
            tree=self.target.tree,
            cases=self.baseline.cases[:NOISE_CASES],
            roots=self.target.settings.roots,
            seed=self.seed,
            margin=MARGIN,
            alpha=ALPHA_FIRST,
            deadline=min(self.deadline, time.monotonic() + NOISE_SECONDS),
        )

    def _protected(self, path: str) -> bool:
        return not self.target.may_change(path)


def outermost(qualname: str) -> str:
    """The function that can be called from outside: a nested one is reached through the one around it."""
    return qualname.partition(".<locals>")[0]


def explain(evidence: Sequence[Evidence], verdict: Verdict) -> str:
    """What the oracle said whose fact decided against the candidate, such as which test failed; empty for an accept."""
    if verdict.decision is Decision.ACCEPTED:
        return ""
    fact = next((row.fact for row in verdict.rows if row.row == verdict.objection), "")
    deciding = [item for item in evidence if item.facts.get(fact) is not None]
    return next((item.detail for item in [*deciding, *evidence] if item.detail and item.oracle != "generation0"), "")
