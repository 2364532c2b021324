"""Clients as a legacy server tells them apart when it makes its lists: by what they can be asked.

A handshake comes before the first list, so that a server may offer a tool that asks for input to those alone who can be asked: the
reference server does. A modern server's lists are the same for every connection (2026-07-28, server/tools).
"""

from collections.abc import Hashable
from typing import NamedTuple

from ..wire.envelope import Members, encode
from ..wire.questions import CAPABILITY


class Audience(NamedTuple):
    """Clients who are offered the same."""

    asked: bytes
    """What they can be asked, as they declare it."""
    settled: bool
    """Whether they keep a session."""


EVERYONE = Audience(b"", settled=False)
"""Clients that can be asked nothing."""

MAX_AUDIENCES = 16
"""Of one server, each with a session in which its lists are fetched. The one unused for longest makes room."""

_TOLD_BY = tuple(sorted(CAPABILITY.values()))


def audience_of(capabilities: Members, session: Hashable) -> Audience:
    """The audience that a client with `capabilities` belongs to; `session` is its own, None where it keeps none."""
    if not capabilities:
        return EVERYONE
    return Audience(encode({name: capabilities[name] for name in _TOLD_BY if name in capabilities}), session is not None)
