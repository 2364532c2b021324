"""A message answered elsewhere than in a response of its own: served as if it had one, what is said to it goes to a sink."""

from collections.abc import Sequence
from typing import Protocol

from msgspec.structs import replace

from ..wire.envelope import Message
from ..wire.errors import RpcError
from .http import Header, Request


class Sink(Protocol):
    """Takes what is said to one message."""

    async def answer(self, message: bytes) -> None:
        """The answer, as JSON."""
        ...

    async def events(self, frames: bytes) -> None:
        """Events, as they go on a stream: notifications, then the answer; a comment while there is nothing to say."""
        ...


class Front(Protocol):
    """Answers messages."""

    async def handle(self, request: Request, message: Message) -> None:
        """Answer `message`, which came with `request`; RpcError for what is wrong with it."""
        ...


async def funnel(front: Front, request: Request, message: Message, sink: Sink) -> None:
    """Answer `message`, which came with `request`, into `sink`."""
    try:
        await front.handle(replace(request, out=_Funnelled(sink)), message)
    except RpcError as error:
        if message.id is not None:
            await sink.answer(error.body(message.id))


class _Funnelled:
    """See Responder: the response to one message."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def whole(self, status: int, headers: Sequence[Header], body: bytes) -> None:
        if body:
            await self._sink.answer(body)

    async def begin(self, status: int, headers: Sequence[Header], first: bytes) -> None:
        await self.part(first)

    async def part(self, data: bytes) -> None:
        if data:
            await self._sink.events(data)

    async def end(self, last: bytes) -> None:
        await self.part(last)
