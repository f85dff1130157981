"""Settings: what is given, what is detected, and what is refused with a suggestion."""

from pathlib import Path

import pytest

from rsi_sandbox.config import resolve
from rsi_sandbox.errors import ConfigError, Exit


def files(text: str) -> dict[str, bytes]:
    return {"pyproject.toml": text.encode()}


def test_without_a_table_everything_is_detected_or_default(tmp_path: Path) -> None:
    settings = resolve(tmp_path, {}, {"source": ["pkg"]})
    assert settings.source == ("pkg",)
    assert settings.origin["source"] == "detected"
    assert settings.origin["policy"] == "default"


def test_the_table_wins_over_detection(tmp_path: Path) -> None:
    settings = resolve(tmp_path, files('[tool.rsi-sandbox]\nsource = ["mine"]\n'), {"source": ["pkg"]})
    assert settings.source == ("mine",)
    assert settings.origin["source"] == "pyproject.toml"


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ('[tool.rsi-sandbox]\nsorce = ["x"]\n', "no setting 'sorce'", "did you mean 'source'"),
        ('[tool.rsi-sandbox]\nsource = "x"\n', "source", "mend"),
        ("[tool.rsi-sandbox\n", "can't be read", "mend"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, text: str, said: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        resolve(tmp_path, files(text), {})
    assert hint in caught.value.hint
    assert caught.value.exit_code is Exit.USAGE
