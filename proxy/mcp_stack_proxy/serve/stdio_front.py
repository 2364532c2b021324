"""One client on standard input and output: a line is a message, and what it means is decided as over HTTP.

Each message counts as a request of its own. What HTTP says in headers, the body says here; a session lasts as long as the pipes.
"""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from ..upstream.tasks import Tasks
from ..wire.batch import REVISION, decode_batch, is_batch
from ..wire.envelope import Members, Message, decode_message, members_of, string_of
from ..wire.errors import RpcError
from ..wire.headers import METHOD, NAME, NAMED, SESSION, VERSION, encode_value
from ..wire.revisions import META_VERSION
from ..wire.sse import EventParser
from .batches import answer_batch
from .funnel import Front, funnel
from .http import Header, Request
from .legacy import LegacyFront
from .modern import ModernFront

Write = Callable[[bytes], Awaitable[None]]

_INITIALIZED = "notifications/initialized"
_CANCELLED = "notifications/cancelled"
_NOTHING = Message(b"{}", None, None)
"""In the place of a message, where the request alone says what is wanted."""


class StdioFront:
    """Both eras on one pair of pipes, told apart by the metadata that every modern request carries."""

    def __init__(self, modern: ModernFront, legacy: LegacyFront, tasks: Tasks, write: Write) -> None:
        self._modern = _Checked(modern)
        self._legacy = legacy
        self._tasks = tasks
        self._write = write
        self._session: Header | None = None
        self._asked: dict[bytes, _Asker] = {}

    async def handle(self, line: bytes) -> None:
        """Answer one line."""
        try:
            if is_batch(line):
                await self._batch(line)
            else:
                await self._message(decode_message(line))
        except RpcError as error:
            await self._write(error.body(None))

    async def refuse(self, error: RpcError) -> None:
        """The answer to what is no message."""
        await self._write(error.body(None))

    def adopt(self, headers: list[Header]) -> None:
        """The session that an `initialize` opened is the client's from now on."""
        self._session = next((header for header in headers if header[0] == SESSION), self._session)

    async def _message(self, message: Message) -> None:
        if message.method == _CANCELLED and (asker := self._asked.get(_id_of_cancelled(message))) is not None:
            asker.leave()
        elif (headers := _modern_headers(message)) is not None:
            await self._ask(message, headers)
        else:
            await self._in_session(message)

    async def _ask(self, message: Message, headers: Mapping[bytes, bytes]) -> None:
        """A modern request: cancelled by name, since there is no connection of its own to close."""
        asker, key = _Asker(), bytes(message.id or b"")
        if message.id is not None:
            self._asked[key] = asker
        try:
            await self._answered(self._modern, message, headers, asker)
        finally:
            if self._asked.get(key) is asker:
                del self._asked[key]

    async def _in_session(self, message: Message) -> None:
        before = self._session
        headers = dict([before] if before is not None and message.method != "initialize" else [])
        await self._answered(self._legacy, message, headers, _Asker())
        if before is not None and self._session != before:
            await self._answered(_OfSession(self._legacy, "DELETE"), _NOTHING, dict([before]), _Asker())
        if message.method == _INITIALIZED and self._session is not None:
            listening = {**dict([self._session]), b"accept": b"text/event-stream"}
            stream = self._answered(_OfSession(self._legacy, "GET"), _NOTHING, listening, _Asker())
            self._tasks.spawn(stream, "changes for a client on standard output")

    async def _batch(self, line: bytes) -> None:
        headers = dict([self._session] if self._session is not None else [])
        asker = _Asker()
        if self._legacy.version(_request(headers, asker)) != REVISION:
            decode_message(line)  # which says what is wrong with it
        await self._answered(_Batch(self._legacy, line), _NOTHING, headers, asker)

    async def _answered(self, front: Front, message: Message, headers: Mapping[bytes, bytes], asker: "_Asker") -> None:
        request = _request(headers, asker)
        await funnel(front, request, message, _Printed(self, self._write, request.extra))


class _Asker:
    """See Client: who waits for one answer, and leaves when it is cancelled."""

    def __init__(self) -> None:
        self._watching: dict[Callable[[], None], None] = {}

    def watch(self, left: Callable[[], None]) -> None:
        self._watching[left] = None

    def unwatch(self, left: Callable[[], None]) -> None:
        self._watching.pop(left, None)

    def leave(self) -> None:
        """Nobody waits any more."""
        for left in tuple(self._watching):
            left()


class _Nowhere:
    """See Responder: a place that the funnel gives to a way to the client."""

    async def whole(self, status: int, headers: Sequence[Header], body: bytes) -> None:
        pass

    async def begin(self, status: int, headers: Sequence[Header], first: bytes) -> None:
        pass

    async def part(self, data: bytes) -> None:
        pass

    async def end(self, last: bytes) -> None:
        pass


class _Printed:
    """See Sink: what is said to one message goes out as lines."""

    def __init__(self, front: StdioFront, write: Write, extra: list[Header]) -> None:
        self._front = front
        self._write = write
        self._extra = extra
        self._parser = EventParser(sys.maxsize)

    async def answer(self, message: bytes) -> None:
        self._front.adopt(self._extra)  # before the client can know of it
        await self._write(message)

    async def events(self, frames: bytes) -> None:
        self._front.adopt(self._extra)
        for event in self._parser.feed(frames):
            await self._write(event.data)


class _Checked:
    """A modern front as one step."""

    def __init__(self, front: ModernFront) -> None:
        self._front = front

    async def handle(self, request: Request, message: Message) -> None:
        params, meta = self._front.check(request, message)
        await self._front.handle(request, message, params, meta)


class _OfSession:
    """What an HTTP client does with its session: GET the stream of its notifications, DELETE it."""

    def __init__(self, front: LegacyFront, method: str) -> None:
        self._front = front
        self._method = method

    async def handle(self, request: Request, message: Message) -> None:
        request.method = self._method
        await self._front.stream_or_end(request)


class _Batch:
    """An array of messages."""

    def __init__(self, front: LegacyFront, line: bytes) -> None:
        self._front = front
        self._line = line

    async def handle(self, request: Request, message: Message) -> None:
        await answer_batch(self._front, request, decode_batch(self._line))


def _request(headers: Mapping[bytes, bytes], asker: _Asker) -> Request:
    return Request("POST", "", b"", list(headers.items()), dict(headers), _Nowhere(), [], asker)


def _modern_headers(message: Message) -> dict[bytes, bytes] | None:
    """Headers that repeat the body of a modern request; None for a message of the other era."""
    try:
        params = message.params()
        meta: Members = members_of(params["_meta"])
        version = string_of(meta[META_VERSION])
    except (RpcError, KeyError, msgspec.DecodeError):
        return {} if message.method == "server/discover" else None
    headers = {VERSION: (version or "").encode(), METHOD: (message.method or "").encode()}
    if (key := NAMED.get(message.method or "")) is not None and (name := string_of(params.get(key))) is not None:
        headers[NAME] = encode_value(name).encode()
    return headers


def _id_of_cancelled(message: Message) -> bytes:
    try:
        return bytes(message.params().get("requestId", b""))
    except RpcError:
        return b""
