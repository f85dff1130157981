"""What a run says while it runs: one record per thing that happened, for the live view, the stream and the tests."""

from dataclasses import dataclass, field
from enum import StrEnum

from rsi_sandbox.model import Json


class Kind(StrEnum):
    """What happened."""

    OPENED = "run-opened"
    BASELINE = "baseline"
    STAGE = "stage"
    CANDIDATE = "candidate"
    COMPOSITE = "composite"
    GENERATION = "generation"
    VERDICT = "verdict"
    """Of a judged patch."""
    NOTE = "note"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the stream."""

    kind: Kind
    text: str
    """A sentence for a person."""
    data: Json = field(default_factory=dict)
    """The same for a program."""
    seconds: float = 0.0
    """Since the run started."""

    def to_json(self) -> Json:
        """As it is written with `--format jsonl`."""
        return {"event": self.kind.value, "seconds": round(self.seconds, 3), "text": self.text, **self.data}
