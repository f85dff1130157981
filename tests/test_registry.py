"""Targets by name."""

from pathlib import Path

import pytest

from rsi_sandbox import registry
from rsi_sandbox.errors import ConfigError, UsageError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_name_stands_for_a_path_until_it_is_removed(home: Path) -> None:
    (home / 'odd "name"').mkdir()
    registry.add(home / 'odd "name"', "shop")
    assert registry.locate(Path("shop")) == home / 'odd "name"'
    registry.remove("shop")
    assert registry.locate(Path("shop")) == Path("shop")


def test_a_path_that_exists_is_itself(home: Path) -> None:
    registry.add(home, "shop")
    (home / "shop").mkdir()
    assert registry.locate(Path("shop")) == Path("shop")
    assert registry.locate(Path("a/shop")) == Path("a/shop")


def test_the_bundled_targets_have_names(home: Path) -> None:
    assert {"wordstat", "routes", "eventlog"} <= {one.name for one in registry.known()}
    assert registry.locate(Path("wordstat")).is_dir()


@pytest.mark.parametrize("name", ["", "../x", "-x", "a b", "a/b"])
def test_what_can_not_be_a_name_is_refused(home: Path, name: str) -> None:
    with pytest.raises(UsageError):
        registry.add(home, name)


def test_a_name_nobody_added_is_not_removed() -> None:
    with pytest.raises(UsageError, match="was added"):
        registry.remove("wordstat")


def test_a_damaged_registry_is_named_and_kept(home: Path) -> None:
    registry.file().parent.mkdir(parents=True)
    registry.file().write_text("[targets\n")
    with pytest.raises(ConfigError, match=r"targets\.toml"):
        registry.known()
    with pytest.raises(ConfigError):
        registry.add(home, "shop")
    assert registry.file().read_text() == "[targets\n"
