"""Making a record smaller: what goes, what stays, and that every proof still holds."""

from pathlib import Path

import pytest

from rsi_sandbox import audit
from rsi_sandbox.errors import StateError, UsageError
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.lineage.pruning import raw_of
from rsi_sandbox.model import Decision
from tests.reports.making import make


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    make(tmp_path / "state", 8, seed=2)
    return tmp_path / "state"


def test_rejected_samples_go_first_and_every_proof_holds(state: Path) -> None:
    with Lineage.open(state, create=False, write=True) as lineage:
        before = lineage.checkpoint()
        kept = {each.number for each in lineage.generations() if each.decision is Decision.ACCEPTED}
        count, freed = lineage.prune(0, "the disk is small")
        assert count > 0
        assert freed > 0
        for generation in lineage.generations():
            if generation.number in kept:
                assert all(lineage.evidence(digest) for digest in raw_of(generation))
        gone = next(each for each in lineage.generations() if each.decision is Decision.REJECTED)
        with pytest.raises(UsageError, match="was pruned"):
            lineage.evidence(next(iter(raw_of(gone))))
        assert lineage.leaves(before.size)  # the leaves of the old log are the first leaves of the new one
    report = audit.verify(state, expected=[before])
    assert report.problems == ()
    said = next(check for check in report.checks if check.name == "evidence")
    assert "pruned, and the log says so" in said.sentences[0]


def test_only_as_much_goes_as_is_needed(state: Path) -> None:
    with Lineage.open(state, create=False, write=True) as lineage:
        size = lineage.stored_bytes()
        count, freed = lineage.prune(size - 1, "one byte too much")
        assert count == 1
        assert lineage.stored_bytes() == size - freed
        assert lineage.prune(size, "there is room") == (0, 0)


def test_what_an_accepted_generation_shares_stays(state: Path) -> None:
    with Lineage.open(state, create=False, write=True) as lineage:
        accepted = {digest for each in lineage.accepted() for digest in raw_of(each)}
        lineage.prune(0, "small disk")
        assert not accepted & lineage.pruned()
        lineage.prune(0, "smaller disk", also_accepted=True)
        assert accepted <= lineage.pruned()
    assert audit.verify(state).problems == ()


def test_a_prune_that_was_killed_is_carried_out_on_the_next_start(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("rsi_sandbox.lineage.pruning.carry_out", lambda store, pruned: 0)
        with Lineage.open(state, create=False, write=True) as lineage:
            count, _ = lineage.prune(0, "killed before the files went")
    with Lineage.open(state, create=False, write=True) as lineage:
        assert lineage.healed == [f"removed {count} pieces of evidence that were already pruned on record"]
    assert audit.verify(state).problems == ()


def test_missing_evidence_that_nobody_pruned_is_still_a_problem(state: Path) -> None:
    with Lineage.open(state, create=False, write=True) as lineage:
        digest = next(iter(raw_of(lineage.generation(1))))
        place = lineage._evidence.path(digest)
    place.unlink()
    assert any("missing" in text for text in audit.verify(state).problems)


def test_a_store_that_reaches_its_limit_refuses_and_says_how_to_make_room(state: Path) -> None:
    with Lineage.open(state, create=False, write=True) as lineage:
        lineage.limit = lineage.stored_bytes()
        before = lineage.root()
        with pytest.raises(StateError, match="limit") as caught:
            lineage.keep(bytes(range(256)) * 10)
        assert "prune" in caught.value.hint
        assert lineage.root() == before
