"""What a run says to people and programs: sentences, and the rows behind them. It decides nothing."""

from collections.abc import Mapping, Sequence

from rsi_sandbox.baseline import Baseline
from rsi_sandbox.model import Decision, Evidence, Fact, Generation, Json
from rsi_sandbox.target import Target, describe
from rsi_sandbox.trial import Screened


def introduction(target: Target, surroundings: Mapping[str, str]) -> str:
    """What is about to be evolved, and where."""
    found = "; ".join(f"{name}: {text}" for name, text in describe(target).items())
    return f"{target.name} in {surroundings.get('sandbox', 'a sandbox')} -- {found}"


def baseline(studied: Baseline) -> str:
    """What is known of the original."""
    hot = ", ".join(f"{item.qualname} {item.share:.0%}" for item in studied.hot()[:4])
    timed = "recorded calls" if studied.cases[0].source == "recorded" else "benchmark case(s)"
    return f"baseline: {len(studied.tests.expected)} tests pass; {len(studied.cases)} {timed}; hot: {hot}"


def noise(found: Evidence) -> str:
    """What this machine can tell from nothing."""
    effect = found.facts.get("noise.smallest_effect")
    if not isinstance(effect, float):
        return "the smallest effect that can be confirmed here is unknown: too few launches fitted into the time"
    return f"smallest effect that can be confirmed here: {effect:.3f}x"


def row(item: Screened) -> Json:
    """One screened candidate, for the stream and the record."""
    return {
        "candidate": item.candidate.digest,
        "rules": ", ".join(item.candidate.rules),
        "function": ", ".join(qualname for _, qualname in item.candidate.functions),
        "path": item.candidate.sites[0].path if item.candidate.sites else "",
        "ratio": item.ratio,
        "outcome": "useful" if item.useful else "no gain" if item.why == "no gain" else "rejected",
        "why": item.why,
        "wall": round(item.seconds, 3),
    }


def candidate(item: Screened) -> str:
    """One screened candidate, for people."""
    found = row(item)
    effect = f"{item.ratio:.2f}x " if item.ratio else ""
    return f"  {found['rules']} in {found['function']}: {effect}{item.why or 'useful'}"


def verdict(record: Generation, facts: Mapping[str, Fact | None], detail: str) -> str:
    """What the gate made of a composite."""
    measured = interval(facts, "confirm") or interval(facts, "speed")
    text = f"generation {record.number} {record.decision.value}: {measured}{', '.join(record.candidate['rules'])}"
    return text if record.decision is Decision.ACCEPTED else f"{text} -- {detail or record.verdict['reason']}"


def interval(facts: Mapping[str, Fact | None], prefix: str) -> str:
    """`1.52x [1.49, 1.55] `, or nothing where nothing was measured."""
    low, ratio, high = (facts.get(f"{prefix}.{name}") for name in ("low", "ratio", "high"))
    if not isinstance(ratio, float) or not isinstance(low, float) or not isinstance(high, float):
        return ""
    return f"{ratio:.2f}x [{low:.2f}, {high:.2f}] "


def closing(accepted: Sequence[Generation], total: float, reason: str) -> str:
    """The last words of a run, with the command to type next."""
    if not accepted:
        return f"nothing accepted, nothing changed; stopped: {reason}"
    text = f"{len(accepted)} generation(s) accepted, {total:.2f}x faster than the original"
    text += f" (confirmed, on the benchmarks it touches); stopped: {reason}"
    return f"{text}\nnext: rsi-sandbox diff {accepted[-1].number} --against 0, then apply"
