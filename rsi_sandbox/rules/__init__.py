"""The rewrite rules. Adding a rule is adding one file to this folder: the folder is scanned, nothing is listed.

Nothing here applies a rewrite to a tree or judges one.
"""

import pkgutil
from functools import cache
from importlib import import_module

from rsi_sandbox.errors import UsageError
from rsi_sandbox.rules.analysis.observed import Observed, Seen
from rsi_sandbox.rules.analysis.source import FunctionNode, SourceModule
from rsi_sandbox.rules.contract import Example, Rewrite, Rule, Tier, rule

__all__ = [
    "Example",
    "FunctionNode",
    "Observed",
    "Rewrite",
    "Rule",
    "Seen",
    "SourceModule",
    "Tier",
    "installed",
    "named",
    "rule",
]


@cache
def installed() -> tuple[Rule, ...]:
    """Every rule in this folder, by tier and then by name."""
    found: dict[str, Rule] = {}
    for info in pkgutil.iter_modules(__path__, f"{__name__}."):
        for value in vars(import_module(info.name)).values():
            if isinstance(value, Rule) and found.setdefault(value.name, value) is not value:
                raise RuntimeError(f"two rules are named {value.name}")
    return tuple(sorted(found.values(), key=lambda one: (one.tier, one.name)))


def named(name: str) -> Rule:
    """The rule with this name.

    Raises:
        UsageError: there is none.
    """
    for one in installed():
        if one.name == name:
            return one
    raise UsageError(f"No rule is named {name}.", hint="`rsi-sandbox rule list` shows the rules there are.")
