"""The record of every generation: an append-only log with Merkle roots, evidence by content, trees as commits.

It refuses to forget: nothing here edits or removes what was recorded.
"""

from rsi_sandbox.lineage.records import Event, Kind
from rsi_sandbox.lineage.store import Lineage

__all__ = ["Event", "Kind", "Lineage"]
