"""The container image of an environment: found by its key, else made, and old ones removed.

On Linux the host's interpreter is packed and imported, without a registry or a builder. Elsewhere, for another
architecture or for a base image that was named, the Dockerfile is built. Only images with our label are ever removed.
"""

import contextlib
import io
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rsi_sandbox.errors import SandboxError
from rsi_sandbox.model import canonical_json, digest_of
from rsi_sandbox.sandbox.archive import write_tar
from rsi_sandbox.sandbox.environment import Environment

REPOSITORY = "rsi-sandbox"
LABEL = "rsi-sandbox"
KEY_LABEL = "rsi-sandbox.key"
KEPT = 3
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64", "armv7l": "arm", "i686": "386"}


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is there, and the interpreter in it."""

    reference: str
    id: str
    """The engine's digest of the image."""
    python: str


def ensure(client: Any, environment: Environment, base: str = "") -> Image:
    """The image of the environment, made if the engine does not have it.

    `client` is a `docker.DockerClient`. With `base`, or where packing is impossible, the Dockerfile is built on it.

    Raises:
        SandboxError: it could not be made.
    """
    packed = not base and packs(client, environment)
    base = base or f"python:{'.'.join(environment.version.split('.')[:2])}-slim"
    key = environment.key if packed else digest_of(canonical_json([environment.digest, base]))
    reference = f"{REPOSITORY}:{key[:20]}"
    python = environment.inside_python if packed else "python3"
    found = _present(client, reference, key)
    if not found:
        if packed:
            _import(client, environment, reference, key)
        else:
            _build(client, environment, base, reference, key)
        found = _present(client, reference, key)
        if not found:
            raise SandboxError(f"the engine made {reference} and does not show it", hint="try again")
        prune(client, keep=found)
    return Image(reference, found, python)


def packs(client: Any, environment: Environment) -> bool:
    """Whether the host's interpreter would run on the engine: Linux on the same architecture."""
    if sys.platform != "linux":
        return False
    version = client.version()
    machine = environment.platform.split()[1]
    return (version.get("Os"), version.get("Arch")) == ("linux", ARCHITECTURES.get(machine, machine))


def prune(client: Any, *, keep: str = "", kept: int = KEPT) -> list[str]:
    """Removes our oldest images beyond `kept`, never `keep` and never one in use; returns the ids removed."""
    from docker.errors import APIError

    images = client.api.images(filters={"label": [f"{LABEL}=1"]})
    images.sort(key=lambda image: (image["Id"] != keep, -image["Created"]))
    removed = []
    for image in images[kept:]:
        with contextlib.suppress(APIError):
            for tag in image.get("RepoTags") or [image["Id"]]:
                client.api.remove_image(tag if tag != "<none>:<none>" else image["Id"])
            removed.append(image["Id"])
    return removed


def _present(client: Any, reference: str, key: str) -> str:
    from docker.errors import ImageNotFound

    try:
        image = client.images.get(reference)
    except ImageNotFound:
        return ""
    return str(image.id) if image.labels.get(KEY_LABEL) == key else ""


def _import(client: Any, environment: Environment, reference: str, key: str) -> None:
    binaries = Path(environment.inside_python).parent
    changes = [
        f"ENV PATH={binaries}",
        "ENV LANG=C.UTF-8",
        "ENV HOME=/tmp",
        "WORKDIR /tmp",
        f"LABEL {LABEL}=1 {KEY_LABEL}={key}",
    ]
    repository, _, tag = reference.partition(":")
    with tempfile.NamedTemporaryFile(prefix="rsi-sandbox-", suffix=".tar") as file, _explained("import the image"):
        write_tar(environment, file)
        file.flush()
        client.api.import_image(file.name, repository=repository, tag=tag, changes=changes)


def _build(client: Any, environment: Environment, base: str, reference: str, key: str) -> None:
    lock = " ".join(f"{name}=={version}" for name, version in environment.distributions)
    hint = "check that the engine reaches a registry, or use --sandbox namespaces on Linux"
    with _explained(f"build an image from {base}", hint):
        said = client.api.build(
            fileobj=io.BytesIO(_dockerfile()),
            tag=reference,
            buildargs={"BASE": base, "LOCK": lock},
            labels={LABEL: "1", KEY_LABEL: key},
            rm=True,
            forcerm=True,
            decode=True,
        )
        # Read to the end, or the connection stays open.
        errors = [line["error"] for line in said if "error" in line]
    if errors:
        raise SandboxError(f"can't build an image from {base}: {errors[0].strip()[:300]}", hint=hint)


def _dockerfile() -> bytes:
    package = Path(__file__).parents[1]
    for path in (package.parent / "Dockerfile", package / "Dockerfile"):
        if path.is_file() and b"/rsi/site" in (data := path.read_bytes()):
            return data
    raise SandboxError(
        "the Dockerfile is not part of this installation", hint="pip install --force-reinstall rsi-sandbox"
    )


@contextlib.contextmanager
def _explained(what: str, hint: str = "look at the engine's log, and at its free disk space") -> Iterator[None]:
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        yield
    except (DockerException, RequestException, OSError) as error:
        raise SandboxError(f"can't {what}: {first_line(error)}", hint=hint) from error


def first_line(error: BaseException) -> str:
    """The part of an engine's error that a person wants to read."""
    text = str(getattr(error, "explanation", "") or getattr(error, "msg", "") or error).strip()
    return text.splitlines()[0][:300] if text else type(error).__name__
