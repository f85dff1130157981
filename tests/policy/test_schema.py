import pytest

from rsi_sandbox.errors import ConfigError
from rsi_sandbox.policy.facts import FACTS
from rsi_sandbox.policy.schema import (
    Stage,
    bundled_names,
    load_policy,
    load_rows,
    parse_policy,
    policy_from_json,
)

HEAD = 'name = "mine"\nversion = 1\n'


def row(**changes: str) -> str:
    values = {
        "id": '"one"',
        "stage": '"guard"',
        "fact": '"tests.failed"',
        "equals": "0",
        "why": '"because"',
    } | {key.replace("_", "-"): text for key, text in changes.items()}
    return "[[rows]]\n" + "\n".join(f"{key} = {text}" for key, text in values.items() if text) + "\n"


OBJECTIVE = row(id='"gain"', stage='"objective"', objective='"speed"', fact='"confirm.low"', equals="", at_least="1.02")


def refused(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse_policy(text, "p.toml")
    return caught.value


@pytest.mark.parametrize("name", bundled_names())
def test_bundled_policies_load_and_give_reasons(name):
    policy = load_rows(name)
    assert policy.name == name
    assert all(len(row.why) > 15 for row in policy.rows)


@pytest.mark.parametrize("name", sorted(set(bundled_names()) - {"constitution"}))
def test_every_bundled_policy_contains_the_whole_constitution(name):
    constitution = load_rows("constitution").rows
    assert load_policy(name).rows[: len(constitution)] == constitution


def test_the_constitution_alone_cannot_judge():
    with pytest.raises(ConfigError, match="no objective"):
        load_policy("constitution")


def test_a_minimal_policy():
    policy = parse_policy(HEAD + row() + OBJECTIVE)
    assert [item.id for item in policy.rows] == ["one", "gain"]
    assert policy.rows[1].stage is Stage.OBJECTIVE


def test_digest_follows_content_and_survives_storage():
    policy = load_policy("default")
    assert policy_from_json(policy.to_json()) == policy
    assert policy_from_json(policy.to_json()).digest == policy.digest
    assert policy.digest != load_policy("strict").digest


@pytest.mark.parametrize(
    ("text", "line", "says", "hint"),
    [
        (HEAD + row(fact='"tests.faild"'), 6, "unknown fact 'tests.faild'", "tests.failed"),
        (HEAD + row(equals="", at_moast="0"), 8, "unknown key 'at-moast'", "at-most"),
        (HEAD + row(stage='"gard"'), 5, "stage can't be 'gard'", "guard"),
        (HEAD + row(on_fail='"reject!"'), 9, "on-fail can't be 'reject!'", "reject"),
        (HEAD + row(equals='"0"'), 7, "can't be a value of tests.failed", ""),
        (HEAD + row(equals="true"), 7, "can't be a value of tests.failed", ""),
        (HEAD + row(equals="-1"), 7, "can't be a value of tests.failed", ""),
        (HEAD + row(equals="", fact='"confirm.low"', at_least="nan"), 8, "can't be a value", ""),
        (HEAD + row(equals="", fact='"confirm.low"', at_least="inf"), 8, "can't be a value", ""),
        (HEAD + row(fact='"confirm.low"', equals="1.0"), 7, "never exactly equal", ""),
        (HEAD + row(fact='"tree.changed"', equals="", at_least="true"), 8, "only takes equals", ""),
        (HEAD + row(fact='"confirm.outcome"', equals='"quicker"'), 7, "can't be a value", ""),
        (HEAD + row(at_most="0"), 4, "has 2 bounds", "write one"),
        (HEAD + row(equals=""), 4, "has 0 bounds", "write one"),
        (HEAD + row(why='""'), 8, "why", ""),
        (HEAD + row(why=""), 3, "why", ""),
        (HEAD + row() + row(), 10, "written twice", ""),
        (HEAD + row(objective='"speed"'), 9, "only an objective row", ""),
        (HEAD + row(stage='"objective"'), 3, "needs an objective name", ""),
        (HEAD + OBJECTIVE + 'on-fail = "held"\n', 10, "missed objective", ""),
        ('name = "x"\nversion = "1"\n' + row(), 2, "version", ""),
        (HEAD + 'extend = "default"\n', 3, "unknown key 'extend'", "extends"),
        (HEAD + 'extends = "defualt"\n', None, "no policy is called", "default"),
        (HEAD + "rows = 3\n", 3, "rows", ""),
        ("name = ", None, "not TOML", ""),
    ],
)
def test_refusals_name_the_line_and_the_fix(text, line, says, hint):
    error = refused(text)
    assert says in error.message
    assert hint in error.hint
    if line is not None:
        assert error.message.startswith(f"p.toml:{line}:"), error.message


def test_no_rows_and_no_objective_are_refused():
    assert "no rows" in refused(HEAD).message
    assert "no objective" in refused(HEAD + row()).message


def test_extending_replaces_rows_by_id_but_never_the_constitution():
    looser = row(id='"step-files"', stage='"step"', fact='"tree.files"', equals="", at_most="9")
    policy = parse_policy(HEAD + 'extends = "default"\n' + looser)
    assert {item.id: item.bound for item in policy.rows}["step-files"] == 9
    evil = row(id='"C05-tests-failed"', equals="", at_most="9")
    assert "belongs to the constitution" in refused(HEAD + 'extends = "default"\n' + evil).message
    swapped = row(id='"step-files"', stage='"step"', fact='"tree.lines"', equals="", at_most="9")
    assert "replaces a row about tree.files" in refused(HEAD + 'extends = "default"\n' + swapped).message


def test_paths_extends_and_circles(tmp_path):
    (tmp_path / "base.toml").write_text(HEAD + row() + OBJECTIVE)
    (tmp_path / "mine.toml").write_text(HEAD + 'extends = "base.toml"\n')
    assert len(load_policy(tmp_path / "mine.toml").rows) == 2
    (tmp_path / "a.toml").write_text(HEAD + 'extends = "b.toml"\n')
    (tmp_path / "b.toml").write_text(HEAD + 'extends = "a.toml"\n')
    with pytest.raises(ConfigError, match="circle"):
        load_policy(tmp_path / "a.toml")
    with pytest.raises(ConfigError, match="can't be read"):
        load_policy(tmp_path / "none.toml")


def test_every_fact_says_what_it_is():
    assert all(spec.unit and spec.meaning.endswith(".") for spec in FACTS.values())
