"""Route planning on small public-transport networks."""

from routes.network import Link, Network, NetworkError, parse_network
from routes.shortest import NoRoute, fewest_hops, quickest

__all__ = [
    "Link",
    "Network",
    "NetworkError",
    "NoRoute",
    "fewest_hops",
    "parse_network",
    "quickest",
]
