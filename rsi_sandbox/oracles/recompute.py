"""Facts again from raw evidence: one table from the kind of evidence to the oracle's own pure function.

Nothing is run. Evidence of a kind that is not in the table has no pure function here, and that is said, not guessed.
"""

import json
from collections.abc import Callable, Mapping

from rsi_sandbox.errors import MeasurementError
from rsi_sandbox.model import Facts
from rsi_sandbox.oracles import benchmark, differential, memory, tests

Raw = Mapping[str, bytes]
"""Name -> bytes, as in `Evidence.raw`."""


def _timed(raw: Raw, prefix: str = "") -> Facts:
    """Facts of a comparison, under the margin and error rate it was stopped by."""
    (name,) = (each for each in raw if each.endswith(".samples"))
    asked = json.loads(raw[name])
    return benchmark.facts_from_samples(
        raw[name], margin=asked["margin"], alpha=asked["alpha"], prefix=prefix or name.removesuffix(".samples")
    )


def _since_start(raw: Raw) -> Facts:
    """The comparison with generation 0; a parent that is generation 0 was compared once, under both names."""
    return _timed(raw, "generation0")


def _noise(raw: Raw) -> Facts:
    asked = json.loads(raw["noise.samples"])
    return benchmark.noise_facts(
        raw["noise.samples"], margin=asked["margin"], alpha=asked["alpha"], seconds=asked.get("seconds")
    )


TABLE: Mapping[str, Callable[[Raw], Facts]] = {
    "benchmark": _timed,
    "generation0": _since_start,
    "noise": _noise,
    "tests": lambda raw: tests.facts_of(raw["tests"]),
    "differential": lambda raw: differential.facts_from(raw["differential"]),
    "memory": lambda raw: memory.memory_facts(raw["memory.peaks"]),
}
"""Name of the oracle -> its facts as a function of its raw evidence."""


def facts_again(oracle: str, raw: Raw) -> Facts | None:
    """The facts that this raw evidence amounts to; None where no pure function is known.

    Raises:
        MeasurementError: the bytes are not the evidence of that oracle.
    """
    if oracle not in TABLE:
        return None
    try:
        return TABLE[oracle](raw)
    except (KeyError, TypeError, ValueError) as error:
        raise MeasurementError(f"the raw evidence of {oracle} can't be read: {error!r}") from error
