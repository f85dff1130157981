"""The report's text: complete, escaped, self-contained, and the same numbers as the log."""

import html
import html.parser
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from rsi_sandbox.errors import UsageError
from rsi_sandbox.lineage import Lineage
from rsi_sandbox.model import Decision, Generation, Spent, Tree
from rsi_sandbox.reports import chart, samples
from rsi_sandbox.reports.html import AT_ONCE, render
from rsi_sandbox.reports.story import Interval, tell, times
from tests.reports.making import make

pytest.importorskip("jinja2")
EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"


def rendered(state: Path) -> str:
    with Lineage.open(state, create=False, write=False) as lineage:
        return render(lineage)


class Reader(html.parser.HTMLParser):
    """What a browser would fetch, run, and find by id."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.handlers: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.verdicts: Counter[str] = Counter()
        self.tags: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name in ("src", "data", "action", "poster") or (name == "href" and not (value or "").startswith("#")):
                self.fetched.append(f"{tag} {name}={value}")
            if name.startswith("on") or name == "style":
                self.handlers.append(f"{tag} {name}={value}")
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.targets.append((value or "")[1:])
            if name == "data-verdict":
                self.verdicts[value or ""] += 1


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    state = tmp_path_factory.mktemp("report") / "state"
    make(state, 12, seed=7)
    return state, rendered(state)


def test_it_needs_nothing_else_and_every_link_leads_somewhere(made: tuple[Path, str]) -> None:
    reader = Reader()
    reader.feed(made[1])
    assert reader.fetched == []
    assert reader.handlers == []
    assert len(reader.ids) == len(set(reader.ids))
    assert set(reader.targets) <= set(reader.ids)
    assert not re.search(r"https?://|@import|url\(", made[1])
    assert "Content-Security-Policy" in made[1]
    assert "default-src 'none'" in html.unescape(made[1])


def test_its_counts_are_the_logs_and_nothing_is_left_out(made: tuple[Path, str]) -> None:
    state, text = made
    reader = Reader()
    reader.feed(text)
    with Lineage.open(state, create=False, write=False) as lineage:
        counted = Counter(each.decision.value if each.candidate else "original" for each in lineage.generations())
        size, root = lineage.root()
        reasons = [each.verdict["reason"] for each in lineage.generations() if each.verdict]
    assert reader.verdicts == counted
    assert sum(counted.values()) == 13
    assert root in text
    assert f"--checkpoint {size}:{root}" in text
    for reason in reasons:
        assert reason in text


def test_what_candidates_wrote_is_shown_as_text(tmp_path: Path) -> None:
    state = tmp_path / "state"
    tree = Tree({"a.py": b"x = 1\n"})
    other = Tree({"a.py": f"x = '{EVIL}'\n".encode(), f"{EVIL.replace('/', '')}.py": b""})
    candidate = {
        "digest": "d", "rules": [EVIL], "rationale": EVIL, "edits": [], "optimizer": EVIL,
        "sites": [{"path": EVIL, "qualname": EVIL, "line": 1, "rule": EVIL}],
    }  # fmt: skip
    piece = {"oracle": "tests", "detail": EVIL, "facts": {EVIL: EVIL}, "raw": {}}
    verdict = {"decision": "accepted", "reason": EVIL, "rows": [], "policy": ""}
    with Lineage.open(state, create=True, write=True) as lineage:
        lineage.begin_run({"target": EVIL, "at": EVIL, "options": {EVIL: EVIL}, "policy": {}, "environment": EVIL})
        lineage.record(Generation(0, 0, tree.digest, Decision.ACCEPTED, {}, {}, (), (), Spent(), EVIL), tree, [])
        lineage.record(
            Generation(1, 0, other.digest, Decision.ACCEPTED, candidate, verdict, (piece,), (), Spent(), EVIL),
            other,
            [],
        )
        lineage.note("incident", {"what": EVIL})
    text = rendered(state)
    assert "<img" not in text
    assert text.count("<script") == text.count("</script>") == 1
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


def test_a_long_lineage_keeps_its_details_folded(tmp_path: Path) -> None:
    state = tmp_path / "state"
    make(state, AT_ONCE + 1, raw=False)
    text = rendered(state)
    assert text.count('<script type="text/html">') == AT_ONCE + 2
    assert text.count("</script>") == AT_ONCE + 3
    reader = Reader()
    reader.feed(text)
    assert reader.tags["details"] >= AT_ONCE + 2
    assert "<noscript>" in text


def test_growth_curves_appear_when_there_are_any() -> None:
    raw = b'{"parent":[[10,0.001],[100,0.1],[1000,10.0]],"candidate":[[10,0.001],[100,0.01],[1000,0.1]]}'
    found = samples.summary("growth", "growth.curves", "d", raw)
    assert found.curve is not None
    assert set(found.curve) == {"parent", "candidate"}
    drawn = chart.growth(dict(found.curve))
    assert drawn is not None
    assert [arm for arm, _, _ in drawn.lines] == ["parent", "candidate"]
    ends = {arm: points[-1][1] for arm, _, points in drawn.lines}
    assert ends["candidate"] > ends["parent"]  # lower on the page is faster
    assert chart.growth({}) is None


def test_lines_of_the_tree_end_with_their_last_child(made: tuple[Path, str]) -> None:
    with Lineage.open(made[0], create=False, write=False) as lineage:
        story = tell(lineage)
    for step, rail in zip(story.steps, chart.rails(story.steps), strict=True):
        assert 0 <= rail.x <= rail.width
        assert step.lane not in step.lanes or step.word in ("accepted", "held")
    assert story.head is not None
    assert [step.generation.number for step in story.steps] == list(range(13))


def test_the_chart_keeps_inside_its_frame_and_in_order(made: tuple[Path, str]) -> None:
    with Lineage.open(made[0], create=False, write=False) as lineage:
        drawn = chart.speedup(tell(lineage).steps)
    assert len(drawn.marks) == 13
    for mark in drawn.marks:
        assert chart.LEFT <= mark.x <= chart.WIDTH - chart.RIGHT
        if mark.y is not None:
            assert chart.TOP <= mark.high <= mark.y <= mark.low <= chart.HEIGHT - chart.BOTTOM
    assert drawn.ticks


@pytest.mark.parametrize(("ratio", "said"), [(1.0, "1"), (42.951, "43"), (1234.5, "1,234"), (0.98765, "0.988")])
def test_ratios_are_written_as_people_write_them(ratio: float, said: str) -> None:
    assert times(ratio) == said
    assert said in str(Interval(ratio, ratio, ratio))


def test_without_its_extra_it_says_what_to_install(made: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with Lineage.open(made[0], create=False, write=False) as lineage, pytest.raises(UsageError) as caught:
        render(lineage)
    assert "rsi-sandbox[report]" in caught.value.hint
