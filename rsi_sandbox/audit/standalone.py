#!/usr/bin/env python3
"""Checks an rsi-sandbox audit bundle with nothing but Python's standard library. It trusts no other file of the bundle.

    python3 verify.py [BUNDLE] [--checkpoint FILE | --checkpoint SIZE:ROOT]... [--signers FILE]

BUNDLE is the unpacked directory, by default the one this file is in. What shows that everything was rewritten together
has to come from outside: a checkpoint kept elsewhere, or the public keys of signers you know (an OpenSSH
allowed_signers file). Exit code 0: sound and confirmed from outside; 1: something is wrong; 3: sound in itself only.
"""

import base64
import hashlib
import json
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
Q = 2**252 + 27742317777372353535851937790883648493
NAMESPACE = b"rsi-sandbox-checkpoint"
Point = tuple[int, int, int, int]


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def point(data: bytes) -> Point:  # Ed25519, RFC 8032 5.1.3; a point is (X, Y, Z, T)
    y = int.from_bytes(data, "little") & (2**255 - 1)
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    x = x if (x * x - xx) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    if (x * x - xx) % P or y >= P:
        raise ValueError("not a point")
    x = P - x if x & 1 != data[31] >> 7 else x
    return (x, y, 1, x * y % P)


def add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(n: int, p: Point) -> Point:
    found = (0, 1, 1, 0)
    while n:
        found, p, n = (add(found, p) if n & 1 else found), add(p, p), n >> 1
    return found


def ed25519(key: bytes, message: bytes, signature: bytes) -> bool:
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % Q
    base = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    left, right = times(s, base), add(point(r), times(h, point(key)))
    same = all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))
    return s < Q and same


def fields(data: bytes) -> Iterator[bytes]:
    while data:
        size = struct.unpack(">I", data[:4])[0]
        yield data[4 : 4 + size]
        data = data[4 + size :]


def string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def signed(text: bytes, armour: str, keys: dict[bytes, str]) -> bool | None:  # OpenSSH's PROTOCOL.sshsig
    blob = base64.b64decode("".join(line for line in armour.split("\n") if "-----" not in line))
    key, namespace, _, algorithm, signature = fields(blob[10:])
    if blob[:6] != b"SSHSIG" or namespace != NAMESPACE or key not in keys:
        return None
    digest = hashlib.new(algorithm.decode(), text).digest()
    message = b"SSHSIG" + string(namespace) + string(b"") + string(algorithm) + string(digest)
    kind, raw = fields(key)
    return ed25519(raw, message, list(fields(signature))[1]) if kind == b"ssh-ed25519" else None


def log_roots(lines: list[bytes], problems: list[str]) -> tuple[list[Any], list[str]]:
    peaks: list[bytes] = []
    roots: list[str] = []
    entries: list[Any] = []
    for number, line in enumerate(lines, 1):
        entry = json.loads(line)
        if canonical(entry) != line or entry.get("seq") != number:
            problems.append(f"entry {number} is not in its place or not in canonical form")
        carry, size = hashlib.sha256(b"\0" + line).digest(), len(entries)
        while size & 1:
            carry, size = hashlib.sha256(b"\1" + peaks.pop() + carry).digest(), size >> 1
        peaks.append(carry)
        root = peaks[-1]
        for peak in reversed(peaks[:-1]):
            root = hashlib.sha256(b"\1" + peak + root).digest()
        roots.append(root.hex())
        entries.append(entry)
    return entries, roots


def check_generations(entries: list[Any], folder: Path, problems: list[str]) -> int:
    known: dict[int, Any] = {}
    for entry in entries:
        if entry["kind"] != "generation":
            continue
        one = entry["body"]["generation"]
        number, parent = one["number"], known.get(one["parent"])
        name = f"generation {number}"
        kept = one["decision"] in ("accepted", "held")
        if number != len(known) or (number and parent is None):
            problems.append(f"{name} is out of place")
        elif parent and number and not kept and one["tree"] != parent["tree"]:
            problems.append(f"{name} was {one['decision']} and has another tree than its parent")
        if one["verdict"] and one["verdict"]["decision"] != one["decision"]:
            problems.append(f"{name} is {one['decision']} and its verdict says {one['verdict']['decision']}")
        rows = one["verdict"].get("rows", []) if one["verdict"] else []
        failed = [row["row"] for row in rows if row["passed"] is not True and row["stage"] != "objective"]
        if one["decision"] == "accepted" and failed:
            problems.append(f"{name} was accepted against {failed[0]}")
        known[number] = one
        listing = (folder / "trees" / f"{one['tree']}.json").read_bytes()
        if sha(listing) != one["tree"]:
            problems.append(f"the tree of {name} was altered")
        for path, _, digest in json.loads(listing):
            if sha((folder / "files" / digest).read_bytes()) != digest:
                problems.append(f"{path} of {name} was altered")
    return len(known)


def check_evidence(entries: list[Any], folder: Path, problems: list[str]) -> tuple[int, int]:
    named: set[str] = set()
    pruned: set[str] = set()
    for entry in entries:
        body = entry["body"]
        found = set((body.get("blobs") or {}).values())
        made = body["generation"]["evidence"] if entry["kind"] == "generation" else ()
        found |= {raw for piece in made for raw in piece["raw"].values()}
        pruned = (pruned - found) | set(body.get("digests") or () if entry["kind"] == "pruned" else ())
        named |= found
    for digest in sorted(named):
        path = folder / "evidence" / digest
        if not path.exists():
            if digest not in pruned:
                problems.append(f"evidence {digest} is missing")
        elif sha(path.read_bytes()) != digest:
            problems.append(f"evidence {digest} was swapped")
    return len(named), len(pruned & named)


def fits(text: bytes, roots: list[str], origin: str) -> bool:
    where, size, root = text.decode().split("\n")[:3]
    known = [hashlib.sha256(b"").hexdigest(), *roots]
    return where in ("", origin) and int(size) < len(known) and known[int(size)] == base64.b64decode(root).hex()


def check_signatures(
    folder: Path, keys: dict[bytes, str], roots: list[str], origin: str, problems: list[str]
) -> list[str]:
    confirmed = []
    for path in sorted((folder / "checkpoints").glob("*.txt")):
        if not fits(path.read_bytes(), roots, origin):
            problems.append(f"{path.name} does not fit the log")
        for file in sorted(path.parent.glob(f"{path.stem}.*.sig")):
            good = signed(path.read_bytes(), file.read_text(), keys)
            if good is False:
                problems.append(f"{file.name} is not a signature of {path.name}")
            elif good:
                confirmed.append(f"signature {file.name}")
    return confirmed


def outside(words: list[str]) -> tuple[Path, list[tuple[str, bytes]], dict[bytes, str]]:
    folder = Path(__file__).resolve().parent
    given: list[tuple[str, bytes]] = []
    keys: dict[bytes, str] = {}
    while words:
        word = words.pop(0)
        if word == "--checkpoint":
            name = words.pop(0)
            size, _, root = name.partition(":")
            in_words = size.isdigit() and len(root) == 64
            text = f"\n{size}\n{base64.b64encode(bytes.fromhex(root)).decode()}\n".encode() if in_words else b""
            given.append((name, text or Path(name).read_bytes()))
        elif word == "--signers":
            lines = [line.split(" ssh-ed25519 ") for line in Path(words.pop(0)).read_text().splitlines()]
            keys |= {base64.b64decode(line[1].split()[0]): line[0].split()[0] for line in lines if len(line) == 2}
        else:
            folder = Path(word)
    return folder, given, keys


def main(words: list[str]) -> int:
    problems: list[str] = []
    confirmed: list[str] = []
    try:
        folder, given, keys = outside(words)
        log = (folder / "log.jsonl").read_bytes().split(b"\n")[:-1]
        entries, roots = log_roots(log, problems)
        origin = "rsi-sandbox/" + hashlib.sha256(b"\0" + log[0]).hexdigest()[:32]
        for name, text in given:
            agrees = fits(text, roots, origin)
            (confirmed if agrees else problems).append(f"checkpoint {name}" + ("" if agrees else " is not continued"))
        confirmed += check_signatures(folder, keys, roots, origin, problems)
        generations = check_generations(entries, folder, problems)
        evidence, pruned = check_evidence(entries, folder, problems)
        print(f"{len(entries)} entries, {generations} generations, {evidence} pieces of evidence ({pruned} pruned)")
        print(f"{origin}\nroot {roots[-1]}")
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, struct.error) as error:
        problems.append(f"the bundle can't be read: {error!r}")
    for said in problems:
        print(f"PROBLEM {said}")
    for said in confirmed:
        print(f"confirmed by {said}")
    if not problems and not confirmed:
        print("sound in itself; give --checkpoint or --signers from outside to see whether it was rewritten as a whole")
    return 1 if problems else 0 if confirmed else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
