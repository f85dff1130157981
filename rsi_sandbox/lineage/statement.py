"""in-toto statements about a generation: how it was made (SLSA provenance) and what the gate said (test result).

Only what the log holds is stated, with the log's size and root as a byproduct so that a statement can be traced back.
It claims SLSA Build L1 and no more: provenance exists; nobody hardened the machine that wrote it.
"""

from pathlib import Path
from typing import Any

from rsi_sandbox import __version__
from rsi_sandbox.errors import UsageError
from rsi_sandbox.lineage.store import Lineage
from rsi_sandbox.lineage.trees import proposed
from rsi_sandbox.model import Decision, Generation, Json, canonical_json, digest_of

STATEMENT = "https://in-toto.io/Statement/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
BUILD_TYPE = "urn:rsi-sandbox:evolve:v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
_RESULTS = {Decision.ACCEPTED: "PASSED", Decision.HELD: "WARNED"}


def provenance(lineage: Lineage, number: int) -> Json:
    """How a generation's files came to be, as a Statement with a SLSA provenance predicate.

    Raises:
        UsageError: the generation is an original, which was not made here.
    """
    generation = _made(lineage, number)
    opened, closed = _run(lineage, number)
    parent = lineage.generation(generation.parent)
    candidate = generation.candidate
    origin = {"name": "parent", "uri": "urn:rsi-sandbox:tree", "digest": {"gitTree": lineage.git_tree(parent.number)}}
    environment = str(opened.get("environment", ""))
    external = {"target": opened.get("target", ""), "options": opened.get("options", {})}
    internal = {
        "optimizer": candidate.get("optimizer", ""),
        "rules": candidate.get("rules", []),
        "candidate": candidate.get("digest", ""),
        "generation": number,
        "parent": generation.parent,
        "decision": generation.decision.value,
    }
    resolved = [origin, {"name": "policy", "digest": {"sha256": _policy(generation)}}]
    if environment:
        resolved.append({"name": "sandbox environment", "digest": {"sha256": environment}})
    details = {
        "builder": {"id": f"urn:rsi-sandbox:builder:{_backend(opened)}", "version": {"rsi-sandbox": __version__}},
        "metadata": {
            "invocationId": f"run-{opened.get('run', 0)}",
            **({"startedOn": _time(opened["at"])} if opened.get("at") else {}),
            **({"finishedOn": _time(closed)} if closed else {}),
        },
        "byproducts": [*_evidence(generation), _log(lineage)],
    }
    definition = {
        "buildType": BUILD_TYPE,
        "externalParameters": external,
        "internalParameters": internal,
        "resolvedDependencies": resolved,
    }
    return _statement(lineage, number, PROVENANCE, {"buildDefinition": definition, "runDetails": details})


def verdict(lineage: Lineage, number: int) -> Json:
    """What the gate said of a generation, row by row, as a Statement with a test-result predicate.

    Raises:
        UsageError: the generation is an original, which nobody judged.
    """
    generation = _made(lineage, number)
    rows = generation.verdict.get("rows") or []
    failed = [row["row"] for row in rows if row["passed"] is not True]
    warned = failed if generation.decision is Decision.ACCEPTED else []
    predicate = {
        "result": _RESULTS.get(generation.decision, "FAILED"),
        "configuration": [{"name": "policy", "digest": {"sha256": _policy(generation)}}, _log(lineage)],
        "passedTests": [row["row"] for row in rows if row["passed"] is True],
        "warnedTests": warned,
        "failedTests": [] if warned else failed,
    }
    return _statement(lineage, number, TEST_RESULT, predicate)


def envelope(statement: Json, key: Path) -> Json:
    """The statement in a DSSE envelope, signed with an Ed25519 SSH key that has no passphrase.

    Raises:
        UsageError: the extra is not installed, or the key can't be used.
    """
    try:
        from cryptography.hazmat.primitives.serialization import load_ssh_private_key
        from securesystemslib.dsse import Envelope
        from securesystemslib.signer import CryptoSigner
    except ImportError as error:
        raise UsageError("signing statements needs an extra", hint="pip install 'rsi-sandbox[attest]'") from error
    try:
        private: Any = load_ssh_private_key(key.read_bytes(), None)
        signer = CryptoSigner(private)
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{key} can't sign: {error}", hint="give an Ed25519 key without a passphrase") from error
    made = Envelope(canonical_json(statement), PAYLOAD_TYPE, {})
    made.sign(signer)
    return made.to_dict()


def _statement(lineage: Lineage, number: int, kind: str, predicate: Json) -> Json:
    return {"_type": STATEMENT, "subject": _subjects(lineage, number), "predicateType": kind, "predicate": predicate}


def _subjects(lineage: Lineage, number: int) -> list[Json]:
    """The files a generation changed, as it proposed them."""
    generation = lineage.generation(number)
    tree = proposed(lineage, number)
    changed = tree.changed_from(lineage.tree(generation.parent))
    return [{"name": path, "digest": {"sha256": digest_of(data)}} for path, data in sorted(changed.items())] or [
        {"name": "tree", "digest": {"gitTree": lineage.git_tree(number)}}
    ]


def _made(lineage: Lineage, number: int) -> Generation:
    generation = lineage.generation(number)
    if not generation.candidate:
        raise UsageError(f"generation {number} is an original: it was not made here", hint="name a later one")
    return generation


def _run(lineage: Lineage, number: int) -> tuple[Json, str]:
    """The entry that opened the run of a generation, and when the generation was recorded."""
    opened: dict[int, Json] = {}
    for event in lineage.events():
        if event.kind == "run-opened":
            opened[event.body["run"]] = event.body
        elif event.kind == "generation" and event.body["generation"]["number"] == number:
            return opened.get(event.body["run"], {}), str(event.body["generation"]["at"])
    return {}, ""


def _policy(generation: Generation) -> str:
    return str(generation.verdict.get("policy") or "0" * 64)


def _backend(opened: Json) -> str:
    return str((opened.get("surroundings") or {}).get("sandbox", "unknown"))


def _time(at: str) -> str:
    """RFC 3339 with Z, as the schema's timestamps are written."""
    return at.replace("+00:00", "Z")


def _evidence(generation: Generation) -> list[Json]:
    return [
        {"name": f"{piece['oracle']}: {name}", "digest": {"sha256": digest}}
        for piece in generation.evidence
        for name, digest in sorted(piece["raw"].items())
    ]


def _log(lineage: Lineage) -> Json:
    size, root = lineage.root()
    return {"name": f"log of {size} entries", "digest": {"sha256": root}}
