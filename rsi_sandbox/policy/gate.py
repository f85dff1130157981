"""The gate: facts and a policy in, a verdict out, and nothing else.

Pure and total: no clock, no file, no exception for any evidence. Every row is evaluated. It refuses to accept on
anything but a usable value that passes: a missing fact rejects, and a value of the wrong type or range (NaN, an
infinity, True for 1) counts as the row's failure and is never friendlier than a reject.
"""

from collections.abc import Iterable

from rsi_sandbox.errors import ConfigError
from rsi_sandbox.model import Decision, Fact, Facts, RowResult, Verdict
from rsi_sandbox.policy.facts import FACTS, Kind
from rsi_sandbox.policy.schema import Policy, Relation, Row, Stage

_SEVERITY = (Decision.ACCEPTED, Decision.HELD, Decision.REJECTED, Decision.QUARANTINED)


def judge(facts: Facts, policy: Policy) -> Verdict:
    """The verdict on one candidate.

    The worst row decides (quarantine over reject over held); after that all rows of at least one objective must pass.
    Among rows equally bad, one that failed is named before one that is unknown.

    Raises:
        ConfigError: the policy has no objective, so it could not say yes for a reason. Never because of the facts.
    """
    groups = list(dict.fromkeys(row.objective for row in policy.rows if row.stage is Stage.OBJECTIVE))
    if not groups:
        raise ConfigError(f"policy {policy.name} has no objective", hint='extends = "default"')
    results = {row.id: _result(row, facts.get(row.fact)) for row in policy.rows}
    objections = [
        (decision, row, results[row.id])
        for row in policy.rows
        if row.stage is not Stage.OBJECTIVE and (decision := _decision(row, results[row.id])) is not Decision.ACCEPTED
    ]
    missed = _missed_objective(policy.rows, groups, results)
    if missed is not None:
        objections.append((Decision.REJECTED, missed, results[missed.id]))
    shown = tuple(results[row.id] for row in policy.rows)
    if not objections:
        won = [name for name in groups if _passes(policy.rows, name, results)]
        return Verdict(Decision.ACCEPTED, shown, f"objective reached: {', '.join(won)}", "", policy.digest)
    decision, row, result = max(objections, key=lambda item: (_SEVERITY.index(item[0]), item[2].passed is not None))
    return Verdict(decision, shown, _sentence(row, result), row.id, policy.digest)


def _result(row: Row, value: Fact | None) -> RowResult:
    spec = FACTS.get(row.fact)
    usable = spec is not None and spec.usable(value) and spec.usable(row.bound)
    passed: bool | None = None
    margin: float | None = None
    if usable and value is not None:
        passed, margin = _compare(row.relation, value, row.bound)
    return RowResult(
        row=row.id,
        stage=row.stage.value,
        fact=row.fact,
        relation=row.relation.value,
        bound=row.bound,
        value=value,
        passed=passed,
        margin=margin,
        why=row.why,
    )


def _compare(relation: Relation, value: Fact, bound: Fact) -> tuple[bool, float | None]:
    """Both values are usable, so they have one kind."""
    if isinstance(value, bool | str) or isinstance(bound, bool | str):
        return relation is Relation.EQUALS and value == bound, None
    if relation is Relation.AT_LEAST:
        return value >= bound, float(value - bound)
    if relation is Relation.AT_MOST:
        return value <= bound, float(bound - value)
    return value == bound, 0.0 - abs(float(value - bound))


def _decision(row: Row, result: RowResult) -> Decision:
    if result.passed:
        return Decision.ACCEPTED
    if result.passed is None:
        if result.value is None:
            return Decision.REJECTED
        return max(row.on_fail.decision, Decision.REJECTED, key=_SEVERITY.index)
    return row.on_fail.decision


def _passes(rows: Iterable[Row], group: str, results: dict[str, RowResult]) -> bool:
    return all(results[row.id].passed is True for row in rows if row.objective == group)


def _missed_objective(rows: tuple[Row, ...], groups: list[str], results: dict[str, RowResult]) -> Row | None:
    """None when some objective is reached, otherwise the first row that stood in the way of the first one."""
    if any(_passes(rows, group, results) for group in groups):
        return None
    wanting = [row for row in rows if row.objective == groups[0] and results[row.id].passed is not True]
    return max(wanting, key=lambda row: results[row.id].passed is not None)


def _sentence(row: Row, result: RowResult) -> str:
    wanted = f"{row.fact} {row.relation.value} {_shown(row.bound)}"
    unit = FACTS[row.fact].unit if row.fact in FACTS and FACTS[row.fact].kind is not Kind.BOOL else ""
    if result.passed is None:
        found = "nothing was measured" if result.value is None else "what was measured can't be used"
    else:
        found = f"it is {_shown(result.value)}"
    unit = f" {unit}" if unit not in ("", "ratio", "word", "yes/no") else ""
    return f"{row.id}: {wanted}{unit} is required, {found}"


def _shown(value: Fact | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
