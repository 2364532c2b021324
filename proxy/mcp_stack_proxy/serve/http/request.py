"""What the rest of the proxy sees of HTTP: one request, whole, and the way its response goes."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol, TypeAlias

from msgspec import Struct

from ...identity import Principal

Header: TypeAlias = tuple[bytes, bytes]

JSON = (b"content-type", b"application/json")
TEXT = (b"content-type", b"text/plain; charset=utf-8")


class Refusal(Exception):
    """A request that ends at the HTTP layer: `status`, and a text for whoever debugs the client."""

    def __init__(self, status: int, text: str, headers: Iterable[Header] = ()) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = tuple(headers)


class Responder(Protocol):
    """Where one response goes: either whole, or begun and then ended. To a client that has left, all of it goes nowhere."""

    async def whole(self, status: int, headers: Sequence[Header], body: bytes) -> None:
        """All of it. Its length is added to the headers."""
        ...

    async def begin(self, status: int, headers: Sequence[Header], first: bytes) -> None:
        """The head of a stream, and its first piece, which may be empty."""
        ...

    async def part(self, data: bytes) -> None:
        """One more piece, once the client has read enough of those before."""
        ...

    async def end(self, last: bytes) -> None:
        """The last piece, which may be empty."""
        ...


class Client(Protocol):
    """Who asks, as long as its response is not complete."""

    def watch(self, left: Callable[[], None]) -> None:
        """Call `left` when the client goes away; soon, if it has done so already."""
        ...

    def unwatch(self, left: Callable[[], None]) -> None:
        """Do not call `left` any more."""
        ...


class Request(Struct, eq=False):
    """One HTTP request. `headers` has the last value of each name; `raw_headers` all of them in order, names in lower case."""

    method: str
    path: str
    query: bytes
    raw_headers: list[Header]
    headers: dict[bytes, bytes]
    out: Responder
    extra: list[Header]
    """Headers that every response to this request carries."""
    client: Client
    body: bytes = b""
    caller: Principal | None = None
    """Who asks; None where nobody is asked to say so."""

    @property
    def subject(self) -> str | None:
        """What sessions are bound to: it outlives a key, and a change of roles."""
        return None if self.caller is None else self.caller.subject

    async def respond(self, status: int, body: bytes = b"", headers: Iterable[Header] = ()) -> None:
        """A complete response."""
        await self.out.whole(status, [*headers, *self.extra], body)

    async def begin(self, headers: Iterable[Header], first: bytes = b"") -> None:
        """The head of a stream with status 200. It goes on with `out.part`, and ends with `out.end`."""
        await self.out.begin(200, [*headers, *self.extra], first)

    async def refuse(self, refusal: Refusal) -> None:
        """The response that a Refusal stands for."""
        await self.respond(refusal.status, refusal.text.encode() + b"\n", [TEXT, *refusal.headers])


class Served(Protocol):
    """What is at a path."""

    def admit(self, request: Request) -> None:
        """Refusal for what can be told before there is a body."""
        ...

    def handle(self, request: Request) -> Awaitable[None]:
        """Answer one request; Refusal for what is wrong below JSON-RPC."""
        ...
