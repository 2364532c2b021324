"""Clients as a legacy server tells them apart when it makes its lists: by what they can be asked.

A handshake comes before the first list, so that a server may offer a tool that asks for input to those alone who can be asked: the
reference server does. A modern server's lists are the same for every connection (2026-07-28, server/tools).
"""

from typing import TypeAlias

from ..wire.envelope import Members, encode
from ..wire.questions import CAPABILITY

Audience: TypeAlias = bytes
"""What clients can be asked, as they declare it."""

EVERYONE: Audience = b""
"""Clients that can be asked nothing."""

MAX_AUDIENCES = 16
"""Of one server, each with a session in which its lists are fetched. The one unused for longest makes room."""

_TOLD_BY = tuple(sorted(CAPABILITY.values()))


def audience_of(capabilities: Members) -> Audience:
    """The audience that a client with `capabilities` belongs to."""
    if not capabilities:
        return EVERYONE
    return encode({name: capabilities[name] for name in _TOLD_BY if name in capabilities})
