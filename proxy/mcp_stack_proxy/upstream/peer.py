"""What the rest of the proxy sees of a server, whatever its transport and era: calls go in, parts of answers come.

A peer speaks its server's own revision and gives everything back in the caller's (`wire.bridge`).
"""

import functools
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from msgspec import Raw, Struct
from msgspec.structs import replace

from ..errors import Reason, UpstreamError
from ..wire.envelope import Members, raw, string_of
from ..wire.errors import INTERNAL_ERROR
from ..wire.revisions import Era

_remembered = functools.lru_cache(maxsize=1024)(raw)


def _named(native: str) -> Raw:
    """The name as JSON: what is called is called often, and only what is long is not worth being remembered."""
    return _remembered(native) if len(native) <= 256 else raw(native)


class Call(Struct):
    """One request towards a server, in the caller's era, with the server's own names."""

    method: str
    params: Members
    era: Era
    deadline: float
    """Absolute, in the event loop's time: the hard end."""
    client: Raw | None = None
    """The caller's `clientInfo`. A modern caller has it in its params, too."""
    log_level: str | None = None
    """Least severe log message that the caller wants; None for none."""
    headers: Sequence[tuple[bytes, bytes]] = ()
    """Headers to pass on: trace context and mirrored parameters."""
    capabilities: Members = {}
    """What the caller has declared that it answers; empty where it is asked nothing."""
    session: Hashable = None
    """The caller's session, whose calls a legacy server sees in one session, too; None for a caller without."""
    subject: str | None = None
    """Who calls; None where nobody is asked. A session that was opened for one is never used for another."""
    mirrors: bool = False
    """Whether the caller repeats arguments in headers, as a modern one does over HTTP."""
    name: str | None = None
    """`params.name`, where somebody has read it already; see `tool`."""

    bare: bool = False
    """Whether `_meta` is known to say nothing of traces or tasks."""

    @property
    def tool(self) -> str | None:
        """The tool that is called, None where `params.name` is no text."""
        return string_of(self.params.get("name")) if self.name is None else self.name

    def called(self, native: str) -> "Call":
        """The same call, by the server's own name for the tool or prompt."""
        return replace(self, params={**self.params, "name": _named(native)}, name=native)

    def under(self, key: str, native: Raw) -> "Call":
        """The same call, with the server's own reference, or other arguments, in its params."""
        return replace(self, params={**self.params, key: native})

    def with_params(self, params: Members, deadline: float) -> "Call":
        """The same call with other params and another end."""
        return replace(self, params=params, deadline=deadline)

    def with_headers(self, headers: Sequence[tuple[bytes, bytes]]) -> "Call":
        """The same call with other headers."""
        return replace(self, headers=headers)


class Notification(Struct, frozen=True):
    """A notification that belongs to the call. `params` is None where the message has none."""

    method: str
    params: Members | None


class Answer(Struct, frozen=True):
    """The end of a call: the value of `result`, or of `error`."""

    value: Raw
    is_error: bool = False


class Question(Struct, frozen=True, eq=False):
    """What the server asks of the client while it works on the call, in legacy words; only what the client has declared."""

    method: str
    params: Members
    answer: Callable[[Answer], None]
    """Takes the client's result or error. Until then the server's time stands still: whoever gets the question has to bound it."""
    id: Raw | None = None
    """The server's own, by which a `notifications/cancelled` among the parts may withdraw it."""
    loose: bool = False
    """Whether it is perhaps another call's of the same client, so that it outlives this one: the channel did not tell."""


Part: TypeAlias = "Notification | Question | Answer"

Parts: TypeAlias = AsyncGenerator[Part, None]
"""Notifications and questions, then one Answer, then the end; or UpstreamError. Closing it early cancels the call.

Questions need not be answered before the next part is asked for: a server may have several open at once.
"""

Reply: TypeAlias = Answer | Parts
"""Most calls are answered at once, and need no stream."""


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom a session of its own is opened."""

    capabilities: Members
    client: Raw | None
    """Its `clientInfo`."""
    ask: "Callable[[Question], bool] | None" = None
    """Puts what belongs to no call of its to the client; False where there is no way to it. None: there never is."""


class Attending(Protocol):
    """Clients that listen, by the sessions of their calls."""

    def tell(self, session: Hashable, kind: str) -> None:
        """The list of `kind` changed, for this client alone."""
        ...

    def ask(self, session: Hashable, question: Question) -> bool:
        """Ask the client what belongs to no call of its. False where it does not listen."""
        ...


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
"""Told the kind of list that changed: `tools`, `prompts` or `resources`. Within a peer, also of a resource (bridging.UPDATED)."""


async def answer_of(reply: Reply) -> Answer:
    """The answer alone, for a caller who has no use for notifications, and nobody to put a question to."""
    if isinstance(reply, Answer):
        return reply
    async with aclosing(reply) as parts:
        async for part in parts:
            if isinstance(part, Answer):
                return part
            if isinstance(part, Question):
                part.answer(Answer(_NOBODY, is_error=True))
    raise UpstreamError(Reason.INVALID, "ended without an answer")


_NOBODY = raw({"code": INTERNAL_ERROR, "message": "no client waits for this request, and so none can be asked anything"})


class Peer(Protocol):
    """A server, connected on first need."""

    @property
    def connected(self) -> bool:
        """Whether its revision has been negotiated and it has not been lost since."""
        ...

    async def hello(self, deadline: float) -> Hello:
        """What the server is, negotiated on first need, once for all who wait. UpstreamError where it cannot be reached."""
        ...

    def call(self, call: Call) -> Awaitable[Reply]:
        """Send `call`, and wait for what comes first. Cancelling the wait cancels the call."""
        ...

    async def subscribe(
        self, uri: str, told: Callable[[str], None], deadline: float, within: Call | None = None
    ) -> Callable[[], None]:
        """Tell `told` the URI whenever resource `uri`, or one below it, changes, until what is returned is called.

        `within` is a call of the client that wants to hear of it: where its calls have a session of their own with the server, the
        server says there what changes for that client. RpcError where the server refuses.
        """
        ...

    def told(self, session: Hashable, notification: bytes) -> None:
        """The caller says something that concerns no call, within `session`: for the server that has a session for it alone."""
        ...

    def left(self, session: Hashable) -> None:
        """The caller's `session` is over, and whatever was kept for it."""
        ...

    async def aclose(self, grace: float) -> None:
        """End sessions and processes, within about `grace` seconds. Cancelled, it ends them at once."""
        ...
