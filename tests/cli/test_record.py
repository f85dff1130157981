"""The commands about a recorded lineage, as people type them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rsi_sandbox import audit, workspace
from rsi_sandbox.cli import changing, checking, differences, generation, handing, history
from rsi_sandbox.errors import Exit, StateError, UsageError
from rsi_sandbox.lineage import Lineage, repository, signing
from rsi_sandbox.model import Decision
from tests.reports.making import make, source


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A target with a record; tests that write to it make their own."""
    root = tmp_path_factory.mktemp("target")
    make(root / ".rsi-sandbox", 12, seed=7)
    lay(root)
    return root


def lay(root: Path) -> None:
    for path, data in source().files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def listed(root: Path, capsys: pytest.CaptureFixture[str], **wanted: object) -> list[dict[str, object]]:
    history.log(root, None, history.Wanted(**wanted), graph=False, oneline=False, jsonl=True)  # type: ignore[arg-type]
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_log_filters(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    every = listed(recorded, capsys)
    assert [row["number"] for row in every] == list(range(13))
    rejected = listed(recorded, capsys, decision=("rejected",))
    assert rejected
    assert {row["decision"] for row in rejected} == {"rejected"}
    rule = str(every[5]["rules"][0])  # type: ignore[index]
    assert all(rule in row["rules"] for row in listed(recorded, capsys, rule=rule[:4] + "*"))  # type: ignore[operator]
    assert listed(recorded, capsys, touching="no/such/file.py") == []
    assert len(listed(recorded, capsys, touching="pkg/*")) == 12
    assert [row["number"] for row in listed(recorded, capsys, since=11)] == [11, 12]


@pytest.mark.parametrize(("graph", "oneline"), [(True, False), (False, True), (False, False)])
def test_log_shows_every_verdict_in_every_form(
    recorded: Path, capsys: pytest.CaptureFixture[str], graph: bool, oneline: bool
) -> None:
    history.log(recorded, None, history.Wanted(), graph=graph, oneline=oneline, jsonl=False)
    out = capsys.readouterr().out
    with history.opened(recorded, None) as lineage:
        for each in lineage.generations():
            assert str(each.number) in out
            if each.decision is Decision.REJECTED:
                assert each.verdict["reason"][:40] in out
    assert "…" not in out


def test_show_and_explain_say_every_row_and_what_was_not_measured(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    generation.show(recorded, None, 3)
    shown = capsys.readouterr().out
    generation.explain(recorded, None, 3)
    said = capsys.readouterr().out
    with history.opened(recorded, None) as lineage:
        one = lineage.generation(3)
    for row in one.verdict["rows"]:
        assert row["row"] in shown
        assert row["row"] in said
        assert row["why"] in said
    for piece in one.evidence:
        for digest in piece["raw"].values():
            assert digest[:12] in said
    assert "not measured" in said
    assert "6 launches of 1 case," in said
    with pytest.raises(UsageError, match="no generation 99"):
        generation.show(recorded, None, 99)
    generation.show(recorded, None, 0)
    assert "original" in capsys.readouterr().out


def test_diff_of_two_generations_is_what_git_applies(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with history.opened(recorded, None) as lineage:
        last = lineage.accepted()[-1].number
        wanted = lineage.tree(last)
    differences.diff(recorded, None, f"0..{last}", None)
    patch = capsys.readouterr().out
    lay(tmp_path)
    subprocess.run(["git", "apply", "-p1"], input=patch, text=True, cwd=tmp_path, check=True)
    assert (tmp_path / "pkg/words.py").read_bytes() == wanted.files["pkg/words.py"]
    differences.diff(recorded, None, str(last), 0)
    assert capsys.readouterr().out == patch
    for word in ("x", "1..", "..2", "1...2", "-1"):
        with pytest.raises(UsageError):
            differences.diff(recorded, None, word, None)


def test_blame_names_generation_rule_and_gain(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    differences.blame(recorded, None, "pkg/words.py", None)
    lines = capsys.readouterr().out.splitlines()
    with history.opened(recorded, None) as lineage:
        head = lineage.head()
        assert head is not None
        text = lineage.tree(head.number).files["pkg/words.py"].decode().splitlines()
        assert len(lines) == len(text)
        for line, original in zip(lines, text, strict=True):
            if "# by generation " in original:
                number = original.rsplit(" ", 1)[1]
                assert line.startswith(f"{number} ")
                assert lineage.generation(int(number)).candidate["rules"][0] in line
            else:
                assert line.startswith("0 original")
    with pytest.raises(UsageError, match="no file"):
        differences.blame(recorded, None, "pkg/none.py", None)


def test_verify_with_what_was_kept_elsewhere(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = audit.verify(recorded / ".rsi-sandbox")
    word = f"{report.size}:{report.root}"
    assert checking.verify(recorded, None, [word], [], None, as_json=False)
    assert "kept elsewhere" in capsys.readouterr().out
    assert not checking.verify(recorded, None, [f"{report.size}:{'0' * 64}"], [], None, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is False
    assert said["root"] == report.root


def test_replay_says_what_differs_or_can_not_be_told(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checking.replay(recorded, None, "all", as_json=False) is Exit.UNKNOWN  # settings were not recorded here
    assert capsys.readouterr().out.count("facts from raw evidence") == 12
    checking.replay(recorded, None, "1", as_json=True)
    assert json.loads(capsys.readouterr().out)["differences"] == []
    with pytest.raises(UsageError):
        checking.replay(recorded, None, "one", as_json=False)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of one's own, in a git repository of one's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ada@example.org")
    root = tmp_path / "repo" / "target"
    lay(root)
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "original"]):
        subprocess.run(["git", *words], cwd=tmp_path / "repo", check=True)
    make(root / ".rsi-sandbox", 12, seed=7, branching=False)
    return root


def git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True).stdout


def test_a_branch_has_a_commit_per_accepted_generation_and_keeps_checkpoints(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = git(own, "status", "--porcelain"), git(own, "rev-parse", "HEAD"), (own / "pkg/words.py").read_bytes()
    changing.branch(own, None, None, "speed", "HEAD")
    assert "branch speed" in capsys.readouterr().out
    assert (git(own, "status", "--porcelain"), git(own, "rev-parse", "HEAD")) == before[:2]
    assert (own / "pkg/words.py").read_bytes() == before[2]
    with history.opened(own, None) as lineage:
        chain = [each for each in reversed(lineage.chain(lineage.accepted()[-1].number)) if each.candidate]
        subjects = git(own, "log", "--reverse", "--format=%s", "HEAD..speed").splitlines()
        assert len(subjects) == len(chain) > 1
        for place, each in enumerate(chain):
            commit = f"speed~{len(chain) - 1 - place}"
            content = subprocess.run(
                ["git", "show", f"{commit}:target/pkg/words.py"], cwd=own, capture_output=True, check=True
            ).stdout
            assert content == lineage.tree(each.number).files["pkg/words.py"]
            trailers = git(own, "log", "-1", "--format=%(trailers:only,unfold)", commit)
            assert f"Rsi-Generation: {each.number}" in trailers
            assert f"Rsi-Tree: {each.tree}" in trailers
        size, root = lineage.root()
    assert {(kept.size, kept.root) for kept in repository.checkpoints(own, "speed")} == {(size, root)}
    assert checking.verify(own, None, [], ["speed"], None, as_json=False)
    with pytest.raises(UsageError, match="exists"):
        changing.branch(own, None, None, "speed", "HEAD")
    with pytest.raises(UsageError, match="no commit of"):
        repository.checkpoints(own, "HEAD")
    for name in ("a b", "-x", "x..y", ""):
        with pytest.raises(UsageError):
            changing.branch(own, None, None, name, "HEAD")


def test_a_branch_on_a_repository_that_moved_is_merged_or_refused(own: Path) -> None:
    text = (own / "pkg/words.py").read_text()
    (own / "pkg/words.py").write_text('"""A docstring that came later."""\n' + text)
    git(own, "commit", "-qam", "moved")
    changing.branch(own, None, None, "merged", "HEAD")
    assert "A docstring that came later." in git(own, "show", "merged:target/pkg/words.py")
    (own / "pkg/words.py").write_text(text.replace("return found, 0", "return found, 'mine'"))
    git(own, "commit", "-qam", "moved in the same places")
    with pytest.raises(UsageError, match="was edited since the run"):
        changing.branch(own, None, None, "refused", "HEAD")
    assert "refused" not in git(own, "branch", "--list")


def test_a_hook_or_filter_of_the_repository_is_never_run(own: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trapped"
    hooks = own.parent / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-commit", "reference-transaction", "pre-commit", "post-update", "fsmonitor-watchman"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {trap}\n")
        (hooks / name).chmod(0o755)
    git(own, "config", "core.fsmonitor", str(hooks / "fsmonitor-watchman"))
    git(own, "config", "filter.trap.clean", f"touch {trap}")
    (own.parent / ".git" / "info").mkdir(exist_ok=True)
    (own.parent / ".git" / "info" / "attributes").write_text("*.py filter=trap\n")
    trap.unlink(missing_ok=True)
    changing.branch(own, None, None, "quiet", "HEAD")
    assert not trap.exists()


def test_statements_are_accepted_by_their_own_tools(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    json_format = pytest.importorskip("google.protobuf.json_format")
    statements = pytest.importorskip("in_toto_attestation.v1.statement")
    from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
    from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
    from in_toto_attestation.v1 import statement_pb2

    for form, made in (
        ("slsa-provenance", provenance_pb2.Provenance),
        ("in-toto-test-result", test_result_pb2.TestResult),
    ):
        for number in (None, 3):
            handing.export(own, None, number, handing.Statement(form), None)
            found = json.loads(capsys.readouterr().out)
            statements.Statement.copy_from_pb(json_format.ParseDict(found, statement_pb2.Statement())).validate()
            json_format.ParseDict(found["predicate"], made())  # an unknown field is an error
    with pytest.raises(UsageError, match="original"):
        handing.export(own, None, 0, handing.Statement.VERDICT, None)


def test_a_signed_statement_is_a_dsse_envelope(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dsse = pytest.importorskip("securesystemslib.dsse")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    if not signing.available():
        pytest.skip("ssh-keygen is not installed")
    from securesystemslib.signer import SSlibKey

    key = signing.machine_key()
    handing.export(own, None, None, handing.Statement.PROVENANCE, key)
    text = capsys.readouterr().out
    public = serialization.load_ssh_public_key(signing.public_line(key).encode())
    envelope = dsse.Envelope.from_dict(json.loads(text))
    known = SSlibKey.from_crypto(public, keyid=next(iter(envelope.signatures)))
    envelope.verify([known], 1)
    found = json.loads(text)
    found["payload"] = "AA" + found["payload"][2:]
    with pytest.raises(Exception, match=r"(?i)verif|threshold|signature"):
        dsse.Envelope.from_dict(found).verify([known], 1)


def test_the_log_as_json_lines_hashes_to_its_root(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from rsi_sandbox.lineage.merkle import leaf_hash, root_of

    handing.export(own, None, None, handing.Statement.JSONL, None)
    lines = capsys.readouterr().out.splitlines()
    assert root_of([leaf_hash(line.encode()) for line in lines]).hex() == audit.verify(own / ".rsi-sandbox").root


def test_apply_pick_and_rollback_from_the_command_line(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    original = (own / "pkg/words.py").read_bytes()
    with history.opened(own, None) as lineage:
        picks = [each.number for each in lineage.accepted() if each.candidate][:1]
    changing.apply(own, None, None, picks, workspace.Told())
    assert "applied only generation" in capsys.readouterr().out
    changing.rollback(own, None)
    assert (own / "pkg/words.py").read_bytes() == original
    with pytest.raises(UsageError, match="contradict"):
        changing.apply(own, None, 1, picks, workspace.Told())


@pytest.mark.parametrize(("text", "size"), [("200M", 200 << 20), ("4GiB", 4 << 30), ("12", 12), ("3kb", 3 << 10)])
def test_sizes(text: str, size: int) -> None:
    assert changing.size(text) == size


@pytest.mark.parametrize("text", ["", "M", "-1", "1.5G", "x"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError):
        changing.size(text)


def test_prune_reports_what_it_did(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changing.prune(own, None, "0", also_accepted=False, reason="test")
    said = capsys.readouterr()
    assert "removed" in said.out
    assert "accepted generations" in said.err
    assert checking.verify(own, None, [], [], None, as_json=False)


HOLD = (
    "import sys, time; from pathlib import Path; from rsi_sandbox.lineage import Lineage\n"
    "lineage = Lineage.open(Path(sys.argv[1]), create=True, write=True)\n"
    "print('open', flush=True); time.sleep(float(sys.argv[2])); lineage.close()"
)


def test_a_second_writer_waits_for_the_first_by_name_or_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with subprocess.Popen([sys.executable, "-c", HOLD, state, "4"], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "open\n"
        with pytest.raises(StateError, match=f"pid {first.pid}") as caught:
            Lineage.open(state, create=True, write=True)
        assert "--wait" in caught.value.hint
        told: list[str] = []
        with Lineage.open(state, create=True, write=True, wait=60.0, told=told.append):
            assert first.wait(10) == 0
        assert len(told) == 1
        assert f"pid {first.pid}" in told[0]


def test_a_state_directory_is_asked_for_before_anything_else(tmp_path: Path) -> None:
    for act in (
        lambda: history.log(tmp_path, None, history.Wanted(), graph=False, oneline=False, jsonl=False),
        lambda: generation.explain(tmp_path, None, 1),
        lambda: differences.blame(tmp_path, None, "a.py", None),
        lambda: handing.report(tmp_path, None, None),
        lambda: handing.bundle(tmp_path, None, tmp_path / "b"),
    ):
        with pytest.raises(UsageError, match="nothing is recorded"):
            act()
    assert os.listdir(tmp_path) == []  # noqa: PTH208
