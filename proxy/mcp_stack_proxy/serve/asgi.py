"""The little of ASGI that is needed: one request, read within bounds, and one response."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from ..identity import Principal

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
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


class Gone(Exception):
    """The client went away before its request was complete."""


@dataclass(slots=True)
class Request:
    """One HTTP request. `headers` has the last value of each name; `raw_headers` all of them in order."""

    method: str
    path: str
    raw_headers: list[Header]
    headers: dict[bytes, bytes]
    receive: Receive
    send: Send
    extra: list[Header]
    """Headers that every response to this request carries, for browsers."""
    query: bytes = b""
    caller: Principal | None = None
    """Who asks; None where nobody is asked to say so."""

    @property
    def subject(self) -> str | None:
        """What sessions are bound to: it outlives a key, and a change of roles."""
        return None if self.caller is None else self.caller.subject

    async def body(self, limit: int) -> bytes:
        """The whole body; Refusal 413 as soon as it is known to exceed `limit`, Gone when the client leaves."""
        announced = self.headers.get(b"content-length")
        if announced is not None and announced.isdigit() and int(announced) > limit:
            raise _too_large(limit)
        message = await self.receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body: bytes = message.get("body", b"")
        if not message.get("more_body"):
            if len(body) > limit:
                raise _too_large(limit)
            return body
        parts = [body]
        size = len(body)
        while message.get("more_body"):
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Gone
            part: bytes = message.get("body", b"")
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            parts.append(part)
        return b"".join(parts)

    async def respond(self, status: int, body: bytes = b"", headers: Iterable[Header] = ()) -> None:
        """A complete response."""
        fields = [*headers, (b"content-length", b"%d" % len(body)), *self.extra]
        await self.send({"type": "http.response.start", "status": status, "headers": fields})
        await self.send({"type": "http.response.body", "body": body})

    async def refuse(self, refusal: Refusal) -> None:
        """The response that a Refusal stands for."""
        await self.respond(refusal.status, refusal.text.encode() + b"\n", [TEXT, *refusal.headers])


class Served(Protocol):
    """What is at a path."""

    async def handle(self, request: Request) -> None:
        """Answer one request; Refusal for what is wrong below JSON-RPC."""
        ...


def _too_large(limit: int) -> Refusal:
    return Refusal(413, f"the body exceeds {limit} bytes (limits.max_body_bytes)")
