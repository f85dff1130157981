"""Particles, a hot plate, a ledger."""

import math

__all__ = ["heat_plate", "move_particles", "replay_ledger"]


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)

    def length(self):
        return math.sqrt(self.x * self.x + self.y * self.y)


class Particle:
    def __init__(self, mass, position, velocity):
        self.mass = mass
        self.position = position
        self.velocity = velocity

    def pull(self, other, gravity, softening):
        """Force of another particle on this one."""
        delta = other.position - self.position
        distance = max(delta.length(), softening)
        return delta * (gravity * self.mass * other.mass / (distance * distance * distance))


def move_particles(states, steps, dt=0.01, gravity=1.0, softening=0.05):
    """Move particles (mass, x, y, vx, vy) under their own gravity; returns their states and the total energy."""
    particles = [Particle(mass, Vector(x, y), Vector(vx, vy)) for mass, x, y, vx, vy in states]
    for _ in range(steps):
        forces = []
        for particle in particles:
            force = Vector(0.0, 0.0)
            for other in particles:
                if other is not particle:
                    force = force + particle.pull(other, gravity, softening)
            forces.append(force)
        for particle, force in zip(particles, forces):
            particle.velocity = particle.velocity + force * (dt / particle.mass)
            particle.position = particle.position + particle.velocity * dt
    energy = 0.0
    for i, particle in enumerate(particles):
        energy += 0.5 * particle.mass * particle.velocity.length() ** 2
        for other in particles[i + 1 :]:
            distance = max((other.position - particle.position).length(), softening)
            energy -= gravity * particle.mass * other.mass / distance
    return [(p.mass, p.position.x, p.position.y, p.velocity.x, p.velocity.y) for p in particles], energy


def _cell(plate, row, column, outside):
    if row < 0 or row >= len(plate):
        return outside
    if column < 0 or column >= len(plate[row]):
        return outside
    return plate[row][column]


def heat_plate(plate, sources, steps, rate=0.2, outside=20.0):
    """Let heat flow for some steps; source cells keep their temperature. Stops early when nothing changes."""
    plate = [list(row) for row in plate]
    for (row, column), temperature in sources.items():
        plate[row][column] = temperature
    for step in range(steps):
        fresh = []
        largest_change = 0.0
        for row in range(len(plate)):
            line = []
            for column in range(len(plate[row])):
                if (row, column) in sources.keys():
                    line.append(sources[(row, column)])
                    continue
                here = _cell(plate, row, column, outside)
                flow = 0.0
                for dr, dc in [(-1, 0), (1, 0), (0, -1), (0, 1)]:
                    flow += _cell(plate, row + dr, column + dc, outside) - here
                line.append(here + rate * flow)
                largest_change = max(largest_change, abs(rate * flow))
            fresh.append(line)
        plate = fresh
        if largest_change < 1e-6:
            return plate, step + 1
    return plate, steps


class Refused(Exception):
    """A booking that is not carried out."""


class Account:
    __slots__ = ("balance", "frozen", "limit")

    def __init__(self, balance, limit):
        self.balance = balance
        self.limit = limit
        self.frozen = False

    def withdraw(self, cents):
        if self.frozen:
            raise Refused("frozen")
        if self.balance - cents < -self.limit:
            raise Refused("not covered")
        self.balance -= cents


def replay_ledger(opening, bookings):
    """Carry out transfers (from, to, cents) in order; None on either side is cash. Two refusals in a row freeze."""
    accounts = {name: Account(balance, limit) for name, (balance, limit) in opening.items()}
    refusals = []
    failed = dict.fromkeys(accounts, 0)
    for number, (source, target, cents) in enumerate(bookings):
        try:
            if target is not None and target not in accounts:
                raise Refused("no such account")
            if source is not None:
                accounts[source].withdraw(cents)
                failed[source] = 0
            if target is not None:
                accounts[target].balance += cents
        except Refused as reason:
            refusals.append((number, str(reason)))
            if source is not None:
                failed[source] += 1
                if failed[source] == 2:
                    accounts[source].frozen = True
    return {name: account.balance for name, account in accounts.items()}, refusals
