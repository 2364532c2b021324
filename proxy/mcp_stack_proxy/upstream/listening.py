"""Hearing of changed lists: a stream that is opened again when it ends, with growing pauses."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable

from msgspec import DecodeError, Raw

from ..errors import Reason, UpstreamError
from ..wire.envelope import members_of
from .peer import Changed, Hello

KINDS = ("tools", "prompts", "resources")
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_LIVED = 30.0
"""Seconds after which a stream counts as one that worked, so that its end is no reason to wait longer."""


def announced(hello: Hello) -> list[str]:
    """Kinds of lists whose changes the server says it announces."""
    return [kind for kind in KINDS if _flag(hello.capabilities.get(kind))]


async def listen(open_: Callable[[], AsyncIterator[str]], changed: Changed) -> None:
    """Report changes until cancelled, or until the server says that it has no such stream.

    After a gap everything counts as changed: what happened meanwhile went unheard.
    """
    loop = asyncio.get_running_loop()
    pause = _FIRST_PAUSE
    while True:
        begun = loop.time()
        try:
            async for kind in open_():
                changed(kind)
        except UpstreamError as error:
            if error.reason is Reason.UNSUPPORTED:
                return
        if loop.time() - begun >= _LIVED:
            pause = _FIRST_PAUSE
            for kind in KINDS:
                changed(kind)
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load, guards nothing
        pause = min(pause * 2, _LONGEST_PAUSE)


def _flag(capability: Raw | None) -> bool:
    try:
        return capability is not None and members_of(capability).get("listChanged") == Raw(b"true")
    except DecodeError:
        return False
