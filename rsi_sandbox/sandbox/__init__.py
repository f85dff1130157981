"""Places where candidate code runs, and the ladder by which one is chosen."""

from rsi_sandbox.errors import NoSandboxError, UsageError
from rsi_sandbox.sandbox.contract import Backend, Probe

LADDER = ("docker", "namespaces")
UNSAFE = "unsafe-no-sandbox"


def backend(name: str) -> Backend:
    """The backend of that name, not yet probed.

    Raises:
        UsageError: there is none.
    """
    if name == "docker":
        from rsi_sandbox.sandbox.docker import DockerBackend

        return DockerBackend()
    if name == "namespaces":
        from rsi_sandbox.sandbox.namespaces import NamespacesBackend

        return NamespacesBackend()
    if name == UNSAFE:
        from rsi_sandbox.sandbox.unconfined import UnconfinedBackend

        return UnconfinedBackend()
    raise UsageError(f"there is no sandbox called {name!r}", hint=f"use auto, {', '.join(LADDER)}")


def choose(name: str) -> tuple[Backend, Probe]:
    """The backend to use: the named one or, for `auto`, the first of the ladder that works when tried.

    A named backend never falls back to another.

    Raises:
        NoSandboxError: it, or none, works here; says why and what the ways out are.
    """
    reasons = []
    for candidate in LADDER if name == "auto" else (name,):
        found = backend(candidate)
        probe = found.probe()
        if probe.available:
            return found, probe
        reasons.append(f"{candidate}: {probe.reason}" + (f" ({probe.hint})" if probe.hint else ""))
    raise NoSandboxError(
        "no sandbox works here, so no candidate code was run\n  " + "\n  ".join(reasons),
        hint="start a Docker engine, or allow unprivileged user namespaces, or, on a machine that you would throw "
        "away afterwards, type --unsafe-no-sandbox",
    )
