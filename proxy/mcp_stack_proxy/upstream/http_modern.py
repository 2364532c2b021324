"""A modern server over HTTP: every call is a request of its own, cancelled by closing its connection."""

import asyncio
import functools
import math
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing

from msgspec import Raw

from ..config import Limits
from ..errors import Reason, UpstreamError
from ..wire import envelope
from ..wire.bridge import meta_of
from ..wire.envelope import Members, Message, raw
from ..wire.errors import INVALID_PARAMS, RpcError
from ..wire.questions import MAY_ASK
from ..wire.revisions import IS_MODERN, LATEST_MODERN, MODERN, REPLAY_SAFE
from ..wire.trace import in_headers
from .bridging import answer_for, change_in, error_in, notification_for, params_for, unchanged
from .handshake import discover_params, hello_of_discover, listen_params, supported_versions, updates_params
from .http import HttpPool, Response, header_lines
from .http_exchange import (
    Header,
    SessionLost,
    answer,
    besides,
    broke_off,
    is_stream,
    messages,
    modern_lines,
    own,
    routing_lines,
    said,
    stream_of,
    whole,
)
from .peer import Call, Hello, Parts, Reply
from .rounds import in_rounds

_ACKNOWLEDGED = "notifications/subscriptions/acknowledged"

_KNOWS_NO_BETTER = (500, 501)
"""Statuses of legacy servers that fall over a request without handshake."""


class ModernHttp:
    """Calls and listening for one server; keeps no state but the last id."""

    def __init__(self, pool: HttpPool, own: Sequence[Header], limits: Limits) -> None:
        self._pool = pool
        self._own = own
        self._lines = modern_lines(own, LATEST_MODERN)
        self._limits = limits
        self._most = limits.max_message_bytes
        self._last_id = 0

    async def discover(self, deadline: float) -> Hello | None:
        """What the server says of itself, or None where it turns out not to be modern.

        One that refuses our revision and names it is asked once more (2026-07-28, basic/versioning): a replica was being replaced.
        """
        try:
            introduction = await self._introduction(deadline)
            if any(version in MODERN for version in supported_versions(introduction)):
                introduction = await self._introduction(deadline)
            return hello_of_discover(introduction)
        except SessionLost:
            return None
        except UpstreamError as error:
            if error.reason is Reason.INVALID and error.status in _KNOWS_NO_BETTER:
                return None
            raise

    async def _introduction(self, deadline: float) -> Message:
        id_ = self._last_id + 1
        response = await self._post("server/discover", discover_params(), (), deadline)
        return await answer(response, id_, self._limits)

    def call(self, call: Call) -> Awaitable[Reply]:
        """See Peer."""
        if call.era is not IS_MODERN and call.method in MAY_ASK:
            return in_rounds(call, self._once)
        return self._once(call)

    async def _once(self, call: Call) -> Reply:
        """InputRequired where the answer is none yet, for a caller who cannot be told so."""
        params = params_for(call, IS_MODERN)
        id_ = self._last_id + 1
        headers = call.headers if call.bare else in_headers(call.headers, call.params)
        response = await self._post(call.method, params, headers, call.deadline, name=call.name)
        if is_stream(response):
            return self._parts(call, response, meta_of(params).get("progressToken"), id_)
        body = response.at_once(self._most)
        if body is None:
            body = await response.read(self._most)
        return answer_for(call, IS_MODERN, said(response.status, body, id_))

    async def _parts(self, call: Call, response: Response, token: Raw | None, id_: int) -> Parts:
        as_it_comes = call.era is IS_MODERN
        async with aclosing(messages(response, self._limits)) as stream:
            async for message in stream:
                if message.is_response:
                    yield answer_for(call, IS_MODERN, own(message, id_))
                    return
                if message.is_request:  # which this revision does not have: nobody could answer it
                    continue
                notification = unchanged(message) if as_it_comes else notification_for(call, message, token)
                if notification is not None:
                    yield notification
        raise broke_off()

    async def changes(self, kinds: Sequence[str]) -> AsyncGenerator[str, None]:
        """Kinds of lists as they change, while the stream lasts (2026-07-28, basic/patterns/subscriptions)."""
        response = await self._post("subscriptions/listen", listen_params(kinds), (), math.inf, quiet=True)
        return self._heard(stream_of(response))

    async def updates(self, uri: str, pool: HttpPool, deadline: float) -> AsyncGenerator[str, None] | RpcError:
        """Changes of one resource, while the stream lasts; RpcError where the server does not announce them."""
        id_ = self._last_id + 1
        response = await self._post("subscriptions/listen", updates_params(uri), (), math.inf, quiet=True, pool=pool)
        async with asyncio.timeout_at(deadline):
            if not is_stream(response):
                return error_in(await whole(response, id_, self._limits)) or _not_announced(uri)
            stream = messages(response, self._limits)
            first = await anext(stream, None)
        agreed = b"" if first is None else bytes(first.params().get("notifications", b""))
        if first is None or first.method != _ACKNOWLEDGED or b"resourceSubscriptions" not in agreed:
            await stream.aclose()
            return (error_in(first) if first is not None and first.is_response else None) or _not_announced(uri)
        return _changes(stream)

    async def _heard(self, response: Response) -> AsyncGenerator[str, None]:
        async for change in _changes(messages(response, self._limits)):
            yield change

    def _post(
        self,
        method: str,
        params: Members,
        extra: Sequence[Header],
        deadline: float,
        *,
        name: str | None = None,
        quiet: bool = False,
        pool: HttpPool | None = None,
    ) -> Awaitable[Response]:
        self._last_id += 1
        lines = self._lines + routing_lines(method, params, name)
        return (pool or self._pool).send(
            b"POST",
            self._pool.origin.target,
            lines if not extra else lines + header_lines(besides(self._own, extra)),
            b"%b%d%b%b}" % (_OPENING, self._last_id, _named(method), envelope.encode(params)),
            deadline=deadline,
            replay_safe=method in REPLAY_SAFE,
            quiet=quiet,
        )


_OPENING = b'{"jsonrpc":"2.0","id":'


@functools.lru_cache(maxsize=256)
def _named(method: str) -> bytes:
    """What stands between the id and the params of a request."""
    return b',"method":%b,"params":' % raw(method)


async def _changes(stream: AsyncGenerator[Message, None]) -> AsyncGenerator[str, None]:
    async with aclosing(stream):
        async for message in stream:
            if message.is_response:
                break
            if (change := change_in(message)) is not None:
                yield change


def _not_announced(uri: str) -> RpcError:
    return RpcError(INVALID_PARAMS, "the server announces no changes of this resource", {"uri": uri})
