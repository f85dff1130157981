"""What goes inside a wall: found completely, without the target's own distribution, and missed aloud."""

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from rsi_sandbox.errors import BaselineError
from rsi_sandbox.sandbox import archive, environment, imports, interpreter
from rsi_sandbox.sandbox.environment import describe, members, unpacked, write_tar

linux = pytest.mark.skipif(sys.platform != "linux", reason="packing an interpreter needs Linux")


def install(site: Path, name: str, requires: tuple[str, ...] = (), source: str = "") -> None:
    """A distribution as pip leaves it, with one module of the same name."""
    module = name.replace("-", "_")
    (site / f"{module}.py").write_text(source)
    info = site / f"{module}-1.0.dist-info"
    info.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {r}" for r in requires)]
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    (info / "RECORD").write_text(f"{module}.py,,\n{info.name}/METADATA,,\n../../../bin/{name},,\n")


@pytest.fixture
def site(tmp_path, monkeypatch):
    """An interpreter that is ours plus an empty site directory in front, both for questions and imports."""
    directory = tmp_path / "site-packages"
    directory.mkdir()
    asked = interpreter.ask

    def ask(python, names=()):
        facts = dict(asked(python, names).facts)
        facts["path"] = [str(directory), *facts["path"]]
        return interpreter.Interpreter(facts)

    monkeypatch.setattr(interpreter, "ask", ask)
    return directory


def names(found: environment.Environment) -> list[str]:
    return [name for name, _ in found.distributions]


def test_a_target_without_dependencies_gets_pytest_and_what_it_needs(tmp_path):
    found = describe({"a.py": b"import json"}, tmp_path)
    assert {"pytest", "pluggy", "iniconfig", "packaging"} <= set(names(found))
    assert "docker" not in names(found)
    assert found.inside_path == ["/rsi/site"]


def test_imports_and_their_requirements_are_followed(site, tmp_path):
    install(site, "first", ("second>=1", "never; sys_platform == 'plan9'", "extra-only; extra == 'more'"))
    install(site, "second")
    install(site, "never")
    install(site, "extra-only")
    found = describe({"a.py": b"import first"}, tmp_path)
    assert {"first", "second"} <= set(names(found))
    assert not {"never", "extra-only"} & set(names(found))
    found = describe({"pyproject.toml": b"[project]\nname='t'\ndependencies=['first[more]']"}, tmp_path)
    assert "extra-only" in names(found)


def test_test_extras_and_groups_are_taken_as_far_as_installed(site, tmp_path):
    for name in ("in-extra", "in-group", "deeper", "unrelated"):
        install(site, name)
    project = b"""
[project]
name = "target"
[project.optional-dependencies]
test = ["in-extra", "not-installed-at-all"]
dev = ["target[test]"]
docs = ["unrelated"]
[dependency-groups]
tests = ["in-group", {include-group = "more"}]
more = ["deeper"]
"""
    found = names(describe({"pyproject.toml": project}, tmp_path))
    assert {"in-extra", "in-group", "deeper"} <= set(found)
    assert "unrelated" not in found


def test_the_targets_own_distribution_stays_out_even_when_a_dependency_needs_it(site, tmp_path):
    install(site, "target-lib", source="answer = 'installed'")
    install(site, "plugin", ("target-lib",))
    files = {
        "pyproject.toml": b"[project]\nname='Target.Lib'\ndependencies=['plugin']",
        "target_lib.py": b"",
        "test_it.py": b"import target_lib, plugin",
    }
    found = describe(files, tmp_path)
    assert "plugin" in names(found)
    assert "target-lib" not in names(found)
    assert not [inside for inside, _ in found.files if inside.startswith("target_lib")]


def test_a_target_that_the_worker_itself_runs_on_is_refused(tmp_path):
    files = {"pyproject.toml": b"[project]\nname='pluggy'", "src/pluggy/__init__.py": b""}
    with pytest.raises(BaselineError, match="pluggy is part of what runs the tests"):
        describe(files, tmp_path)


def test_a_missing_declared_dependency_is_named(tmp_path):
    files = {"pyproject.toml": b"[project]\nname='t'\ndependencies=['surely-not-there>=2']"}
    with pytest.raises(BaselineError, match="surely-not-there") as caught:
        describe(files, tmp_path)
    assert caught.value.hint.startswith("pip install surely-not-there")


def test_a_missing_import_of_the_package_is_named(tmp_path):
    files = {"pkg/__init__.py": b"from . import core", "pkg/core.py": b"import surely_not_there"}
    with pytest.raises(BaselineError, match=r"pkg/core\.py imports surely_not_there"):
        describe(files, tmp_path)


@pytest.mark.parametrize(
    "files",
    [
        {"pkg/__init__.py": b"try:\n    import nope\nexcept ImportError:\n    nope = None"},
        {"pkg/__init__.py": b"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import nope"},
        {"pkg/__init__.py": b"def f():\n    import nope"},
        {"pkg/__init__.py": b"", "pkg/contrib.py": b"import nope"},
        {"pkg/__init__.py": b"import msvcrt"},
        {"pkg/__init__.py": b"", "tests/test_a.py": b"import nope"},
        {"pkg/__init__.py": b"from pkg import nope"},
        {"mod.py": b"import other", "other.py": b"", "conftest.py": b"import nope", "setup.py": b"import nope"},
        {"pkg/__init__.py": b"import (", "mod.py": b"\x00"},
    ],
)
def test_an_import_that_may_fail_is_not_needed(files, tmp_path):
    describe(files, tmp_path)


def test_needed_imports_are_reached_through_packages_and_relative_imports():
    scanned = imports.scan(
        {
            "src/pkg/__init__.py": b"import pkg.sub.deep",
            "src/pkg/sub/__init__.py": b"import first",
            "src/pkg/sub/deep.py": b"from .. import side\nfrom .near import x",
            "src/pkg/sub/near.py": b"import second",
            "src/pkg/side.py": b"import third.part",
        }
    )
    assert set(scanned.needed) == {"first", "second", "third"}


def test_an_interpreter_that_does_not_answer_is_said_so(tmp_path):
    with pytest.raises(BaselineError, match="does not answer"):
        describe({}, tmp_path, python=Path("/bin/false"))


def test_the_targets_own_virtual_environment_is_found(tmp_path):
    assert environment.choose_python(tmp_path, None) == sys.executable
    own = tmp_path / ".venv" / "bin" / "python"
    own.parent.mkdir(parents=True)
    own.symlink_to(sys.executable)
    assert environment.choose_python(tmp_path, None) == str(own)
    assert environment.choose_python(tmp_path, Path("/opt/python")) == "/opt/python"


def test_the_digest_names_the_lock_and_the_key_also_the_files(site, tmp_path):
    install(site, "first")
    tree = {"a.py": b"import first"}
    before = describe(tree, tmp_path)
    assert describe(tree, tmp_path) == before
    (site / "first.py").write_text("patched = True")
    patched = describe(tree, tmp_path)
    assert patched.digest == before.digest
    assert patched.key != before.key
    assert describe({"a.py": b""}, tmp_path).digest != before.digest


def test_files_outside_the_site_directory_stay_outside(site):
    install(site, "first")
    (site.parent.parent / "bin").mkdir(exist_ok=True)
    found = interpreter.Interpreter({"path": [str(site)]}).installed["first"]
    assert {inside for inside, _ in interpreter.files_of(found, "x")} == {"first.py", "first-1.0.dist-info/METADATA"}


def test_compiled_files_come_along_without_being_recorded(site):
    install(site, "first")
    (site / "__pycache__").mkdir()
    (site / "__pycache__" / "first.tag.pyc").write_bytes(b"")
    (site / "__pycache__" / "first.other.pyc").write_bytes(b"")
    found = interpreter.Interpreter({"path": [str(site)]}).installed["first"]
    inside = [inside for inside, _ in interpreter.files_of(found, "tag")]
    assert "__pycache__/first.tag.pyc" in inside
    assert "__pycache__/first.other.pyc" not in inside


@linux
def test_members_hold_the_interpreter_and_leave_the_host_out(tmp_path):
    found = describe({}, tmp_path)
    inside = members(found)
    assert found.inside_python.lstrip("/") in inside
    assert "rsi/site/pytest/__init__.py" in inside
    assert any(path.endswith("/json/decoder.py") for path in inside)
    assert any("libc.so" in path or "ld-musl" in path for path in inside)
    for unwanted in ("/idlelib/", "/tkinter/", "/ensurepip/", "/site-packages/", "/json/tests/"):
        assert not [path for path in inside if unwanted in path]
    assert isinstance(inside["etc/passwd"], bytes)
    assert not [path for path in inside if path.startswith(("etc/shadow", "bin/sh", "/"))]


@linux
def test_the_tar_keeps_times_and_belongs_to_root(tmp_path):
    found = describe({}, tmp_path)
    stream = io.BytesIO()
    assert write_tar(found, stream) == len(stream.getvalue())
    stream.seek(0)
    with tarfile.open(fileobj=stream) as tar:
        entries = {entry.name: entry for entry in tar.getmembers()}
    source = dict(found.files)["pytest/__init__.py"]
    assert entries["rsi/site/pytest/__init__.py"].mtime == int(Path(source).stat().st_mtime)
    assert all((entry.uid == entry.gid == 0 and entry.mode & 0o022 == 0) or entry.issym() for entry in entries.values())
    assert {"tmp", "proc", "dev", "work"} <= entries.keys()


@linux
def test_an_unpacked_environment_is_complete_readable_and_made_once(tmp_path):
    found = describe({}, tmp_path)
    root = unpacked(found, tmp_path / "cache")
    python = root / found.inside_python.lstrip("/")
    assert python.stat().st_mode & 0o777 == 0o755
    assert (root / "rsi/site/pytest/__init__.py").stat().st_mode & 0o444 == 0o444
    (root / "mark").touch()
    assert unpacked(found, tmp_path / "cache") == root
    assert (root / "mark").exists()
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [root.name]


@linux
@pytest.mark.skipif(os.geteuid() != 0, reason="chroot needs root")
def test_an_unpacked_environment_runs_pytest_with_nothing_else(tmp_path):
    found = describe({}, tmp_path)
    root = unpacked(found, tmp_path / "cache")
    code = (
        f"import sys; sys.path += {found.inside_path!r}; import pytest, ssl, sqlite3, ctypes; print(pytest.__cached__)"
    )
    done = subprocess.run(
        [found.inside_python, "-I", "-B", "-c", code],
        preexec_fn=lambda: os.chroot(root),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("/rsi/site/pytest/")


@linux
def test_half_an_environment_never_shows(tmp_path, monkeypatch):
    found = describe({}, tmp_path)

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(archive.shutil, "copyfile", fail)
    with pytest.raises(Exception, match="disk full"):
        unpacked(found, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


@linux
def test_only_the_environments_used_last_are_kept(tmp_path):
    for number in range(6):
        (tmp_path / f"root-{number}").mkdir()
        os.utime(tmp_path / f"root-{number}", (number, number))
    archive._prune(tmp_path, tmp_path / "root-0")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["root-0", "root-3", "root-4", "root-5"]
