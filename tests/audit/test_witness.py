"""A witness signs what only grew, remembers what it signed, and its signature is taken by name and key."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from rsi_sandbox import audit
from rsi_sandbox.audit import bundle, witness
from rsi_sandbox.cli import handing
from rsi_sandbox.errors import DamagedRecordError, UsageError
from rsi_sandbox.lineage import Kind, Lineage, signing
from rsi_sandbox.lineage.records import entry_bytes
from tests.audit.test_tampering import standalone
from tests.reports.making import make

pytestmark = pytest.mark.skipif(not signing.available(), reason="ssh-keygen is not installed")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    make(tmp_path / "state", 2, raw=False)
    return tmp_path / "state"


def key(folder: Path, name: str) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    return folder / name


def packed(state: Path, path: Path) -> Path:
    with Lineage.open(state, create=False, write=True) as lineage:
        lineage.sign()
        return bundle.write(lineage, path)


def test_a_log_that_grew_is_signed_again_and_the_signature_is_taken(state: Path, tmp_path: Path) -> None:
    ada = key(tmp_path, "ada")
    first = witness.cosign(packed(state, tmp_path / "one"), ada, "ada")
    assert first.since == 0
    with Lineage.open(state, create=False, write=True) as lineage:
        lineage.note(Kind.INCIDENT, {"what": "more"})
    second = witness.cosign(packed(state, tmp_path / "two"), ada, "ada")
    assert second.since == first.checkpoint.size == second.checkpoint.size - 1
    signers = signing.signer_line("ada", signing.public_line(ada))
    assert witness.accept(state, second.path, signers) == "ada"
    (tmp_path / "keys").write_text(signers)
    report = audit.verify(state, signers=signers)
    said = next(check for check in report.checks if check.name == "signatures")
    assert said.ok is True
    assert "signed by ada" in said.sentences[0]
    assert "single-key" not in said.sentences[0]
    assert standalone(tmp_path / "two", "--signers", tmp_path / "keys").returncode == 0


def test_another_history_is_not_signed(state: Path, tmp_path: Path) -> None:
    ada = key(tmp_path, "ada")
    place = packed(state, tmp_path / "one")
    witness.cosign(place, ada, "ada")
    lines = (place / "log.jsonl").read_bytes().split(b"\n")[:-1]
    shorter = shutil.copytree(place, tmp_path / "shorter")
    (shorter / "log.jsonl").write_bytes(b"\n".join(lines[:-1]) + b"\n")
    with pytest.raises(DamagedRecordError, match="another history"):
        witness.cosign(shorter, ada, "ada")
    body = json.loads(lines[-1])
    other = entry_bytes(body["seq"], "run-closed", {"reason": "another", "run": 1})
    (shorter / "log.jsonl").write_bytes(b"\n".join([*lines[:-1], other]) + b"\n")
    with pytest.raises(DamagedRecordError, match="another history"):
        witness.cosign(shorter, ada, "ada")


def test_a_signature_by_an_unknown_or_another_key_is_not_taken(state: Path, tmp_path: Path) -> None:
    ada, eve = key(tmp_path, "ada"), key(tmp_path, "eve")
    done = witness.cosign(packed(state, tmp_path / "one"), eve, "ada")
    for signers in ("", signing.signer_line("ada", signing.public_line(ada))):
        with pytest.raises(UsageError, match="not taken"):
            witness.accept(state, done.path, signers)


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a b", "-rf", "x" * 80])
def test_a_name_that_is_no_name_is_refused(state: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        witness.cosign(packed(state, tmp_path / "one"), key(tmp_path, "k"), name)


def test_what_is_no_bundle_is_asked_wrongly(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not an unpacked"):
        witness.cosign(tmp_path, tmp_path / "key", "ada")


def test_the_command_refuses_a_bundle_that_is_not_sound(state: Path, tmp_path: Path) -> None:
    place = packed(state, tmp_path / "one")
    next((place / "files").iterdir()).write_bytes(b"other")
    with pytest.raises(DamagedRecordError, match="not signed"):
        handing.witness(place, key(tmp_path, "ada"), "ada")
    assert not list((place / "checkpoints").glob("*.ada.sig"))
    (place / "log.jsonl").write_bytes(b'{"seq":1}\n')
    with pytest.raises(DamagedRecordError, match="not signed"):
        handing.witness(place, tmp_path / "ada", "ada")


def test_the_command_signs_and_the_other_one_takes_it(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = packed(state, tmp_path / "one")
    ada = key(tmp_path, "ada")
    handing.witness(place, ada, "ada")
    assert "seen for the first time" in capsys.readouterr().out
    (tmp_path / "keys").write_text(signing.signer_line("ada", signing.public_line(ada)))
    handing.accept(next((place / "checkpoints").glob("*.ada.sig")), tmp_path, state, tmp_path / "keys")
    assert "took the signature of ada" in capsys.readouterr().out
