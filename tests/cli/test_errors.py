"""What a person sees when something goes wrong: one message, the next step, the exit code, no traceback."""

import inspect
import sys
from pathlib import Path

import pytest

from rsi_sandbox import cli, errors
from rsi_sandbox.cli import history
from rsi_sandbox.errors import Exit, RsiError

CLASSES = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, RsiError) and found is not RsiError
]
EXPECTED = {
    "UsageError": Exit.USAGE,
    "ConfigError": Exit.USAGE,
    "TargetError": Exit.USAGE,
    "CannotTellError": Exit.UNKNOWN,
    "NoSandboxError": Exit.UNKNOWN,
    "SandboxError": Exit.UNKNOWN,
    "BaselineError": Exit.UNKNOWN,
    "MeasurementError": Exit.UNKNOWN,
    "StateError": Exit.BROKEN,
    "DamagedRecordError": Exit.BROKEN,
    "RunInterruptedError": Exit.INTERRUPTED,
}


def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, *options: str
) -> tuple[int, str]:
    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr(history, "log", failing)
    monkeypatch.setattr(sys, "argv", ["rsi-sandbox", "log", ".", *options])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    captured = capsys.readouterr()
    assert captured.out == "", "stdout is the result and nothing else"
    return int(caught.value.code or 0), captured.err


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_has_its_exit_code_and_says_what_to_do_next(
    kind: type[RsiError], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(monkeypatch, capsys, kind("it went wrong", hint="turn it off and on"))
    assert code == EXPECTED[kind.__name__], "a new error class has to be in the table"
    assert text.splitlines() == ["error: it went wrong", "  next: turn it off and on"]


def test_could_not_find_out_is_never_yes_and_never_no() -> None:
    for kind in CLASSES:
        if issubclass(kind, errors.CannotTellError):
            assert kind.exit_code not in (Exit.YES, Exit.NO)


def test_a_fault_of_ours_leaves_a_report_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    code, text = said(monkeypatch, capsys, ZeroDivisionError("by nothing"))
    assert code == Exit.BROKEN
    assert "Traceback" not in text
    (report,) = (tmp_path / "rsi-sandbox" / "crashes").iterdir()
    assert str(report) in text
    written = report.read_text()
    assert "ZeroDivisionError: by nothing" in written
    assert "command: rsi-sandbox log ." in written


def test_a_fault_is_reported_even_where_nothing_can_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    code, text = said(monkeypatch, capsys, ZeroDivisionError("by nothing"))
    assert code == Exit.BROKEN
    assert "with -v" in text


@pytest.mark.parametrize("option", cli.VERBOSE)
def test_verbose_adds_the_traceback_wherever_it_stands(
    option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Traceback" in said(monkeypatch, capsys, errors.StateError("it went wrong"), option)[1]
    assert "Traceback" not in said(monkeypatch, capsys, errors.StateError("it went wrong"))[1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["evolv"], "Did you mean 'evolve'"),
        (["evolve", "--budgt", "2m"], "--budget"),
        (["evolve", "--budget", "soon", "targets/wordstat"], "write it as 90s, 2m or 1h"),
        (["evolve", "--policy", "defualt", "targets/wordstat"], "did you mean default"),
        (["evolve", "--sandbox", "dokcer", "targets/wordstat"], "docker"),
        (["judge", "--format", "yaml"], "sarif"),
        (["log", "nowhere"], "next: "),
    ],
)
def test_a_slip_is_answered_with_what_was_meant(
    arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    monkeypatch.setattr(sys, "argv", ["rsi-sandbox", *arguments])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    captured = capsys.readouterr()
    assert caught.value.code == Exit.USAGE
    assert told in captured.err
    assert captured.out == ""
