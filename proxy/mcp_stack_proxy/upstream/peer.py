"""What the rest of the proxy sees of a server, whatever its transport and era: calls go in, notifications and one answer come out.

A peer speaks its server's own revision and gives everything back in the caller's (`wire.bridge`).
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from msgspec import Raw

from ..wire.envelope import Members
from ..wire.revisions import Era


@dataclass(slots=True)
class Call:
    """One request towards a server, in the caller's era, with the server's own names."""

    method: str
    params: Members
    era: Era
    deadline: float
    """Absolute, in the event loop's time: the hard end."""
    client: Raw | None = None
    """The caller's `clientInfo`, for a legacy caller (a modern one has it in its params)."""
    log_level: str | None = None
    """Least severe log message that the caller wants; None for none."""
    headers: Sequence[tuple[bytes, bytes]] = ()
    """Headers to pass on: trace context and mirrored parameters."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification that belongs to the call. `params` is None where the message has none."""

    method: str
    params: Members | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a call: the value of `result`, or of `error`."""

    value: Raw
    is_error: bool = False


Reply: TypeAlias = AsyncGenerator[Notification | Answer, None]


@dataclass(frozen=True, slots=True)
class Hello:
    """What a server said about itself when it was first asked."""

    era: Era
    version: str
    """Revision spoken with it."""
    capabilities: Members = field(default_factory=dict[str, Raw])
    server: Raw | None = None
    """Its `serverInfo`."""
    instructions: Raw | None = None


Changed: TypeAlias = Callable[[str], None]
"""Told the kind of list that changed: `tools`, `prompts` or `resources`."""


class Peer(Protocol):
    """A server, connected on first need."""

    @property
    def connected(self) -> bool:
        """Whether its revision has been negotiated and it has not been lost since."""
        ...

    async def hello(self, deadline: float) -> Hello:
        """What the server is, negotiated on first need, once for all who wait. UpstreamError where it cannot be reached."""
        ...

    def call(self, call: Call) -> Reply:
        """Send `call`. Ends with exactly one Answer, or raises UpstreamError; closing the generator early cancels the call."""
        ...

    async def aclose(self) -> None:
        """End sessions and processes, within the drain limit."""
        ...
