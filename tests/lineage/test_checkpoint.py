"""Checkpoints as text, and what becomes of signatures."""

import shutil
import subprocess
from pathlib import Path

import pytest

from rsi_sandbox.audit.standalone import ed25519
from rsi_sandbox.errors import StateError, UsageError
from rsi_sandbox.lineage import Lineage, checkpoint, signing
from rsi_sandbox.lineage.checkpoint import Checkpoint

ROOT = "ab" * 32
KEPT = Checkpoint(7, ROOT, "rsi-sandbox/0123")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))


def test_text_and_back() -> None:
    assert KEPT.text == b"rsi-sandbox/0123\n7\n" + b"q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n"
    assert checkpoint.parse(KEPT.text) == KEPT


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n7\nAAAA\n",
        b"o\n-1\n" + KEPT.text.split(b"\n")[2] + b"\n",
        b"o\n7\nAAAA\n",
        KEPT.text + b"more\n",
        b"\xff",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"checkpoint|decode"):
        checkpoint.parse(text)


def test_what_people_type(tmp_path: Path) -> None:
    assert checkpoint.given(f"7:{ROOT.upper()}") == Checkpoint(7, ROOT)
    (tmp_path / "c.txt").write_bytes(KEPT.text)
    assert checkpoint.given(str(tmp_path / "c.txt")) == KEPT
    for word in ("7", "7:ab", str(tmp_path / "none"), str(tmp_path)):
        with pytest.raises(UsageError, match="no checkpoint"):
            checkpoint.given(word)


needs_ssh = pytest.mark.skipif(not signing.available(), reason="ssh-keygen is not installed")


@needs_ssh
def test_a_signature_is_good_wrong_or_unknown(tmp_path: Path) -> None:
    key = signing.machine_key()
    assert key.stat().st_mode & 0o077 == 0
    assert signing.machine_key() == key
    signature = signing.sign(KEPT.text, key)
    mine = signing.signer_line("me", signing.public_line(key))
    assert signing.check(KEPT.text, signature, mine, "me").good is True
    assert signing.check(KEPT.text + b"x", signature, mine, "me").good is False
    assert signing.check(KEPT.text, b"rubbish", mine, "me").good is False
    assert signing.check(KEPT.text, signature, "", "me").good is None
    assert signing.check(KEPT.text, signature, mine.replace("rsi-sandbox-checkpoint", "git"), "me").good is False


@needs_ssh
def test_a_signature_for_another_purpose_is_not_taken(tmp_path: Path) -> None:
    key = signing.machine_key()
    (tmp_path / "c").write_bytes(KEPT.text)
    subprocess.run(["ssh-keygen", "-Y", "sign", "-q", "-f", key, "-n", "file", tmp_path / "c"], check=True)
    mine = signing.signer_line("me", signing.public_line(key))
    assert signing.check(KEPT.text, (tmp_path / "c.sig").read_bytes(), mine, "me").good is False


def test_without_ssh_keygen_nothing_is_signed_and_nothing_is_called_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = shutil.which("git")
    assert git is not None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(git)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with Lineage.open(tmp_path / "state", create=True, write=True) as lineage:
        run = lineage.begin_run({})
        lineage.end_run(run, {})
        assert lineage.sign() is None
    assert signing.check(b"x", b"y", "me ssh-ed25519 AAAA", "me").good is None
    with pytest.raises(StateError, match="ssh-keygen"):
        signing.sign(b"x", tmp_path / "key")


@needs_ssh
def test_old_checkpoints_make_room(tmp_path: Path) -> None:
    for size in range(1, checkpoint.KEPT + 5):
        checkpoint.keep(tmp_path, Checkpoint(size, ROOT, "o"), {"me": b"s"})
    found = list(checkpoint.kept(tmp_path))
    assert len(found) == checkpoint.KEPT
    assert found[0][0].name == "0000000005.txt"
    assert all(signatures == {"me": b"s"} for _, signatures in found)


@pytest.mark.parametrize(
    ("key", "message", "signature"),
    [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ],
)
def test_the_verifiers_own_ed25519_matches_rfc_8032(key: str, message: str, signature: str) -> None:
    public, data, signed = (bytes.fromhex(text) for text in (key, message, signature))
    assert ed25519(public, data, signed)
    assert not ed25519(public, data + b"x", signed)
    broken = bytes([signed[0], signed[1] ^ 1, *signed[2:]])
    try:
        assert not ed25519(public, data, broken)
    except ValueError:
        pass  # not every number is a point
