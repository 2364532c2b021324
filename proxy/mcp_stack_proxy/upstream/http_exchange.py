"""One POST to an MCP endpoint, and the messages that come back: as one JSON body, or as a stream of events."""

import functools
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from ..config import Limits
from ..errors import Reason, UpstreamError
from ..wire.envelope import Members, Message, decode_message, members_of, number_of, string_of
from ..wire.errors import HEADER_MISMATCH, INVALID_REQUEST, MISSING_CAPABILITY, UNSUPPORTED_VERSION, RpcError
from ..wire.headers import METHOD, NAME, NAMED, NAMED_TASKS, SESSION, VERSION, encode_value
from ..wire.sse import EventParser
from .http import Response, header_lines

Header = tuple[bytes, bytes]

_POST = [(b"content-type", b"application/json"), (b"accept", b"application/json, text/event-stream")]


NOTHING_LIKE_IT = (400, 404, 405, 406, 415, 422)
"""Statuses of a server that makes nothing of a request: another revision than it speaks, a session that it does not know."""

_NO_SESSION = (b"%d" % INVALID_REQUEST, b"-32001")
"""Codes of the SDKs, with status 404, for a session that they do not know (2025-11-25, basic/transports, session management)."""

_MODERN_ERRORS = (b"%d" % HEADER_MISMATCH, b"%d" % MISSING_CAPABILITY)


class SessionLost(Exception):
    """The server has refused the request unread, with `status`: it does not know the session, or not the revision."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status

    def fault(self) -> UpstreamError:
        """What this is where there is no other session or revision to try."""
        return no_answer(self.status)


def besides(own: Sequence[Header], extra: Sequence[Header]) -> list[Header]:
    """Those of a caller's headers that are not configured: a header has one value, and the configuration's counts."""
    if not extra:
        return []
    names = {name for name, _ in own}
    return [header for header in extra if header[0] not in names]


def modern_lines(own: Sequence[Header], version: str) -> bytes:
    """Header lines that all requests to a modern server have."""
    return header_lines([*_POST, *own, (VERSION, version.encode())])


def routing_lines(method: str, params: Members, name: str | None = None) -> bytes:
    """Header lines that repeat the body of a modern request, so that those on the way need not read it. `name`: see Call."""
    if name is not None:
        return _routing(method, name)
    key = NAMED.get(method) or NAMED_TASKS.get(method)
    return _routing(method, None if key is None else string_of(params.get(key)))


@functools.lru_cache(maxsize=4096)  # what is called is called often
def _routing(method: str, name: str | None) -> bytes:
    headers = [(METHOD, encode_value(method).encode())]
    if name is not None:
        headers.append((NAME, encode_value(name).encode()))
    return header_lines(headers)


def legacy_headers(own: Sequence[Header], version: str | None, session: bytes | None) -> list[Header]:
    """Headers of a legacy request; without version before the handshake is done."""
    headers = [*_POST, *own]
    if version is not None:
        headers.append((VERSION, version.encode()))
    if session is not None:
        headers.append((SESSION, session))
    return headers


async def answer(response: Response, id_: int, limits: Limits, *, session: bool = False) -> Message:
    """The response among the messages that answer request `id_`; what else comes is of no interest. `session`: see `whole`."""
    if not is_stream(response):
        return await whole(response, id_, limits, greeting=True, session=session)
    async with aclosing(messages(response, limits)) as stream:
        async for message in stream:
            if message.is_response:
                return own(message, id_)
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
                    yield decoded(event.data)
    finally:
        response.abort()  # does nothing once the body has been read to its end


def stream_of(response: Response) -> Response:
    """`response` if it is the stream of notifications that was asked for; UpstreamError UNSUPPORTED where there is none."""
    if response.status == 200 and is_stream(response):
        return response
    response.abort()
    raise UpstreamError(Reason.UNSUPPORTED, "offers no stream of notifications", status=response.status)


def is_stream(response: Response) -> bool:
    """Whether the body is an event stream."""
    kind = response.header(b"content-type")
    return kind is not None and kind[:17].lower() == b"text/event-stream"


async def whole(response: Response, id_: int, limits: Limits, *, greeting: bool = False, session: bool = False) -> Message:
    """The response to request `id_` that is the body of an HTTP response; SessionLost or UpstreamError where it is none.

    That our revision is not supported is an answer to a `greeting` alone: later it means that the server is another one.
    That there is no such session is one only where none was named: with `session`, it is lost, whoever else the answer names.
    """
    return said(response.status, await response.read(limits.max_message_bytes), id_, greeting=greeting, session=session)


def said(status: int, body: bytes, id_: int, *, greeting: bool = False, session: bool = False) -> Message:
    """As `whole`, of a body that has arrived."""
    if status in (401, 403):
        raise UpstreamError(Reason.REFUSED, "refused the proxy's credentials", status=status)
    try:
        message = decode_message(body)
    except RpcError:
        message = None
    if status == 200 and message is not None and message.method is None:
        return own(message, id_)
    if status in NOTHING_LIKE_IT and (message is None or not _answers(message, id_, greeting=greeting)):
        raise SessionLost(status)
    if session and status == 404 and message is not None and _code(message) in _NO_SESSION:
        raise SessionLost(status)
    if message is None or not message.is_response or (status >= 400 and message.error is None):
        if status >= 300:
            raise no_answer(status)
        raise UpstreamError(Reason.INVALID, "answered with something that is no MCP message")
    return own(message, id_)


def own(message: Message, id_: int) -> Message:
    """`message`, the response to request `id_`; UpstreamError for another's result, which may come late on a connection.

    An error may name nobody: that is how servers refuse what they have not read.
    """
    if message.error is None and number_of(message.id) != id_:
        raise UpstreamError(Reason.INVALID, "answered another request than the one that it was asked")
    return message


def no_answer(status: int) -> UpstreamError:
    """What an HTTP status of 300 or above means where no MCP message came with it."""
    if status < 400:
        hint = "give `url` as the server itself has it, to the last slash"
        return UpstreamError(Reason.INVALID, f"answered with a redirect (HTTP status {status})", hint=hint, status=status)
    return UpstreamError(Reason.INVALID, f"answered with HTTP status {status}", status=status)


def _answers(message: Message, id_: int, *, greeting: bool) -> bool:
    """Whether a server has read the request that it refuses: it names it, or a rule that only the modern revision has."""
    code = _code(message)
    if code == b"%d" % UNSUPPORTED_VERSION:
        return greeting
    return code in _MODERN_ERRORS or number_of(message.id) == id_


def _code(message: Message) -> bytes:
    error = message.error
    return bytes(members_of(error).get("code", b"")) if error is not None else b""


def decoded(data: bytes) -> Message:
    """The message in an event's data; UpstreamError where there is none."""
    try:
        return decode_message(data)
    except RpcError as error:
        raise UpstreamError(Reason.INVALID, f"sent an event that is no MCP message: {error.message}") from None
