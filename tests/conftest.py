"""Shared by all tests: nothing is written outside temporary directories."""

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="session")
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Checkpoints of lineages go to a directory of this session."""
    with pytest.MonkeyPatch.context() as patch:
        state: Path = tmp_path_factory.mktemp("state")
        patch.setenv("XDG_STATE_HOME", str(state))
        yield
