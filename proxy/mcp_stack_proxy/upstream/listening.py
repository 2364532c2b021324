"""Hearing of changed lists: a stream that is opened again when it ends, with growing pauses."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress

from msgspec import DecodeError, Raw

from ..errors import Reason, UpstreamError
from ..wire.envelope import members_of
from .peer import Changed, Hello

KINDS = ("tools", "prompts", "resources")
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
LIVED = 30.0
"""Seconds after which a stream counts as one that worked, so that its end is no reason to wait longer."""


def announced(hello: Hello) -> list[str]:
    """Kinds of lists whose changes the server says it announces."""
    return [kind for kind in KINDS if _flag(hello.capabilities.get(kind))]


async def listen(
    open_: Callable[[], Awaitable[AsyncGenerator[str, None]]],
    kinds: Sequence[str],
    changed: Changed,
    meet: Callable[[], Awaitable[object]],
) -> None:
    """Report changes until cancelled, or until the server says at the first attempt that it has no such stream.

    After a gap all `kinds` count as changed: what happened meanwhile went unheard. A server that had such a stream and has none any
    more is another one, and `meet` makes its acquaintance (and cancels this, where it succeeds).
    """
    loop = asyncio.get_running_loop()
    pause = FIRST_PAUSE
    opened = False
    while True:
        begun = loop.time()
        try:
            stream = await open_()
            if opened:
                for kind in kinds:
                    changed(kind)
            opened = True
            async with aclosing(stream):
                async for kind in stream:
                    changed(kind)
        except UpstreamError as error:
            if error.reason is Reason.UNSUPPORTED:
                if not opened:
                    return
                with suppress(UpstreamError):
                    await meet()
        if loop.time() - begun >= LIVED:
            pause = FIRST_PAUSE
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load, guards nothing
        pause = min(pause * 2, LONGEST_PAUSE)


def _flag(capability: Raw | None) -> bool:
    try:
        return capability is not None and members_of(capability).get("listChanged") == Raw(b"true")
    except DecodeError:
        return False
