import zlib
from pathlib import Path

import pytest

from rsi_sandbox.errors import DamagedRecordError
from rsi_sandbox.lineage.evidence import EvidenceStore
from rsi_sandbox.model import digest_of


def test_bytes_come_back_under_their_digest(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    added = store.put([b"one", b"", b"one"])
    assert added == store.size() == store.length(digest_of(b"one")) + store.length(digest_of(b""))
    assert store.put([b"one"]) == 0
    assert store.read(digest_of(b"one")) == b"one"
    assert store.read(digest_of(b"")) == b""


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (zlib.compress(b"other"), "other bytes"),
        (zlib.compress(b"one")[:-3], "cut short"),
        (zlib.compress(b"one") + b"x", "after its end"),
        (b"one", "not a compressed"),
        (None, "missing"),
    ],
)
def test_a_touched_blob_is_refused_and_put_repairs_it(tmp_path: Path, content: bytes | None, word: str) -> None:
    store = EvidenceStore(tmp_path)
    store.put([b"one"])
    digest = digest_of(b"one")
    path = store.path(digest)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DamagedRecordError, match=word):
        store.read(digest)
    store.put([b"one"])
    assert store.read(digest) == b"one"


def test_a_digest_is_never_a_path(tmp_path: Path) -> None:
    with pytest.raises(DamagedRecordError):
        EvidenceStore(tmp_path).read("../../etc/passwd")


def test_unfinished_files_are_swept(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    store.put([b"one"])
    digest = digest_of(b"one")
    (store.path(digest).parent / "tmp-1-abc").write_bytes(b"half")
    assert store.sweep() == 1
    assert store.read(digest) == b"one"
