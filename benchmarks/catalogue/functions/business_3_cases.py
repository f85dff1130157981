"""Cases for business_3."""

import random
from functools import cache

import pytest

from functions.business_3 import AccessRule, Role, audit_grants, decide_access, effective_permissions


@cache
def _roles() -> tuple:
    rng = random.Random(301)
    roles = [
        Role(
            f"role{n}",
            [f"perm{rng.randrange(160)}" for _ in range(rng.randrange(1, 9))],
            [f"role{rng.randrange(n)}" for _ in range(2)] if n > 10 else [],
        )
        for n in range(40)
    ]
    users = [
        {
            "name": f"user{n}",
            "roles": [f"role{rng.randrange(42)}" for _ in range(rng.randrange(1, 4))],
            "denied": [f"perm{rng.randrange(160)}" for _ in range(5)],
        }
        for n in range(60)
    ]
    return users, roles


def bench_effective_permissions():
    return effective_permissions(*_roles())


def test_effective_permissions_keep_the_order_they_were_gained_in():
    roles = [Role("base", ["read", "list"]), Role("editor", ["write", "list"], ["base"]), Role("boss", [], ["editor"])]
    users = [{"name": "ann", "roles": ["boss"], "extra": ["pay", "read"]}]
    assert effective_permissions(users, roles) == {"ann": ["write", "list", "read", "pay"]}


def test_effective_permissions_cut_a_cycle():
    roles = [Role("a", ["x"], ["b"]), Role("b", ["y"], ["a"])]
    users = [{"name": "ann", "roles": ["a", "b"]}, {"name": "bob", "roles": ["b"]}]
    assert effective_permissions(users, roles) == {"ann": ["x", "y"], "bob": ["y", "x"]}


def test_effective_permissions_take_out_what_is_denied():
    users = [{"name": "ann", "roles": ["a"], "denied": ["x", "z"]}]
    assert effective_permissions(users, [Role("a", ["x", "y"])]) == {"ann": ["y"]}


def test_effective_permissions_of_unknown_roles_and_nobody():
    assert effective_permissions([{"name": "ann", "roles": ["ghost"]}], []) == {"ann": []}
    assert effective_permissions([], []) == {}


def test_effective_permissions_keep_a_role_that_lists_one_twice():
    roles = [Role("a", ["x", "x"])]
    assert effective_permissions([{"name": "ann", "roles": ["a"]}], roles) == {"ann": ["x"]}


@cache
def _policy() -> tuple:
    rng = random.Random(302)
    kinds = ["invoice", "order", "report", "user", "stock"]
    rules = [
        AccessRule(
            [f"g{rng.randrange(12)}" for _ in range(2)],
            rng.choice([["read"], ["read", "write"], ["*"], ["delete"]]),
            rng.choice(["{0}/*", "{0}/{1}/*", "{0}/{1}/*|archive/{0}/*"]).format(rng.choice(kinds), rng.randrange(5)),
            rng.choice(["allow", "allow", "deny"]),
            rng.randrange(4),
        )
        for _ in range(40)
    ]
    membership = {f"u{n}": [f"g{rng.randrange(12)}" for _ in range(3)] for n in range(30)}
    requests = [
        {
            "user": f"u{rng.randrange(32)}",
            "action": rng.choice(["read", "write", "delete"]),
            "resource": f"{rng.choice(kinds)}/{rng.randrange(5)}/{rng.randrange(40)}",
        }
        for _ in range(300)
    ]
    return requests, rules, membership


def bench_decide_access():
    return decide_access(*_policy())


def test_decide_access_highest_priority_wins():
    rules = [AccessRule(["g"], ["read"], "doc/*", "allow", 1), AccessRule(["g"], ["*"], "doc/a", "deny", 2)]
    requests = [{"user": "u", "action": "read", "resource": name} for name in ("doc/a", "doc/b", "img/a")]
    assert decide_access(requests, rules, {"u": ["g"]}) == ["deny", "allow", "default"]


def test_decide_access_denies_first_at_equal_priority():
    rules = [AccessRule(["g"], ["read"], "*", "allow"), AccessRule(["everyone"], ["read"], "*", "deny")]
    requests = [{"user": name, "action": "read", "resource": "x"} for name in ("u", "stranger")]
    assert decide_access(requests, rules, {"u": ["g"]}) == ["deny", "deny"]


def test_decide_access_with_alternative_patterns():
    rules = [AccessRule(["g"], ["read"], "a/*|b/?", "allow")]
    requests = [{"user": "u", "action": "read", "resource": name} for name in ("a/xyz", "b/1", "b/12")]
    assert decide_access(requests, rules, {"u": ["g"]}) == ["allow", "allow", "default"]


def test_decide_access_of_nothing():
    assert decide_access([], [], {}) == []
    assert decide_access([{"user": "u", "action": "read", "resource": "x"}], [], {}) == ["default"]


def test_decide_access_other_action_or_group():
    rules = [AccessRule(["g"], ["read"], "*", "allow")]
    assert decide_access([{"user": "u", "action": "write", "resource": "x"}], rules, {"u": ["g"]}) == ["default"]
    assert decide_access([{"user": "u", "action": "read", "resource": "x"}], rules, {"u": ["h"]}) == ["default"]


@cache
def _grants() -> tuple:
    rng = random.Random(303)
    granted = {f"u{n}": {f"p{rng.randrange(200)}" for _ in range(40)} for n in range(300)}
    used = [(f"u{rng.randrange(320)}", f"p{rng.randrange(200)}") for _ in range(30000)]
    return granted, used, frozenset({"p1", "p7", "p50"})


def bench_audit_grants():
    return audit_grants(*_grants())


def test_audit_grants_by_hand():
    granted = {"ann": {"read", "pay"}, "bob": {"read"}}
    used = [("ann", "read"), ("bob", "pay"), ("eve", "read"), ("ann", "read")]
    assert audit_grants(granted, used, frozenset({"pay"})) == {
        "illegal": [("bob", "pay"), ("eve", "read")],
        "unused": {"ann": ["pay"], "bob": ["read"]},
        "critical": ["ann"],
    }


def test_audit_grants_of_nothing():
    assert audit_grants({}, [], frozenset()) == {"illegal": [], "unused": {}, "critical": []}


def test_audit_grants_repeats_what_was_illegal_and_leaves_the_input_alone():
    granted = {"ann": {"x"}}
    report = audit_grants(granted, [("bob", "x"), ("bob", "x"), ("ann", "x")], frozenset({"x"}))
    assert report == {"illegal": [("bob", "x"), ("bob", "x")], "unused": {}, "critical": ["ann"]}
    assert granted == {"ann": {"x"}}


def test_audit_grants_needs_pairs():
    with pytest.raises(ValueError, match="unpack"):
        audit_grants({}, [("ann",)], frozenset())
