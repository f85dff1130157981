"""From winners to one composite: a closer look at each, then everything that goes together in one small step.

Nothing here accepts. What a row of the policy already objects to is left out; the composite is judged as a whole.
"""

from collections.abc import Sequence
from dataclasses import replace

from rsi_sandbox.model import Candidate, Tree, combine
from rsi_sandbox.policy.gate import judge
from rsi_sandbox.policy.schema import Policy
from rsi_sandbox.trial import Screened, Trial

STEP_FILES = 3
STEP_LINES = 60
"""A composite larger than this is left for the next generation; the policy bounds a step too, and decides."""


def vet(
    trial: Trial, parent: Tree, winners: Sequence[Screened], policy: Policy
) -> tuple[list[Screened], list[Screened]]:
    """Winners to which no row of the policy objects yet, and the others with the row that does in `why`."""
    kept: list[Screened] = []
    refused: list[Screened] = []
    for item in winners:
        found = trial.vet(parent, item.candidate)
        verdict = judge({name: value for one in found for name, value in one.facts.items()}, policy)
        failed = [row for row in verdict.rows if row.passed is False]
        if failed:
            why = f"{failed[0].row}: {failed[0].fact} is {failed[0].value}"
            refused.append(replace(item, useful=False, why=why, objection=failed[0].row))
        else:
            kept.append(item)
    return kept, refused


def composite(winners: Sequence[Screened]) -> tuple[Candidate, list[Screened]]:
    """The first winner and every other that conflicts with none already taken, as far as one small step goes."""
    members: list[Screened] = []
    for item in winners:
        together = [*members, item]
        if len({edit.path for one in together for edit in one.candidate.edits}) > STEP_FILES:
            continue
        if sum(edit.text.count("\n") + 2 for one in together for edit in one.candidate.edits) > STEP_LINES:
            continue
        if not any(item.candidate.conflicts_with(other.candidate) for other in members):
            members = together
    members = members or list(winners[:1])
    return combine(item.candidate for item in members), members
