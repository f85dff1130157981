"""Shared by all tests: nothing is written outside temporary directories."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine makes examples slow, which says nothing about them; and CI must not fail by a draw nobody can repeat.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, database=None)
settings.load_profile("ci" if "CI_RUN" in os.environ else "here")


@pytest.fixture(autouse=True, scope="session")
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Checkpoints of lineages go to a directory of this session."""
    with pytest.MonkeyPatch.context() as patch:
        state: Path = tmp_path_factory.mktemp("state")
        patch.setenv("XDG_STATE_HOME", str(state))
        yield
