"""A batch of 2025-03-26, answered: its messages are at work at once, and their answers share one response."""

import asyncio

from ..wire.envelope import Message
from ..wire.errors import RpcError
from ..wire.sse import frame
from .funnel import funnel
from .http import JSON, Request
from .legacy import LegacyFront
from .reply import STREAM


async def answer_batch(front: LegacyFront, request: Request, messages: list[Message | RpcError]) -> None:
    """One array of answers; a stream as soon as something comes before them or they take long; 202 where nothing is answered."""
    response = _Response(request)
    try:
        async with asyncio.TaskGroup() as group:
            for message in messages:
                if isinstance(message, RpcError):
                    await response.answer(message.body(None))
                else:
                    group.create_task(funnel(front, request, message, response))
    finally:
        await response.end()


class _Response:
    """See Sink. Answers are kept until it is clear that nothing else has to be said."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._answers: list[bytes] = []
        self._streaming = False
        self._turn = asyncio.Lock()

    async def answer(self, message: bytes) -> None:
        if self._streaming:
            await self.events(frame(message))
        else:
            self._answers.append(message)

    async def events(self, frames: bytes) -> None:
        async with self._turn:
            if not self._streaming:
                self._streaming = True
                frames = b"".join(map(frame, self._answers)) + frames
                await self._request.begin(STREAM, frames)
            else:
                await self._request.out.part(frames)

    async def end(self) -> None:
        if self._streaming:
            await self._request.out.end(b"")
        elif self._answers:
            await self._request.respond(200, b"[" + b",".join(self._answers) + b"]", [JSON])
        else:
            await self._request.respond(202)
