"""Optimizers: who proposes next. They see source, profile and observed types, and return candidates.

An optimizer never sees policy, oracles or expected answers, and nothing it returns is believed before the gate has
judged it.
"""

from rsi_sandbox.optimizers.brief import Brief, Optimizer, Refusal
from rsi_sandbox.optimizers.catalogue import Catalogue
from rsi_sandbox.optimizers.external import External
from rsi_sandbox.optimizers.replay import Replay

__all__ = ["Brief", "Catalogue", "External", "Optimizer", "Refusal", "Replay"]
