"""Where a server says that its endpoint is: one of its own paths, never another host, since a server does not choose whom we ask.

Frameworks send who asks for `/mcp` to `/mcp/`, or the other way round, and clients follow: a proxy has to do so, too (RFC 9110,
15.4.8). Only statuses that keep method and body count, and a request that got one had no effect.
"""

from urllib.parse import urljoin, urlsplit

from .origin import Origin

MOVED = frozenset({307, 308})
"""Statuses that repeat a request as it is."""

MAX_MOVES = 3
"""In a row, for one request."""


def moved(origin: Origin, target: bytes, location: bytes) -> bytes | None:
    """Request target that `location`, in an answer to `target`, stands for; None where it is nothing at `origin`.

    A server behind something that ends TLS often takes itself for a plain one: what it says is read as a place at the same origin.
    """
    asked = f"http{'s' if origin.tls else ''}://{origin.authority.decode('ascii')}{target.decode('ascii')}"
    try:
        url = urljoin(asked, location.decode("ascii"))
        there = Origin.parse(url)
    except ValueError:
        return None
    same = (there.tls, there.port) == (origin.tls, origin.port)
    plain = origin.tls and not there.tls and urlsplit(url).port is None
    if there.host != origin.host or not (same or plain) or there.target == target:
        return None
    return there.target
