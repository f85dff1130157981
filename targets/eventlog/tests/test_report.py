import pytest

from eventlog.__main__ import main
from eventlog.events import parse_line
from eventlog.report import align, build_report

LOG = """\
# a morning
2024-03-04T09:00:00 bob view page=/ ms=100
2024-03-04T09:00:30 bob purchase ms=7
oops
2024-03-04T08:00:00 ann view page=/shop
"""
REPORT = """\
3 events, 1 bad lines
2 sessions, the longest 30 s

Users
  purchase  1
  view      2

Most active
  purchase  bob  1  1.0
  view      ann  1  0.5
  view      bob  1  0.5

Latency
  purchase  1    7.0    7.0    7.0
  view      1  100.0  100.0  100.0
"""


def test_align():
    assert align([("a", 5), ("long", 10)]) == ["a      5", "long  10"]
    assert align([(1, "x"), (10, "")]) == [" 1  x", "10"]
    assert align([]) == []


def test_align_wants_rows_at_least_as_long_as_the_first():
    assert align([("a",), ("b",)]) == ["a", "b"]
    with pytest.raises(IndexError):
        align([("a", "b"), ("c",)])


def test_build_report():
    events = [parse_line(line) for line in LOG.splitlines() if line.startswith("2")]
    assert build_report(events, 1) == REPORT


def test_report_on_nothing():
    assert build_report([], 0) == (
        "0 events, 0 bad lines\n0 sessions, the longest 0 s\n\nUsers\n\nMost active\n\nLatency\n"
    )


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "app.log"
    path.write_text(LOG, encoding="utf-8")
    return path


def test_command(log, capsys):
    assert main([str(log)]) == 0
    assert capsys.readouterr().out == REPORT


def test_command_writes_a_file(log, tmp_path, capsys):
    report = tmp_path / "report.txt"
    assert main([str(log), "--kind", "view", "--report", str(report)]) == 0
    assert report.read_text(encoding="utf-8").startswith("2 events, 1 bad lines\n2 sessions")
    assert capsys.readouterr().out == ""


def test_command_without_a_good_line(log, capsys):
    log.write_text("junk\n", encoding="utf-8")
    assert main([str(log)]) == 1
    assert main([str(log.with_name("none.log"))]) == 2
    assert "No such file" in capsys.readouterr().err
