"""Records: change history, contacts without repeats, joining tables."""

import dataclasses
import json
from dataclasses import dataclass, field

__all__ = ["apply_changes", "join_tables", "merge_contacts"]


@dataclass
class Item:
    id: int
    name: str
    price_cents: int
    tags: list[str] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)


class Inventory:
    def __init__(self, items):
        self.items = [dataclasses.replace(item) for item in items]
        self.history = []

    def find(self, item_id):
        for item in self.items:
            if item.id == item_id:
                return item
        return None

    def snapshot(self):
        return json.dumps([dataclasses.asdict(item) for item in self.items], sort_keys=True)

    def apply(self, change):
        before = self.snapshot()
        item = self.find(change["id"])
        if change["op"] == "add":
            if item is not None:
                return False
            self.items.append(Item(change["id"], change["name"], change.get("price_cents", 0)))
        elif item is None:
            return False
        elif change["op"] == "remove":
            self.items.remove(item)
        elif change["op"] == "price":
            item.price_cents = change["price_cents"]
        elif change["op"] == "tag":
            if change["tag"] not in item.tags:
                item.tags = item.tags + [change["tag"]]
        elif change["op"] == "detail":
            item.details = {**item.details, change["key"]: change["value"]}
        else:
            raise ValueError(f"unknown change {change['op']}")
        if self.snapshot() != before:
            self.history.append((change["op"], change["id"]))
            return True
        return False


def apply_changes(items, changes):
    """Apply changes in order to copies of the items; returns the items, what really changed, and what didn't."""
    inventory = Inventory(items)
    without_effect = []
    for number, change in enumerate(changes):
        if not inventory.apply(change):
            without_effect.append(number)
    return inventory.items, inventory.history, without_effect


def merge_contacts(contacts):
    """One contact per e-mail address or, without one, per phone number; later entries fill the gaps of earlier ones."""
    merged = {}
    loose = []
    for contact in contacts:
        email = (contact.get("email") or "").strip().casefold()
        phone = "".join(filter(str.isdigit, contact.get("phone") or ""))
        if not email and not phone:
            loose.append(dict(contact))
            continue
        known = merged.setdefault(email or phone, {})
        for key, value in contact.items():
            if value and not known.get(key):
                known[key] = value
    return [*merged.values(), *loose]


def join_tables(left, right, on, how="inner"):
    """Rows of both tables that agree in the columns `on`; the right one's other columns get a prefix if they clash."""
    if how not in ("inner", "left"):
        raise ValueError(f"unknown join {how}")
    result = []
    for row in left:
        found = False
        for other in right:
            if all(row.get(column) == other.get(column) for column in on):
                found = True
                combined = dict(row)
                for column, value in other.items():
                    if column in on:
                        continue
                    if column in combined.keys():
                        combined["right_" + column] = value
                    else:
                        combined[column] = value
                result.append(combined)
        if not found and how == "left":
            combined = dict(row)
            for other in right:
                for column in other:
                    if column not in combined:
                        combined[column] = None
            result.append(combined)
    return result
