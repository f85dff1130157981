"""Signatures of checkpoints, by OpenSSH's `ssh-keygen -Y`: no key format, no cryptography of our own.

A key signs under one namespace only, so what it signs here can't be replayed as another kind of statement. It refuses
to guess: without ssh-keygen nothing is signed, and a signature that can't be checked is unknown, never good.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rsi_sandbox.errors import StateError, UsageError
from rsi_sandbox.places import state_home

NAMESPACE = "rsi-sandbox-checkpoint"
MACHINE = "machine"
"""Name under which the key of this machine signs."""
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Signed:
    """What became of checking one signature."""

    good: bool | None
    """None: it could not be checked, or by no known key."""
    said: str
    """One clause for a person."""


def available() -> bool:
    """Whether signatures can be made and checked here."""
    return shutil.which("ssh-keygen") is not None


def machine_key() -> Path:
    """The private key of this machine, made when there is none. It has no passphrase: it shows where, not who.

    Raises:
        StateError: it can't be made.
    """
    path = state_home() / "keys" / "checkpoint"
    if path.exists():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            fresh = Path(folder, "key")
            _run("-q", "-t", "ed25519", "-N", "", "-C", NAMESPACE, "-f", str(fresh))
            with contextlib.suppress(FileExistsError):
                # Two runs may get here together: the first to link its key wins, and both use it.
                os.link(fresh, path)
                fresh.with_name("key.pub").replace(path.with_name(path.name + ".pub"))
    except OSError as error:
        raise StateError(f"no signing key can be kept in {path.parent}: {error.strerror}") from error
    return path


def public_line(key: Path) -> str:
    """`ssh-ed25519 AAAA...`, the public half of a private key file.

    Raises:
        UsageError: it is not a key that can be read.
    """
    beside = key.with_name(key.name + ".pub")
    text = beside.read_text() if beside.exists() else _run("-y", "-f", str(key)).decode()
    words = text.split()
    if len(words) < 2:
        raise UsageError(f"{key} is not an SSH key", hint="make one with `ssh-keygen -t ed25519`")
    return f"{words[0]} {words[1]}"


def sign(data: bytes, key: Path) -> bytes:
    """The armoured signature of `data`.

    Raises:
        StateError: ssh-keygen is missing or the key can't be used.
    """
    return _run("-Y", "sign", "-q", "-f", str(key), "-n", NAMESPACE, stdin=data)


def check(data: bytes, signature: bytes, signers: str, name: str) -> Signed:
    """Whether `name`, by a key that `signers` gives it (lines of an allowed_signers file), signed `data`."""
    if not available():
        return Signed(None, "ssh-keygen is not installed, so the signature was not checked")
    with tempfile.TemporaryDirectory() as folder:
        allowed, file = Path(folder, "signers"), Path(folder, "signature")
        allowed.write_text(signers)
        file.write_bytes(signature)
        words = ["-Y", "verify", "-f", str(allowed), "-I", name, "-n", NAMESPACE, "-s", str(file)]
        try:
            done = _process(*words, stdin=data)
            if done.returncode == 0:
                return Signed(True, f"signed by {name}")
            known = any(line.split(" ", 1)[0] == name for line in signers.splitlines())
            sound = _process("-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(file), stdin=data)
        except (OSError, subprocess.TimeoutExpired) as error:
            return Signed(None, f"the signature could not be checked: {error}")
    if known or sound.returncode:
        return Signed(False, f"the signature of {name} does not fit")
    return Signed(None, f"signed by a key that nobody here knows as {name}")


def signer_line(name: str, public: str) -> str:
    """A line of an allowed_signers file that lets a key sign checkpoints and nothing else."""
    return f'{name} namespaces="{NAMESPACE}" {public}\n'


def _run(*words: str, stdin: bytes = b"") -> bytes:
    try:
        done = _process(*words, stdin=stdin)
    except FileNotFoundError as error:
        raise StateError("ssh-keygen is needed for signatures and was not found", hint="install OpenSSH") from error
    except subprocess.TimeoutExpired as error:
        raise StateError("ssh-keygen did not answer", hint="a key with a passphrase needs an agent") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise StateError(f"ssh-keygen failed: {said[-1] if said else 'no message'}", hint="check the key file")
    return done.stdout


def _process(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in ("SSH_ASKPASS", "DISPLAY")}
    return subprocess.run(
        ["ssh-keygen", *words], input=stdin, capture_output=True, check=False, timeout=_SECONDS, env=environment
    )
