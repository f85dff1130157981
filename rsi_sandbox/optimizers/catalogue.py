"""The rule catalogue as an optimizer: every rewrite of every installed rule in every hot function, best first.

Deterministic given the brief and what it was told. It does not measure anything and does not combine functions.
"""

import ast
import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rsi_sandbox.model import Candidate, Edit, HotFunction, Safety, Site, Tree, canonical_json, digest_of
from rsi_sandbox.optimizers.brief import Brief, weight
from rsi_sandbox.rules import FunctionNode, Observed, Rewrite, Rule, SourceModule, Tier, installed

PRIOR_STRENGTH = 4.0
"""How many verdicts a rule's prior acceptance counts for."""


@dataclass(frozen=True)
class _Offer:
    candidate: Candidate
    score: float
    identity: str


class Catalogue:
    """Proposes the rewrites of the installed rules (or of some of them), and learns which rules get accepted."""

    name = "catalogue"

    def __init__(self, rules: Sequence[Rule] | None = None, *, speculative: bool = True) -> None:
        chosen = installed() if rules is None else tuple(rules)
        self._rules = tuple(rule for rule in chosen if speculative or rule.safety is not Safety.SPECULATIVE)
        self._speculative = speculative
        self._verdicts: dict[str, list[bool]] = {}
        self._rejected: set[str] = set()
        self._offered: dict[str, _Offer] = {}

    def propose(self, brief: Brief) -> Iterator[Candidate]:
        """Candidates by falling share x acceptance x log gain; none that was rejected on the same text."""
        modules: dict[str, SourceModule | None] = {}
        offers: list[_Offer] = []
        for hot in brief.hot():
            if hot.path not in modules:
                modules[hot.path] = SourceModule.parse(hot.path, brief.tree.files[hot.path])
            module = modules[hot.path]
            function = _function(module, hot) if module is not None else None
            if module is not None and function is not None:
                function.observed = brief.observed.get(f"{hot.path}::{hot.qualname}", Observed())
                offers += self._offers(brief, module, function, hot)
        offers.sort(key=lambda offer: (-offer.score, offer.candidate.digest))
        for offer in offers:
            if offer.identity not in self._rejected and offer.candidate.digest not in self._offered:
                self._offered[offer.candidate.digest] = offer
                yield offer.candidate

    def tell(self, digest: str, *, accepted: bool, objection: str) -> None:
        """Move the acceptance of the candidate's rules, and remember a rejected rewrite."""
        offer = self._offered.get(digest)
        if offer is None:
            return
        for rule in offer.candidate.rules:
            self._verdicts.setdefault(rule, []).append(accepted)
        if not accepted:
            self._rejected.add(offer.identity)

    def acceptance(self, rule: Rule) -> float:
        """Probability that a rewrite of this rule is accepted: its prior, moved by the verdicts of this run."""
        verdicts = self._verdicts.get(rule.name, [])
        return (rule.acceptance * PRIOR_STRENGTH + sum(verdicts)) / (PRIOR_STRENGTH + len(verdicts))

    def _offers(self, brief: Brief, module: SourceModule, function: FunctionNode, hot: HotFunction) -> Iterator[_Offer]:
        small: list[tuple[Rule, Rewrite]] = []
        for rule in self._rules:
            for rewrite in rule.find(module, function):
                if not self._speculative and rewrite.safety is Safety.SPECULATIVE:
                    continue
                if rule.tier is Tier.P2:
                    small.append((rule, rewrite))
                    continue
                offer = self._offer(brief, function, hot, [(rule, rewrite)])
                if offer is not None:
                    yield offer
        bundle = _disjoint(small)
        offer = self._offer(brief, function, hot, bundle) if bundle else None
        if offer is not None:
            yield offer

    def _offer(
        self, brief: Brief, function: FunctionNode, hot: HotFunction, parts: list[tuple[Rule, Rewrite]]
    ) -> _Offer | None:
        edits = tuple(sorted({edit for _, rewrite in parts for edit in rewrite.edits}))
        if not edits or not sound(brief.tree, edits, brief):
            return None
        gain = min(50.0, math.prod(max(1.0, rewrite.gain) for _, rewrite in parts))
        candidate = Candidate(
            parent=brief.tree.digest,
            edits=edits,
            sites=tuple(Site(hot.path, hot.qualname, rewrite.line, rule.name) for rule, rewrite in parts),
            rationale=" ".join(dict.fromkeys(rewrite.rationale for _, rewrite in parts)),
            expected=gain,
            safety=max((rewrite.safety or rule.safety for rule, rewrite in parts), key=list(Safety).index),
            optimizer=self.name,
        )
        accept = min(self.acceptance(rule) for rule, _ in parts)
        start, end = function.module.span(function.node)
        source = function.module.source
        changes = [[source[edit.start : edit.end].decode(), edit.text] for edit in edits]
        identity = digest_of(canonical_json([hot.path, hot.qualname, source[start:end].decode(), changes]))
        return _Offer(candidate, weight(hot) * accept * math.log(max(gain, 1.01)), identity)


def _function(module: SourceModule, hot: HotFunction) -> FunctionNode | None:
    same = [function for function in module.functions if function.qualname == hot.qualname]
    return min(same, key=lambda one: abs(module.line(one.node) - hot.line), default=None)


def _disjoint(parts: list[tuple[Rule, Rewrite]]) -> list[tuple[Rule, Rewrite]]:
    kept: list[tuple[Rule, Rewrite]] = []
    for rule, rewrite in parts:
        taken = [edit for _, other in kept for edit in other.edits]
        if not any(mine.overlaps(theirs) for mine in rewrite.edits for theirs in taken):
            kept.append((rule, rewrite))
    return kept


def sound(tree: Tree, edits: Sequence[Edit], brief: Brief) -> bool:
    """Whether the edits stay on allowed paths, change something and leave files that parse."""
    if not all(edit.path in tree.files and brief.allowed(edit.path) for edit in edits):
        return False
    try:
        changed = tree.with_edits(edits).changed_from(tree)
    except ValueError:
        return False
    return bool(changed) and all(parses(data) for path, data in changed.items() if path.endswith((".py", ".pyi")))


def parses(source: bytes) -> bool:
    """Whether this is Python; what the compiler would warn about is not asked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
