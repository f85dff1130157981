"""Placeholder."""
from dataclasses import dataclass
@dataclass(frozen=True, slots=True)
class Environment:
    """x."""
    digest: str
