"""Error messages in groups, retries, ordering records."""

import re
from collections import Counter
from operator import itemgetter

__all__ = ["group_errors", "order_records", "plan_retries"]

VARIABLE_PARTS = re.compile(
    r"(?P<uuid>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)"
    r"|(?P<hex>\b0x[0-9a-f]+\b)"
    r"|(?P<path>(?:/[\w.-]+){2,})"
    r"|(?P<quoted>'[^']*')"
    r"|(?P<number>\b\d+(?:\.\d+)?\b)"
)


def group_errors(messages, top=10, ignore=()):
    """The most frequent messages once numbers, paths and the like are taken out: (template, count, first example).

    Templates that begin with one of `ignore` are left out.
    """
    ignore = tuple(ignore)
    counts = Counter()
    examples = {}
    for message in messages:
        template = VARIABLE_PARTS.sub(lambda match: f"<{match.lastgroup}>", message)
        if ignore and template.startswith(ignore):
            continue
        counts[template] += 1
        examples.setdefault(template, message)
    return [(template, count, examples[template]) for template, count in counts.most_common(top)]


def order_records(records, keys):
    """Sort dicts by several keys, `-name` for descending; missing and None values always go last."""
    ordered = list(records)
    for key in reversed(keys):
        name = key.removeprefix("-")
        present = []
        absent = []
        for record in ordered:
            (absent if record.get(name) is None else present).append(record)
        present.sort(key=itemgetter(name), reverse=key != name)
        ordered = present + absent
    return ordered


class Budget:
    """Tokens that come back over time."""

    def __init__(self, size, per_second):
        self.size = size
        self.per_second = per_second
        self.level = size
        self.time = 0.0

    def take(self, now):
        if now > self.time:
            self.level = min(self.size, self.level + (now - self.time) * self.per_second)
            self.time = now
        if self.level >= 1:
            self.level -= 1
            return True
        return False


def plan_retries(failures, attempt, base=0.5, factor=2.0, limit=30.0, budget=None):
    """Retry each (time, job) until `attempt(job, number)` says True; returns (job, tries, time it ended or None).

    At most 6 tries each, with exponential delays; once the budget is used up a job is given up.
    """
    delays = [min(base * factor**n, limit) for n in range(6)]
    outcome = []
    for start, job in failures:
        now = start
        for number, delay in enumerate(delays, start=1):
            if budget is not None and not budget.take(now):
                outcome.append((job, number - 1, None))
                break
            if attempt(job, number):
                outcome.append((job, number, now))
                break
            now += delay
        else:
            outcome.append((job, 6, None))
    return outcome
