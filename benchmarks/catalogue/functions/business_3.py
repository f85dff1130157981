"""Permissions: roles that inherit, access rules, and the audit of grants."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatch

__all__ = ["audit_grants", "decide_access", "effective_permissions"]


@dataclass
class Role:
    name: str
    permissions: list[str]
    parents: list[str] = field(default_factory=list)


class RoleBook:
    def __init__(self, roles: list[Role]) -> None:
        self.roles = roles

    def get(self, name: str) -> Role | None:
        for role in self.roles:
            if role.name == name:
                return role
        return None

    def expand(self, name: str, seen: list[str] | None = None) -> list[str]:
        """Own permissions, then the parents' in order, each once. A cycle is cut, an unknown role has none."""
        seen = seen or []
        if name in seen:
            return []
        role = self.get(name)
        if role is None:
            return []
        result = list(role.permissions)
        for parent in role.parents:
            for permission in self.expand(parent, seen + [name]):
                if permission not in result:
                    result.append(permission)
        return result


def effective_permissions(users: list[dict], roles: list[Role]) -> dict[str, list[str]]:
    """Permissions of each user in the order they were gained; what a user is denied is taken out at the end."""
    book = RoleBook(roles)
    result = {}
    for user in users:
        permissions: list[str] = []
        for role_name in user["roles"]:
            for permission in book.expand(role_name):
                if permission not in permissions:
                    permissions.append(permission)
        for extra in user.get("extra", []):
            if extra not in permissions:
                permissions.append(extra)
        result[user["name"]] = [p for p in permissions if p not in user.get("denied", [])]
    return result


@dataclass
class AccessRule:
    groups: list[str]
    actions: list[str]
    resource: str
    effect: str
    priority: int = 0


def _applies(rule: AccessRule, request: dict, groups: list[str]) -> bool:
    if not any(fnmatch(request["resource"], pattern) for pattern in rule.resource.split("|")):
        return False
    if "*" not in rule.actions and request["action"] not in rule.actions:
        return False
    return any(group in groups for group in rule.groups) or "everyone" in rule.groups


def decide_access(requests: list[dict], rules: list[AccessRule], membership: dict[str, list[str]]) -> list[str]:
    """`allow`, `deny` or `default` for each request: the applicable rule of the highest priority, deny before allow."""
    decisions = []
    for request in requests:
        groups = membership.get(request["user"], [])
        applicable = []
        for rule in rules:
            if _applies(rule, request, groups):
                applicable.append(rule)
        if not applicable:
            decisions.append("default")
            continue
        applicable.sort(key=lambda rule: (-rule.priority, rule.effect != "deny"))
        decisions.append(applicable[0].effect)
    return decisions


def audit_grants(granted: dict[str, set[str]], used: list[tuple[str, str]], critical: frozenset[str]) -> dict:
    """What was used without a grant, what was granted and never used, and who holds a critical permission."""
    seen: dict[str, set[str]] = {}
    illegal = []
    for user, permission in used:
        if permission in granted.get(user, ()):
            if user in seen:
                seen[user].add(permission)
            else:
                seen[user] = {permission}
        else:
            illegal.append((user, permission))
    unused = {}
    holders = []
    for user, permissions in granted.items():
        idle = permissions - seen.get(user, set())
        if idle:
            unused[user] = sorted(idle)
        if not critical.isdisjoint(permissions):
            holders.append(user)
    return {"illegal": illegal, "unused": unused, "critical": sorted(holders)}
