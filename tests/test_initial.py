"""A first configuration: it explains itself, keeps what is there, and means what was detected."""

import tomllib
from pathlib import Path

import pytest

from rsi_sandbox import initial, target
from rsi_sandbox.errors import ConfigError
from tests.test_target import repository

FILES = {"src/pkg/__init__.py": "", "src/pkg/core.py": "x = 1\n", "tests/test_core.py": "def test(): pass\n"}


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        '[project]\nname = "a"  # kept\n',
        '[project]\r\nname = "a"\r\n',
        "x = 1",
        "[tool.other]\na = 1\n\n\n\n",
    ],
)
def test_what_is_written_is_what_was_detected_and_nothing_is_lost(tmp_path: Path, text: str | None) -> None:
    root = repository(tmp_path, FILES)
    if text is not None:
        (root / "pyproject.toml").write_bytes(text.encode())
    detected = target.read(root).settings
    found = initial.plan(target.read(root))
    assert not found.exists
    initial.write(found)
    after = (root / "pyproject.toml").read_bytes()
    assert after.startswith((text or "").encode().rstrip(b"\r\n"))
    assert b"\r\n" not in after.replace(b"\r\n", b"") and (b"\r\n" in after) == ("\r\n" in (text or ""))
    settings = target.read(root).settings
    for name in ("source", "tests", "benchmarks", "roots", "policy"):
        assert getattr(settings, name) == getattr(detected, name)
    assert settings.origin["source"] == "pyproject.toml"
    assert initial.plan(target.read(root)).exists


def test_a_table_that_is_there_is_left_alone(tmp_path: Path) -> None:
    root = repository(tmp_path, {**FILES, "pyproject.toml": '[tool.rsi-sandbox]\nsource = ["src/pkg"]\n'})
    assert initial.plan(target.read(root)).exists


def test_a_file_that_can_not_be_extended_by_appending_is_not_touched(tmp_path: Path) -> None:
    text = b"[tool]\nrsi-sandbox.other = {}\n"
    with pytest.raises(ConfigError):
        initial.write(initial.Initial(tmp_path / "pyproject.toml", '[tool.rsi-sandbox]\nsource = ["a"]\n', text, False))
    assert not (tmp_path / "pyproject.toml").exists()


def test_the_file_is_toml_in_itself(tmp_path: Path) -> None:
    found = initial.plan(target.read(repository(tmp_path, FILES)))
    assert tomllib.loads(found.text)["tool"]["rsi-sandbox"]["roots"] == ["src", "."]
