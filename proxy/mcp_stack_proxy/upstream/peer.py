"""What the rest of the proxy sees of a server, whatever its transport and era: calls go in, notifications and one answer come out.

A peer speaks its server's own revision and gives everything back in the caller's (`wire.bridge`).
"""

from collections.abc import AsyncGenerator, Callable, Hashable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from msgspec import Raw

from ..errors import Reason, UpstreamError
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
    session: Hashable | None = None
    """Whose session the call belongs to; None where callers share one."""

    def under(self, key: str, native: Raw) -> "Call":
        """The same call, with the server's own name or reference in its params."""
        params = {**self.params, key: native}
        return Call(self.method, params, self.era, self.deadline, self.client, self.log_level, self.headers, self.session)


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


Parts: TypeAlias = AsyncGenerator[Notification | Answer, None]
"""Notifications, then one Answer, then the end; or UpstreamError. Closing it early cancels the call."""

Reply: TypeAlias = Answer | Parts
"""Most calls are answered at once, and need no stream."""


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


async def answer_of(reply: Reply) -> Answer:
    """The answer alone, for a caller who has no use for notifications."""
    if isinstance(reply, Answer):
        return reply
    async with aclosing(reply) as parts:
        async for part in parts:
            if isinstance(part, Answer):
                return part
    raise UpstreamError(Reason.INVALID, "ended without an answer")


class Peer(Protocol):
    """A server, connected on first need."""

    @property
    def connected(self) -> bool:
        """Whether its revision has been negotiated and it has not been lost since."""
        ...

    async def hello(self, deadline: float) -> Hello:
        """What the server is, negotiated on first need, once for all who wait. UpstreamError where it cannot be reached."""
        ...

    async def call(self, call: Call) -> Reply:
        """Send `call`, and wait for what comes first. Cancelling the wait cancels the call."""
        ...

    async def aclose(self, grace: float) -> None:
        """End sessions and processes, within about `grace` seconds. Cancelled, it ends them at once."""
        ...
