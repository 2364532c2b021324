"""A modern server over HTTP: every call is a request of its own, cancelled by closing its connection."""

import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from msgspec import Raw

from ..config import Limits
from ..errors import Reason, UpstreamError
from ..wire import envelope
from ..wire.bridge import meta_of
from ..wire.envelope import Members, Message
from ..wire.revisions import LATEST_MODERN, MODERN, REPLAY_SAFE, Era
from .bridging import LIST_CHANGED, answer_for, notification_for, params_for, unchanged
from .handshake import discover_params, hello_of_discover, listen_params, supported_versions
from .http import HttpPool, Response
from .http_exchange import Header, SessionLost, answer, besides, broke_off, is_stream, messages, modern_headers, stream_of, whole
from .peer import Call, Hello, Parts, Reply

_KNOWS_NO_BETTER = (500, 501)
"""Statuses of legacy servers that fall over a request without handshake."""


class ModernHttp:
    """Calls and listening for one server; keeps no state but the last id."""

    def __init__(self, pool: HttpPool, own: Sequence[Header], limits: Limits) -> None:
        self._pool = pool
        self._own = own
        self._limits = limits
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

    async def call(self, call: Call) -> Reply:
        """See Peer."""
        params = params_for(call, Era.MODERN)
        id_ = self._last_id + 1
        response = await self._post(call.method, params, call.headers, call.deadline)
        if is_stream(response):
            return self._parts(call, response, meta_of(params).get("progressToken"))
        return answer_for(call, Era.MODERN, await whole(response, id_, self._limits))

    async def _parts(self, call: Call, response: Response, token: Raw | None) -> Parts:
        as_it_comes = call.era is Era.MODERN
        async with aclosing(messages(response, self._limits)) as stream:
            async for message in stream:
                if message.is_response:
                    yield answer_for(call, Era.MODERN, message)
                    return
                notification = unchanged(message) if as_it_comes else notification_for(call, message, token)
                if notification is not None:
                    yield notification
        raise broke_off()

    async def changes(self, kinds: Sequence[str]) -> AsyncGenerator[str, None]:
        """Kinds of lists as they change, while the stream lasts (2026-07-28, basic/patterns/subscriptions)."""
        response = await self._post("subscriptions/listen", listen_params(kinds), (), math.inf, quiet=True)
        return self._heard(stream_of(response))

    async def _heard(self, response: Response) -> AsyncGenerator[str, None]:
        async with aclosing(messages(response, self._limits)) as stream:
            async for message in stream:
                if message.is_response:
                    break
                if message.method in LIST_CHANGED:
                    yield LIST_CHANGED[message.method]

    async def _post(
        self, method: str, params: Members, extra: Sequence[Header], deadline: float, *, quiet: bool = False
    ) -> Response:
        self._last_id += 1
        return await self._pool.send(
            b"POST",
            self._pool.origin.target,
            [*modern_headers(self._own, LATEST_MODERN, method, params), *besides(self._own, extra)],
            envelope.request(self._last_id, method, params),
            deadline=deadline,
            replay_safe=method in REPLAY_SAFE,
            quiet=quiet,
        )
