"""Queues, epidemics and an elevator."""

import random
from dataclasses import dataclass, field

__all__ = ["run_elevator", "simulate_counter", "spread_infection"]


class Counter:
    """A service counter; the clerk who is free first takes the next customer in line."""

    def __init__(self, number):
        self.number = number
        self.free_at = 0
        self.served = []


def simulate_counter(customers, clerks, patience=None):
    """Simulate a waiting line: customers are (arrival, minutes of service) in order of arrival.

    Returns the waiting times of those served (None for who left), the longest line seen, and the minutes each
    clerk worked.
    """
    counters = [Counter(number) for number in range(clerks)]
    waits = []
    starts = []
    longest = 0
    for position, (arrival, minutes) in enumerate(customers):
        line = 0
        for earlier in range(position):
            if starts[earlier] is not None and starts[earlier] > arrival:
                line += 1
        if line > longest:
            longest = line
        free = sorted(counters, key=lambda counter: (counter.free_at, counter.number))[0]
        start = max(arrival, free.free_at)
        if patience is not None and start - arrival > patience:
            waits.append(None)
            starts.append(None)
            continue
        free.free_at = start + minutes
        free.served.append((position, minutes))
        waits.append(start - arrival)
        starts.append(start)
    return waits, longest, [sum(minutes for _, minutes in counter.served) for counter in counters]


@dataclass
class Person:
    number: int
    state: str = "healthy"
    since: int = 0
    contacts: list[int] = field(default_factory=list)


def _find(people, number):
    for person in people:
        if person.number == number:
            return person
    return None


def spread_infection(contacts, first, days, chance=0.3, sick_days=5, seed=0):
    """Daily numbers of healthy, sick and immune people; every healthy contact of a sick person may catch it."""
    rng = random.Random(seed)
    people = [Person(number) for number in range(len(contacts))]
    for person in people:
        person.contacts = list(contacts[person.number])
    for number in first:
        _find(people, number).state = "sick"
    history = []
    for day in range(1, days + 1):
        newly_sick = []
        for person in people:
            if person.state != "sick":
                continue
            for number in person.contacts:
                contact = _find(people, number)
                if contact.state == "healthy" and contact not in newly_sick:
                    if rng.random() < chance:
                        newly_sick.append(contact)
        for person in people:
            if person.state == "sick" and day - person.since >= sick_days:
                person.state = "immune"
        for person in newly_sick:
            person.state = "sick"
            person.since = day
        counts = {}
        for state in ("healthy", "sick", "immune"):
            counts[state] = len([person for person in people if person.state == state])
        history.append(counts)
        if counts["sick"] == 0:
            break
    return history


UP, DOWN = 1, -1


def run_elevator(calls, floors, capacity=8):
    """Steps of one elevator that serves (step, from, to) calls: goes on in its direction while anybody is ahead.

    Returns for each call the step at which the passenger got off. One step moves one floor; doors take none.
    """
    if capacity < 1:
        raise ValueError("nobody fits in")
    waiting = [[] for _ in range(floors)]
    inside = [[] for _ in range(floors)]
    arrived = [None] * len(calls)
    upcoming = sorted(range(len(calls)), key=lambda number: (calls[number][0], number), reverse=True)
    for number in upcoming:
        if not (0 <= calls[number][1] < floors and 0 <= calls[number][2] < floors):
            raise ValueError(f"no such floor in call {number}")
    floor = step = riding = queued = 0
    direction = UP
    while upcoming or riding or queued:
        while upcoming and calls[upcoming[-1]][0] <= step:
            number = upcoming.pop()
            waiting[calls[number][1]].append(number)
            queued += 1
        if inside[floor]:
            for number in inside[floor]:
                arrived[number] = step
            riding -= len(inside[floor])
            inside[floor] = []
        if waiting[floor]:
            left_behind = []
            for number in waiting[floor]:
                target = calls[number][2]
                if target == floor:
                    arrived[number] = step
                elif riding < capacity:
                    inside[target].append(number)
                    riding += 1
                else:
                    left_behind.append(number)
            queued -= len(waiting[floor]) - len(left_behind)
            waiting[floor] = left_behind
        if riding or queued:
            ahead = range(floor + 1, floors) if direction == UP else range(floor)
            if not any(inside[f] or waiting[f] for f in ahead):
                direction = -direction
            floor += direction
        step += 1
    return arrived
