import pytest

from routes.__main__ import main


@pytest.fixture
def network(tmp_path):
    path = tmp_path / "network.txt"
    path.write_text("Abbey -> Mill 4 min\nMill -> Zoo 9 min\nMoon -> Abbey 1 min one-way\n")
    return str(path)


def test_route(network, capsys):
    assert main([network, "Abbey", "Zoo", "--at", "23:50"]) == 0
    assert capsys.readouterr().out == "Abbey - Mill - Zoo\n23:50 to 24:03, fare 140\n"


def test_staying_costs_nothing(network, capsys):
    assert main([network, "Zoo", "Zoo"]) == 0
    assert capsys.readouterr().out == "Zoo\n08:00 to 08:00, fare 0\n"


def test_no_route(network, capsys):
    assert main([network, "Abbey", "Moon"]) == 1
    assert "no way from 'Abbey' to 'Moon'" in capsys.readouterr().err


def test_wrong_input(network, tmp_path, capsys):
    assert main([network, "Abbey", "Zoo", "--at", "soon"]) == 2
    assert main([str(tmp_path / "none.txt"), "Abbey", "Zoo"]) == 2
    assert "not a clock time" in capsys.readouterr().err
