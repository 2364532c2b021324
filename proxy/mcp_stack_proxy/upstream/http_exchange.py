"""One POST to an MCP endpoint, and the messages that come back: as one JSON body, or as a stream of events."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from ..config import Limits
from ..errors import Reason, UpstreamError
from ..wire.envelope import Members, Message, decode_message, string_of
from ..wire.errors import RpcError
from ..wire.headers import METHOD, NAME, NAMED, SESSION, VERSION, encode_value
from ..wire.sse import EventParser
from .http import Response

Header = tuple[bytes, bytes]

_POST = [(b"content-type", b"application/json"), (b"accept", b"application/json, text/event-stream")]


class SessionLost(Exception):
    """The server no longer knows the session (404). It has not acted on the request."""


def modern_headers(own: Sequence[Header], version: str, method: str, params: Members) -> list[Header]:
    """Headers of a modern request: they repeat the body, so that those on the way need not read it."""
    headers = [*_POST, *own, (VERSION, version.encode()), (METHOD, encode_value(method).encode())]
    if (key := NAMED.get(method)) is not None and (name := string_of(params.get(key))) is not None:
        headers.append((NAME, encode_value(name).encode()))
    return headers


def legacy_headers(own: Sequence[Header], version: str | None, session: bytes | None) -> list[Header]:
    """Headers of a legacy request; without version before the handshake is done."""
    headers = [*_POST, *own]
    if version is not None:
        headers.append((VERSION, version.encode()))
    if session is not None:
        headers.append((SESSION, session))
    return headers


async def answer(response: Response, limits: Limits) -> Message:
    """The response among the messages that answer a POST; what else comes with it is of no interest."""
    if not is_stream(response):
        return await whole(response, limits)
    async with aclosing(messages(response, limits)) as stream:
        async for message in stream:
            if message.is_response:
                return message
    raise broke_off()


def broke_off() -> UpstreamError:
    """The stream ended before the answer: nobody knows whether the server acted."""
    return UpstreamError(Reason.UNREACHABLE, "ended the exchange without an answer")


async def messages(response: Response, limits: Limits) -> AsyncGenerator[Message, None]:
    """Messages of an event stream, as they come. Closing it early closes the connection: a modern call is cancelled so."""
    parser = EventParser(limits.max_message_bytes)
    try:
        async for chunk in response:
            for event in parser.feed(chunk):
                if event.type == "message" and event.data:
                    yield _decoded(event.data)
    finally:
        response.abort()  # does nothing once the body has been read to its end


def is_stream(response: Response) -> bool:
    """Whether the body is an event stream."""
    return (response.header(b"content-type") or b"").startswith(b"text/event-stream")


async def whole(response: Response, limits: Limits) -> Message:
    """The message that is the body of a response; SessionLost or UpstreamError where it is none."""
    status = response.status
    body = await response.read(limits.max_message_bytes)
    if status in (401, 403):
        raise UpstreamError(Reason.REFUSED, "refused the proxy's credentials", status=status)
    try:
        message = decode_message(body)
    except RpcError:
        message = None
    if message is None or (status >= 400 and "error" not in message.members):
        if status == 404:
            raise SessionLost
        if status >= 400:
            raise UpstreamError(Reason.INVALID, f"answered with HTTP status {status}", status=status)
        raise UpstreamError(Reason.INVALID, "answered with something that is no MCP message")
    if status == 404 and message.id is None and message.is_response:
        raise SessionLost
    return message


def _decoded(data: bytes) -> Message:
    try:
        return decode_message(data)
    except RpcError as error:
        raise UpstreamError(Reason.INVALID, f"sent an event that is no MCP message: {error.message}") from None
