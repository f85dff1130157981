"""Jobs and bookings: balancing machines, double bookings, the most profitable selection."""

import heapq
from bisect import bisect_right
from datetime import datetime
from operator import itemgetter

__all__ = ["balance_jobs", "best_bookings", "double_bookings"]


def balance_jobs(jobs, machines):
    """Put the longest jobs first on the machine that is done first; returns the jobs and the load of each machine."""
    if machines < 1:
        raise ValueError("at least one machine is needed")
    plan = [[] for _ in range(machines)]
    loads = [(0, number) for number in range(machines)]
    for name, minutes in sorted(sorted(jobs, key=itemgetter(0)), key=itemgetter(1), reverse=True):
        load, number = loads[0]
        plan[number].append(name)
        heapq.heapreplace(loads, (load + minutes, number))
    loads.sort(key=itemgetter(1))
    return [(names, load) for names, (load, _) in zip(plan, loads)]


TIME_FORMAT = "%d.%m.%Y %H:%M"


class Booking:
    def __init__(self, row):
        self.row = row
        self.id = row["id"]
        self.room = row["room"]

    @property
    def start(self):
        return datetime.strptime(self.row["from"], TIME_FORMAT)

    @property
    def end(self):
        return datetime.strptime(self.row["to"], TIME_FORMAT)

    def overlaps(self, other):
        return self.start < other.end and other.start < self.end


def double_bookings(rows):
    """Pairs of bookings of one room that overlap, with the minutes they do, in the order of the rows."""
    bookings = [Booking(row) for row in rows]
    for booking in bookings:
        if booking.end <= booking.start:
            raise ValueError(f"booking {booking.id} ends before it starts")
    conflicts = []
    for i in range(len(bookings)):
        for j in range(i + 1, len(bookings)):
            first = bookings[i]
            second = bookings[j]
            if first.overlaps(second) and first.room == second.room:
                common = min(first.end, second.end) - max(first.start, second.start)
                conflicts.append((first.id, second.id, int(common.total_seconds()) // 60))
    return conflicts


def best_bookings(offers):
    """The offers (start, end, price) without overlap that bring in most, and the sum; a later offer only if it adds."""
    ordered = sorted(offers, key=itemgetter(1, 0))
    ends = [end for _, end, _ in ordered]
    best = [0]
    before = []
    for number, (start, _, price) in enumerate(ordered):
        compatible = bisect_right(ends, start, 0, number)
        before.append(compatible)
        best.append(max(best[number], best[compatible] + price))
    chosen = []
    number = len(ordered)
    while number:
        if best[number] == best[number - 1]:
            number -= 1
        else:
            chosen.append(ordered[number - 1])
            number = before[number - 1]
    chosen.reverse()
    return chosen, best[-1]
