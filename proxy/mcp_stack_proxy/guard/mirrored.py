"""A server whose tools have arguments repeated in headers: made on our own way to it, checked where clients have made them.

A relayed client does all of that with the server itself.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import msgspec
from msgspec import Raw

from ..catalog.kinds import TOOLS
from ..errors import UpstreamError
from ..upstream.around import PeerAround
from ..upstream.peer import Answer, Call, Parts, Peer, Reply
from ..wire.envelope import Members, encode, members_of, objects_of, string_of
from ..wire.errors import HEADER_MISMATCH
from ..wire.headers import PARAM_PREFIX
from ..wire.mirrored import ANNOTATION, Mirror, NotMirrorable, check, made, mirrors_of
from ..wire.revisions import Era

log = logging.getLogger(__name__)

RELIST_SECONDS = 5.0
"""Least time between two looks at the list because the server missed a header: it may always say so."""

_MISMATCH = b"%d" % HEADER_MISMATCH


class MirroredPeer(PeerAround):
    """A Peer that knows by its list which arguments headers repeat."""

    def __init__(self, name: str, peer: Peer, relist: Callable[[float], Awaitable[object]], *, over_http: bool) -> None:
        """`relist` has the list of tools fetched, which comes by here; `over_http`: there are headers on the way to the server."""
        self._name = name
        super().__init__(peer)
        self._relist = relist
        self._over_http = over_http
        self._mirrors: dict[str, tuple[Mirror, ...]] = {}
        self._listed = not over_http  # others need no headers: they are not asked for a list on this account
        self._relist_at = 0.0
        self._refused: dict[str, str] = {}

    def call(self, call: Call) -> Awaitable[Reply]:
        """See Peer."""
        if call.method == "tools/call" and (self._over_http or self._mirrors):
            return self._called(call)
        return self._page(call) if call.method == TOOLS.method else self._peer.call(call)

    async def _called(self, call: Call) -> Reply:
        """A call with its headers. What the server refuses for them is sent again, by the list as it is now: it had no effect.

        A client that makes them itself does that itself, too, and finds the list as it is now.
        """
        if not self._listed and not call.mirrors and (await self._peer.hello(call.deadline)).era is Era.MODERN:
            await self._learn(call.deadline)
        if self._mirrors and (mirrors := self._of(call)):
            if call.mirrors:
                check(mirrors, call.params.get("arguments"), call.headers)
            elif self._over_http:
                call = _with_headers(call, mirrors)
        reply = await self._peer.call(call)
        if not isinstance(reply, Answer) or not reply.is_error or not self._over_http or not _is_mismatch(reply):
            return reply
        now = asyncio.get_running_loop().time()
        if now < self._relist_at:
            return reply
        self._relist_at = now + RELIST_SECONDS
        await self._learn(call.deadline)
        if call.mirrors:
            return reply
        again = _with_headers(call, self._of(call))
        return reply if list(again.headers) == list(call.headers) else await self._peer.call(again)

    def _of(self, call: Call) -> tuple[Mirror, ...]:
        return self._mirrors.get(call.tool or "", ())

    async def _learn(self, deadline: float) -> None:
        try:
            await self._relist(deadline)
        except UpstreamError as fault:  # the call says itself what is wrong with the server
            log.info("server %s: its tools are unknown, so are the headers of their calls: %s", self._name, fault.message)
        self._listed = True

    async def _page(self, call: Call) -> Reply:
        reply = await self._peer.call(call)
        strict = self._over_http and (await self._peer.hello(call.deadline)).era is Era.MODERN
        return self._seen(reply, strict=strict) if isinstance(reply, Answer) else self._parts(reply, strict=strict)

    async def _parts(self, reply: Parts, *, strict: bool) -> Parts:
        async with aclosing(reply) as parts:
            async for part in parts:
                yield self._seen(part, strict=strict) if isinstance(part, Answer) else part

    def _seen(self, answer: Answer, *, strict: bool) -> Answer:
        """The page, learnt from. A client over HTTP leaves tools with annotations that are not allowed out of it (`strict`)."""
        if answer.is_error:
            return answer
        text = bytes(answer.value)
        self._listed = self._listed or b'"nextCursor"' not in text
        if not self._mirrors and ANNOTATION.encode() not in text:
            return answer
        try:
            result = members_of(answer.value)
            tools = objects_of(result[TOOLS.member])
        except (KeyError, msgspec.DecodeError):
            return answer  # whoever needs the list says what is wrong with it
        seen = [tool for tool in tools if self._take(tool) or not strict]
        return answer if len(seen) == len(tools) else Answer(Raw(encode({**result, TOOLS.member: seen})))

    def _take(self, tool: Members) -> bool:
        """Whether the annotations of `tool`, which are remembered, are allowed."""
        name = string_of(tool.get(TOOLS.key)) or ""
        self._mirrors.pop(name, None)
        try:
            mirrors = mirrors_of(tool.get("inputSchema", Raw(b"{}")))
        except NotMirrorable as why:
            if self._refused.get(name) != str(why):
                self._refused[name] = str(why)
                log.warning("server %s: tool %r is left out: %s", self._name, name, why)
            return False
        if mirrors:
            self._mirrors[name] = mirrors
        return True


def _with_headers(call: Call, mirrors: tuple[Mirror, ...]) -> Call:
    """The call with the headers that repeat its arguments. Those that nobody here knows stay."""
    names = {mirror.header for mirror in mirrors}
    others = [header for header in call.headers if header[0] not in names or not header[0].startswith(PARAM_PREFIX)]
    return call.with_headers([*others, *made(mirrors, call.params.get("arguments"))])


def _is_mismatch(answer: Answer) -> bool:
    try:
        return bytes(members_of(answer.value).get("code", b"")) == _MISMATCH
    except msgspec.DecodeError:
        return False
