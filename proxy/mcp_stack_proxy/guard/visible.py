"""A server without the tools that clients do not get: its list of tools, page by page, loses them."""

from collections.abc import Awaitable
from contextlib import aclosing

import msgspec
from msgspec import Raw

from ..catalog.kinds import TOOLS
from ..errors import Reason, UpstreamError
from ..upstream.around import PeerAround
from ..upstream.peer import Answer, Call, Parts, Peer, Reply
from ..wire.envelope import encode, members_of, objects_of, string_of
from .selection import Selection


class VisiblePeer(PeerAround):
    """A Peer that lists the tools of `selection` alone. Calls pass: whoever checks them goes by the list (see GuardedPeer)."""

    def __init__(self, peer: Peer, selection: Selection) -> None:
        super().__init__(peer)
        self._selection = selection

    def call(self, call: Call) -> Awaitable[Reply]:
        """See Peer."""
        return self._page(call) if call.method == TOOLS.method else self._peer.call(call)

    async def _page(self, call: Call) -> Reply:
        reply = await self._peer.call(call)
        return self._filtered(reply) if isinstance(reply, Answer) else self._parts(reply)

    async def _parts(self, reply: Parts) -> Parts:
        async with aclosing(reply) as parts:
            async for part in parts:
                yield self._filtered(part) if isinstance(part, Answer) else part

    def _filtered(self, answer: Answer) -> Answer:
        """The page without hidden tools. What cannot be read is not passed on: it might name them."""
        if answer.is_error:
            return answer
        try:
            result = members_of(answer.value)
            tools = objects_of(result[TOOLS.member])
        except (KeyError, msgspec.DecodeError):
            raise UpstreamError(Reason.INVALID, f"answers {TOOLS.method} without {TOOLS.member}") from None
        seen = [tool for tool in tools if (name := string_of(tool.get(TOOLS.key))) is not None and self._selection.admits(name)]
        return answer if len(seen) == len(tools) else Answer(Raw(encode({**result, TOOLS.member: seen})))
