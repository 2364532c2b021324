"""A message answered elsewhere than in a response of its own: served as if it had one, what is said to it goes to a sink."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from ..wire.envelope import Message
from ..wire.errors import RpcError
from .asgi import Header, Request, Scope


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
    sent = _Sending(sink)
    alone = replace(request, send=sent)
    try:
        await front.handle(alone, message)
    except RpcError as error:
        if message.id is not None:
            await sink.answer(error.body(message.id))


class _Sending:
    """ASGI's send for one message."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._streaming = False

    async def __call__(self, event: Scope) -> None:
        if event["type"] == "http.response.start":
            headers: Iterable[Header] = event["headers"]
            self._streaming = any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in headers)
            return
        body: bytes = event.get("body", b"")
        if not self._streaming:
            if body:
                await self._sink.answer(body)
        elif body:
            await self._sink.events(body)
