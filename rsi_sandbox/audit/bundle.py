"""An audit bundle: everything that was claimed, with a verifier that runs where this tool is not installed.

The log as JSON lines (each line is what its leaf is the hash of), raw evidence, trees, signed checkpoints and the
public keys that signed them. It refuses to bundle a record that does not verify.
"""

import gzip
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

from rsi_sandbox.audit.verify import verify
from rsi_sandbox.errors import DamagedRecordError, UsageError
from rsi_sandbox.lineage import Lineage, checkpoint
from rsi_sandbox.lineage.records import entry_bytes, named_blobs
from rsi_sandbox.model import Tree, canonical_json, digest_of

NAME = "rsi-sandbox-audit"
README = """An rsi-sandbox audit bundle.

    python3 verify.py                        is it sound in itself?
    python3 verify.py --signers KEYS         ... and signed by keys you know? (an OpenSSH allowed_signers file)
    python3 verify.py --checkpoint FILE      ... and a continuation of a checkpoint you kept?

verify.py needs Python 3.10 or newer and nothing else. If you got this bundle from somebody you do not trust, take
verify.py from a source you do, or read it: it is short. keys/allowed_signers holds the keys of the signers as the
maker of the bundle gave them; compare them with what the signers themselves tell you.

log.jsonl      one entry a line, canonical JSON; the RFC 6962 leaf of an entry is SHA-256(0x00 + line without newline)
evidence/      raw measurements, each named by the SHA-256 of its bytes
trees/, files/ every generation's tree: a listing of [path, executable, digest], and the files by digest
checkpoints/   origin, size and root of the log at some moments, with signatures by ssh-keygen -Y:
               ssh-keygen -Y verify -f KEYS -I NAME -n rsi-sandbox-checkpoint -s X.NAME.sig < X.txt
"""


def write(lineage: Lineage, path: Path) -> Path:
    """Write the bundle as a directory, or as an archive where the name ends in .tar.gz; returns the path.

    Equal records give equal archives.

    Raises:
        UsageError: there is something at that path.
        DamagedRecordError: the record does not verify.
    """
    if path.exists():
        raise UsageError(f"{path} exists", hint="name a path where there is nothing yet")
    report = verify(lineage.directory)
    if not report.ok:
        raise DamagedRecordError(
            f"the record does not verify, so it is not bundled: {report.problems[0]}", hint="see `rsi-sandbox verify`"
        )
    if path.name.endswith((".tar.gz", ".tgz")):
        with path.open("xb") as file, gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
            _archive(lineage, packed)
        return path
    for name, data in contents(lineage):
        place = path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return path


def _archive(lineage: Lineage, packed: gzip.GzipFile) -> None:
    with tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for name, data in contents(lineage):
            about = tarfile.TarInfo(f"{NAME}/{name}")
            about.size, about.mode = len(data), 0o755 if name == "verify.py" else 0o644
            archive.addfile(about, io.BytesIO(data))


def contents(lineage: Lineage) -> Iterator[tuple[str, bytes]]:
    """Every file of a bundle by its path in it."""
    yield "README.txt", README.encode()
    yield "verify.py", standalone().encode()
    events = list(lineage.events())
    yield "log.jsonl", b"".join(entry_bytes(each.seq, each.kind, each.body) + b"\n" for each in events)
    pruned = lineage.pruned()
    for digest in sorted({digest for event in events for digest in named_blobs(event.body)} - pruned):
        yield f"evidence/{digest}", lineage.evidence(digest)
    yield from _trees(lineage)
    folder = lineage.directory / checkpoint.FOLDER
    for path, signatures in checkpoint.kept(folder):
        yield f"checkpoints/{path.name}", path.read_bytes()
        for name, signature in signatures.items():
            yield f"checkpoints/{path.stem}.{name}.sig", signature
    keys = folder / checkpoint.SIGNERS
    yield "keys/allowed_signers", keys.read_bytes() if keys.exists() else b""


def _trees(lineage: Lineage) -> Iterator[tuple[str, bytes]]:
    listed: set[str] = set()
    files: set[str] = set()
    for generation in lineage.generations():
        if generation.tree in listed:
            continue
        listed.add(generation.tree)
        tree = lineage.tree(generation.number)
        yield f"trees/{generation.tree}.json", listing(tree)
        for data in tree.files.values():
            digest = digest_of(data)
            if digest not in files:
                files.add(digest)
                yield f"files/{digest}", data


def listing(tree: Tree) -> bytes:
    """The bytes a tree's digest is the hash of."""
    return canonical_json([[path, path in tree.executable, digest_of(tree.files[path])] for path in sorted(tree.files)])


def standalone() -> str:
    """The text of the verifier."""
    return Path(__file__).with_name("standalone.py").read_text(encoding="utf-8")
