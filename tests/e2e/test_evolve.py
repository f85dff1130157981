"""The main job from end to end: a slow function gets faster, and nothing else changes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import SLOW, files, run


def test_a_slow_function_gets_faster_and_only_apply_changes_the_tree(words: Path, backend: str) -> None:
    before = files(words)
    done = run("evolve", words, "--sandbox", backend, "--budget", "60s", "--generations", 1)
    assert done.returncode == 0, done.stderr
    assert "1 generation(s) accepted" in done.stdout, done.stdout + done.stderr
    assert files(words) == before
    diff = run("diff", 1, words)
    assert "-        if word in second:  # the slow part" in diff.stdout
    assert "# the slow part" in diff.stdout.split("\n+")[-1] or diff.stdout.count("# the slow part") == 2
    assert "accepted" in run("log", words).stdout
    assert "C06-same-answers" in run("show", 1, words).stdout
    assert run("verify", words).returncode == 0
    assert run("apply", words).returncode == 0
    changed = files(words)
    assert {name for name in before if changed[name] != before[name]} == {"words.py"}
    suite = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    environment = {**os.environ, "PYTHONPATH": str(words), "PYTHONDONTWRITEBYTECODE": "1"}
    assert subprocess.run(suite, cwd=words, env=environment, capture_output=True, check=False).returncode == 0
    assert run("rollback", words).returncode == 0
    assert files(words) == before


def test_the_stream_is_one_json_object_per_line(words: Path, backend: str) -> None:
    done = run("evolve", words, "--sandbox", backend, "--smoke", "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[0]["event"] == "run-opened"
    assert events[-1]["event"] == "stopped"
    assert events[-1]["reason"]


def test_a_target_without_anything_to_gain_is_left_alone(tmp_path: Path, backend: str) -> None:
    root = tmp_path / "plain"
    (root / "tests").mkdir(parents=True)
    (root / "plain.py").write_text("def double(x):\n    return x + x\n")
    (root / "tests" / "test_plain.py").write_text(
        "from plain import double\n\ndef test():\n    assert [double(n) for n in range(2000)][-1] == 3998\n"
    )
    done = run("evolve", root, "--sandbox", backend, "--budget", "30s")
    assert done.returncode == 0, done.stderr
    assert "nothing accepted, nothing changed" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_a_sound_record_and_no_container(words: Path, backend: str, number: int) -> None:
    command = [sys.executable, "-m", "rsi_sandbox", "evolve", str(words), "--sandbox", backend]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "profiling" in line:
                break
        process.send_signal(number)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130, out
    assert "interrupted" in out
    assert run("verify", words).returncode == 0
    if backend == "docker":
        label = f"label=rsi-sandbox.owner={process.pid}"
        listed = subprocess.run(["docker", "ps", "-q", "--filter", label], capture_output=True, text=True, check=False)
        deadline = time.monotonic() + 10
        while listed.stdout and time.monotonic() < deadline:
            listed = subprocess.run(
                ["docker", "ps", "-q", "--filter", label], capture_output=True, text=True, check=False
            )
        assert listed.stdout == ""


def test_an_unreachable_engine_is_never_replaced_when_docker_was_asked_for(words: Path) -> None:
    environment = {**os.environ, "DOCKER_HOST": "tcp://127.0.0.1:9"}
    command = [sys.executable, "-m", "rsi_sandbox", "evolve", str(words), "--sandbox", "docker"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)
    assert done.returncode == 3
    assert "no sandbox works here" in done.stderr
    assert not (words / ".rsi-sandbox").exists()


@pytest.mark.parametrize(
    ("name", "text", "code", "said"),
    [
        ("tests/test_words.py", "def test():\n    assert False\n", 3, "test_words.py::test"),
        ("tests/test_words.py", "import words, random\n\ndef test():\n    assert random.random() < 0.5\n", 3, "test"),
        ("tests/test_words.py", "X = 1\n", 3, "no tests"),
        ("words.py", "def broken(:\n", 3, "words.py, line 1"),
        ("words.py", "import a_package_nobody_has\n" + SLOW, 3, "a_package_nobody_has"),
        ("pyproject.toml", '[tool.rsi-sandbox]\nsorce = ["x"]\n', 2, "did you mean 'source'"),
        ("pyproject.toml", '[tool.rsi-sandbox]\npolicy = "defalt"\n', 2, "defalt"),
    ],
    ids=["failing", "random", "empty", "syntax", "missing", "setting", "policy"],
)
def test_bad_input_is_one_message_with_the_next_step(
    words: Path, backend: str, name: str, text: str, code: int, said: str, request: pytest.FixtureRequest
) -> None:
    if "random" in request.node.name:
        text = text.replace("random.random() < 0.5", "__import__('os').urandom(1)[0] < 0")
    (words / name).write_text(text)
    before = files(words)
    done = run("evolve", words, "--sandbox", backend)
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stderr
    assert "next:" in done.stderr
    assert "Traceback" not in done.stderr
    assert files(words) == before


def test_commands_before_any_run_say_what_to_do(words: Path) -> None:
    for command in (["log"], ["show", 1], ["diff", 1], ["apply"], ["rollback"], ["verify"]):
        done = run(*command, words)
        assert done.returncode == 2
        assert "evolve" in done.stderr


def test_an_unwritable_state_directory_is_named(words: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("evolve", words, "--state", tmp_path / "file" / "state")
    assert done.returncode in (2, 4)
    assert "next:" in done.stderr
    assert "Traceback" not in done.stderr
