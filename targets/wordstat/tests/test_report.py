import pytest

from wordstat.__main__ import main
from wordstat.report import bar, length_histogram, render, shortest_word, summarise

DOCUMENTS = ["The rain in Spain falls. Rain!", "Spain has plain rain, and a plane."]


def test_summarise():
    summary = summarise(DOCUMENTS, top=2)
    assert summary == {
        "documents": 2,
        "words": 13,
        "distinct": 5,
        "once": 3,
        "shortest": "rain",
        "top": [("rain", 3), ("spain", 2)],
        "coverage": [0.375, 0.625],
        "lengths": {1: 0, 2: 0, 3: 0, 4: 3, 5: 5},
        "phrases": [("spain falls rain spain", 14.333333), ("plain rain", 4.333333)],
    }


def test_summarise_nothing():
    summary = summarise([])
    assert summary["words"] == 0
    assert summary["shortest"] is None
    assert summary["top"] == summary["coverage"] == summary["phrases"] == []
    assert summary["lengths"] == {}


def test_summarise_only_stopwords():
    summary = summarise(["the and of"])
    assert (summary["words"], summary["distinct"], summary["shortest"]) == (3, 0, None)


def test_shortest_word():
    assert shortest_word(["pear", "fig", "elf"]) == "elf"
    with pytest.raises(IndexError):
        shortest_word([])


def test_length_histogram_fills_gaps():
    assert length_histogram(["a", "abc", "abd"]) == {1: 1, 2: 0, 3: 2}
    assert list(length_histogram(["abc", "a"])) == [1, 2, 3]


def test_bar():
    assert bar(0, 0) == ""
    assert bar(1, 1000) == "#"
    assert bar(10, 10, width=4) == "####"
    with pytest.raises(ZeroDivisionError):
        bar(1, 0)


def test_render():
    assert render(summarise(DOCUMENTS, top=1)).splitlines() == [
        "13 words in 2 documents",
        "5 distinct, 3 used once",
        "shortest: rain",
        "  rain                 3    37.5%",
        "    1 ",
        "    2 ",
        "    3 ",
        "    4 ##################",
        "    5 ##############################",
        "   14.33  spain falls rain spain",
    ]


def test_render_nothing():
    assert render(summarise([])).splitlines()[-1] == "shortest: -"


def test_command(tmp_path, capsys):
    path = tmp_path / "a.txt"
    path.write_text(DOCUMENTS[0], encoding="utf-8")
    assert main([str(path), "--top", "1"]) == 0
    assert capsys.readouterr().out.startswith("6 words in 1 documents\n")


def test_command_with_a_missing_file(tmp_path, capsys):
    assert main([str(tmp_path / "none.txt")]) == 2
    assert "No such file" in capsys.readouterr().err
