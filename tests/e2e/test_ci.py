"""What runs in other people's CI: valid for the services it is for, and its shell steps executed here."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.e2e.conftest import commit, git

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path)


@pytest.mark.parametrize(
    ("schema", "options", "path"),
    [
        ("vendor.github-actions", [], ROOT / "action.yml"),
        *(("vendor.github-workflows", [], path) for path in sorted(EXAMPLES.glob("github-*.yml"))),
        ("vendor.gitlab-ci", ["--data-transform", "gitlab-ci"], EXAMPLES / "gitlab-ci.yml"),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_the_services_schemas_accept_our_files(schema: str, options: list[str], path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *options, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hooks_are_a_valid_manifest_and_name_commands_that_exist() -> None:
    path = ROOT / ".pre-commit-hooks.yaml"
    done = subprocess.run([sys.executable, "-m", "pre_commit", "validate-manifest", str(path)], check=False)
    assert done.returncode == 0
    for hook in read(path):
        words = hook["entry"].split()
        helped = subprocess.run(
            [sys.executable, "-m", "rsi_sandbox", *words[1:], "--help"], check=False, capture_output=True
        )
        assert helped.returncode == 0, hook["id"]


def action(target: Path, **inputs: str) -> tuple[int, str, str, str]:
    """The action's own shell step, as a runner would execute it: exit code, stdout, outputs, step summary."""
    (step,) = [one for one in read(ROOT / "action.yml")["runs"]["steps"] if one.get("id") == "run"]
    given = {
        "RSI_COMMAND": "judge",
        "RSI_TARGET": ".",
        "RSI_CHANGE": "",
        "RSI_POLICY": "",
        "RSI_BUDGET": "",
        "RSI_ARGS": "",
    }
    assert set(step["env"]) == set(given), "every input reaches the script through its environment"
    assert "${{" not in step["run"], "no input is pasted into the script"
    outputs, summary = target.parent / "outputs", target.parent / "summary.md"
    environment = {
        **os.environ,
        **given,
        **inputs,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_OUTPUT": str(outputs),
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]], cwd=target, env=environment, capture_output=True, text=True, check=False
    )
    texts = [path.read_text() if path.exists() else "" for path in (outputs, summary)]
    return done.returncode, done.stdout + done.stderr, *texts


def test_the_action_refuses_a_pull_request_that_breaks_a_test(words: Path) -> None:
    commit(words)
    source = (words / "words.py").read_text()
    (words / "words.py").write_text(source.replace("found.append(word)", "found.insert(0, word)"))
    git(words, "commit", "-qam", "second")
    code, said, outputs, summary = action(words, RSI_CHANGE="HEAD~1...HEAD", RSI_ARGS="--budget 60s --quiet")
    assert code == 1, said
    assert "::error file=words.py" in said
    assert outputs == "exit-code=1\n"
    assert "rejected" in summary


def test_the_action_looks_for_faster_code(words: Path) -> None:
    commit(words)
    code, said, outputs, summary = action(words, RSI_COMMAND="evolve", RSI_ARGS="--quiet")
    assert code == 0, said
    assert "::notice file=words.py" in said
    assert outputs == "exit-code=0\n"
    assert "accepted" in summary
