"""A server within its own limits: calls wait for their turn, and have the time that this server gets."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from typing import Any

from ..config import ServerLimits
from ..upstream.around import PeerAround
from ..upstream.peer import Answer, Call, Part, Parts, Peer, Reply
from .gate import CALLS, Gate


class LimitedPeer(PeerAround):
    """A Peer that passes no more calls at a time than `gate` lets in, each with `request_seconds` from now."""

    def __init__(self, peer: Peer, gate: Gate | None, request_seconds: float | None) -> None:
        super().__init__(peer)
        self._gate = gate
        self._request_seconds = request_seconds

    def call(self, call: Call) -> Awaitable[Reply]:
        """See Peer. The endpoint of all servers does not know yet how long a call may take: its time is set here."""
        if call.method not in CALLS:
            return self._peer.call(call)
        if self._request_seconds is not None:
            call = call.with_params(call.params, asyncio.get_running_loop().time() + self._request_seconds)
        return self._peer.call(call) if self._gate is None else self._let_in(call, self._gate)

    async def _let_in(self, call: Call, gate: Gate) -> Reply:
        if (turn := gate.enter(call.deadline)) is not None:
            await turn
        try:
            reply = await self._peer.call(call)
        except BaseException:
            gate.leave()
            raise
        if isinstance(reply, Answer):
            gate.leave()
            return reply
        return _Held(reply, gate)


class _Held(AsyncGenerator[Part, None]):
    """Parts of a call that has a place, up to the answer. No generator of ours: one that is never begun has no end, either."""

    def __init__(self, parts: Parts, gate: Gate) -> None:
        self._parts = parts
        self._gate: Gate | None = gate

    async def asend(self, value: None) -> Part:
        try:
            part = await self._parts.asend(value)
        except BaseException:
            self._leave()
            raise
        if isinstance(part, Answer):
            self._leave()
        return part

    async def athrow(self, *fault: Any) -> Part:
        try:
            return await self._parts.athrow(*fault)
        except BaseException:
            self._leave()
            raise

    async def aclose(self) -> None:
        try:
            await self._parts.aclose()
        finally:
            self._leave()

    def _leave(self) -> None:
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.leave()


def limited(peer: Peer, limits: ServerLimits | None, gate: Gate | None) -> Peer:
    """`peer` within `limits`; itself where they ask for nothing of what is done here."""
    seconds = None if limits is None else limits.request_seconds
    return peer if gate is None and seconds is None else LimitedPeer(peer, gate, seconds)
