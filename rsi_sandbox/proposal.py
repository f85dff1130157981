"""A change that somebody made, as two trees: a patch, a git range, or what differs in the working tree.

The change is data. A patch is applied by `git apply` to copies of the files it names, in an empty directory with no
repository and no configuration of anybody's; nothing of the target is written and nothing of the change is run.
"""

import os
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from rsi_sandbox import checkout
from rsi_sandbox.errors import UsageError
from rsi_sandbox.lineage.paths import check_paths
from rsi_sandbox.model import Json, Tree
from rsi_sandbox.target import Target, of_tree, read

LARGEST_PATCH = 16 << 20
APPLY_SECONDS = 60.0


@dataclass(frozen=True)
class Proposal:
    """A target and what it would become."""

    name: str
    """For people: `fix.patch`, `main..HEAD`, `the working tree`."""
    target: Target
    """As it is without the change; its tests and settings are the ones that judge."""
    tree: Tree
    """With the change."""

    @property
    def changed(self) -> tuple[str, ...]:
        """Paths that differ, sorted."""
        return tuple(self.tree.differing(self.target.tree))

    def to_json(self) -> Json:
        """For the record: names and digests, no contents."""
        return {
            "name": self.name,
            "parent": self.target.tree.digest,
            "tree": self.tree.digest,
            "paths": list(self.changed),
        }

    def source_only(self) -> "Proposal":
        """The same without what may not change, such as tests: the target's own stand in for it."""
        kept = [path for path in self.changed if self.target.may_hold(path)]
        return replace(self, tree=self.target.tree.taking(self.tree, kept))


def find(root: Path, change: str | None, stdin: bytes = b"") -> Proposal:
    """What `change` names: None the working tree against HEAD, `-` the patch in `stdin`, a file a patch, else a range.

    Raises:
        UsageError: there is no such thing, it does not apply, or it changes nothing.
        TargetError, ConfigError, BaselineError: the target itself can't be judged against.
    """
    root = root.resolve()
    if change is None:
        found = Proposal("the working tree", _at(root, "HEAD"), checkout.working_tree(root)[0])
    elif change == "-":
        found = from_patch(read(root), stdin, "the patch on stdin")
    elif Path(change).is_file():
        found = from_patch(read(root), _read(Path(change)), change)
    else:
        found = from_range(root, change)
    if not found.changed:
        raise UsageError(f"{found.name} changes nothing", hint="there is nothing to judge")
    return found


def from_range(root: Path, text: str) -> Proposal:
    """`A..B`; `A...B` from where they parted; one commit against its first parent.

    Raises:
        UsageError: it names no commits of the repository around `root`.
    """
    first, dots, last = text.partition("...") if "..." in text else text.partition("..")
    if not dots:
        first, last = f"{text}^", text
    before, after = checkout.commit_of(root, first or "HEAD"), checkout.commit_of(root, last or "HEAD")
    if dots == "...":
        before = checkout.merge_base(root, before, after)
    return Proposal(text, _at(root, before), checkout.revision(root, after))


def from_patch(target: Target, patch: bytes, name: str) -> Proposal:
    """The target with a unified diff applied, exactly where the diff says.

    Raises:
        UsageError: it is no diff, it does not apply, or it leaves the target.
    """
    if len(patch) > LARGEST_PATCH:
        raise UsageError(f"{name} is larger than {LARGEST_PATCH >> 20} MiB", hint="judge it in parts")
    with tempfile.TemporaryDirectory(prefix="rsi-sandbox-patch-") as place:
        root = Path(place, "tree")
        root.mkdir()
        named = _named(root, patch, name)
        for path in named:
            if path in target.tree.files:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(target.tree.files[path])
                (root / path).chmod(0o755 if path in target.tree.executable else 0o644)
        _git_apply(root, patch, name, "--whitespace=nowarn")
        tree = _after(target.tree, root, named, name)
    return Proposal(name, target, tree)


def _at(root: Path, revision: str) -> Target:
    return of_tree(root, checkout.revision(root, revision))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_PATCH + 1)
    except OSError as error:
        raise UsageError(
            f"{path} can't be read: {error.strerror}", hint="give the path of a patch, or - for stdin"
        ) from error


def _named(root: Path, patch: bytes, name: str) -> list[str]:
    """Paths on either side of the diff."""
    listed = _git_apply(root, patch, name, "--numstat", "-z")
    fields = listed.split(b"\0")
    paths: list[str] = []
    index = 0
    while index < len(fields) and fields[index]:
        path = fields[index].split(b"\t", 2)[2]
        if path:
            paths.append(os.fsdecode(path))
            index += 1
        else:  # a rename: an empty field, then the old and the new name
            paths += [os.fsdecode(fields[index + 1]), os.fsdecode(fields[index + 2])]
            index += 3
    for line in patch.splitlines():
        if line.startswith((b"rename from ", b"copy from ")):
            paths.append(os.fsdecode(line.split(b" ", 2)[2]))
    check_paths(paths)
    return list(dict.fromkeys(paths))


def _git_apply(root: Path, patch: bytes, name: str, *options: str) -> bytes:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CEILING_DIRECTORIES": str(root.parent),
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(
            ["git", "apply", *options, "-"],
            cwd=root,
            env=environment,
            input=patch,
            capture_output=True,
            check=False,
            timeout=APPLY_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"git could not be run: {error}", hint="install git") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        why = said[0].removeprefix("error: ") if said else "it is not a unified diff"
        raise UsageError(
            f"{name} does not apply: {why}",
            hint="make it with `git diff --relative` in the target, against the files as they are now",
        )
    return done.stdout


def _after(before: Tree, root: Path, named: list[str], name: str) -> Tree:
    files: dict[str, bytes] = {}
    executable: set[str] = set()
    for path in named:
        place = root / path
        if place.is_symlink():
            raise UsageError(f"{name} makes {path} a symbolic link", hint="only regular files can be judged")
        if place.is_file():
            files[path] = place.read_bytes()
            if place.stat().st_mode & 0o100:
                executable.add(path)
    return before.taking(Tree(files, frozenset(executable)), named)
