"""Publishing to subscribers, sliding windows, merging streams."""

import heapq
import itertools

__all__ = ["deliver_events", "merge_streams", "window_counts"]


class Subscription:
    def __init__(self, name, topic, minimum=0, once=False):
        self.name = name
        self.topic = topic
        self.minimum = minimum
        self.once = once
        self.received = []

    def matches(self, topic):
        """`*` stands for one part of a topic, `#` at the end for any number of them."""
        wanted = self.topic.split("/")
        given = topic.split("/")
        for i, part in enumerate(wanted):
            if part == "#":
                return True
            if i >= len(given):
                return False
            if part != "*" and part != given[i]:
                return False
        return len(wanted) == len(given)


def deliver_events(events, subscriptions):
    """Deliver events (topic, level, text) to subscriptions (name, topic, minimum level, once).

    Returns what each received, and the topics of the events nobody wanted, each once.
    """
    active = [Subscription(*definition) for definition in subscriptions]
    everybody = list(active)
    unwanted = []
    for topic, level, text in events:
        wanted = False
        for subscription in list(active):
            if subscription.matches(topic) and level >= subscription.minimum:
                wanted = True
                subscription.received.append((topic, text))
                if subscription.once:
                    active.remove(subscription)
        if not wanted and topic not in unwanted:
            unwanted.append(topic)
    result = {}
    for subscription in everybody:
        result[subscription.name] = result.get(subscription.name, []) + subscription.received
    return result, unwanted


def window_counts(events, size, step):
    """Events, users and the most frequent kind in each window of `size` seconds, one every `step` seconds."""
    if size <= 0 or step <= 0:
        raise ValueError("size and step must be above zero")
    if not events:
        return []
    first = min(event["time"] for event in events)
    last = max(event["time"] for event in events)
    windows = []
    start = first - first % step
    while start <= last:
        inside = [event for event in events if start <= event["time"] < start + size]
        kinds = [event["kind"] for event in inside]
        top = None
        for kind in sorted(set(kinds)):
            if top is None or kinds.count(kind) > kinds.count(top):
                top = kind
        windows.append(
            {
                "start": start,
                "events": len(inside),
                "users": len(set(event["user"] for event in inside)),
                "top": top,
            }
        )
        start += step
    return windows


def merge_streams(streams, seen_before=(), until=None):
    """Merge streams of (time, id, text), each in order, up to a time; numbered from 1.

    An event whose id was seen already is dropped, wherever it comes from.
    """
    seen = set(seen_before)
    numbers = itertools.count(1)
    for time, event_id, text in heapq.merge(*streams):
        if until is not None and time > until:
            return
        if event_id not in seen:
            seen.add(event_id)
            yield next(numbers), time, event_id, text
