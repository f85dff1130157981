"""Command line: `python -m routes NETWORK FROM TO`. The only module that opens files."""

import argparse
import sys
from pathlib import Path

from routes.fares import single_fare
from routes.network import NetworkError, parse_network
from routes.shortest import NoRoute, quickest
from routes.timetable import add_minutes, clock_to_minutes


def main(argv: list[str] | None = None) -> int:
    """Print the quickest way; exit code 1 without a route, 2 when the input is wrong."""
    parser = argparse.ArgumentParser(prog="routes", description=__doc__)
    parser.add_argument("network", type=Path)
    parser.add_argument("origin")
    parser.add_argument("destination")
    parser.add_argument("--at", default="08:00", help="departure, hh:mm")
    options = parser.parse_args(argv)
    try:
        network = parse_network(options.network.read_text(encoding="utf-8"))
        clock_to_minutes(options.at)
    except (OSError, NetworkError, ValueError) as error:
        print(f"routes: {error}", file=sys.stderr)
        return 2
    try:
        minutes, path = quickest(network, options.origin, options.destination)
    except NoRoute as error:
        print(f"routes: {error}", file=sys.stderr)
        return 1
    fare = single_fare(len(path) - 1) if minutes else 0
    print(" - ".join(path))
    print(f"{options.at} to {add_minutes(options.at, minutes)}, fare {fare}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
