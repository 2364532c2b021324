"""What a client sees: whether a server's tools can be listed through the gateway, and which revision the server itself speaks."""

import asyncio
import importlib
import logging
from typing import Any, cast

from ..spec import GATEWAY
from .board import Board, State
from .client import client_of
from .plan import Process

AGAIN_SECONDS = 10.0
"""Between two looks at a server that is ready."""

SOON_SECONDS = 0.25
"""Between two looks at one that is not."""

LOOK_SECONDS = 40.0
"""For one look; longer than the gateway waits for a list (`limits.discovery_seconds`), since its answer explains more."""


async def inspect(name: str, board: Board, gateway: Process, own: Process | None) -> None:
    """Keep the row of server `name` up to date, until cancelled. `own`: its process, where it runs here."""
    route = f"http://127.0.0.1:{gateway.port}/servers/{name}/mcp"
    await load_client()
    while True:
        await board.until(lambda board: _can_be_asked(board, name, own))
        pid = board[name].pid
        found: dict[str, Any]
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                tools = await _count_tools(route, gateway.key)
                revision = board[name].revision or ("" if own is None else await _revision(own.url))
        except TimeoutError:
            found = {"state": State.FAILING, "reason": f"no list of tools within {LOOK_SECONDS:g} s", "tools": None}
        except Exception as error:
            found = {"state": State.FAILING, "reason": reason_of(error), "tools": None}
        else:
            found = {"state": State.READY, "reason": "", "tools": tools, "revision": revision}
        end_if_cancelled()
        if board[name].pid == pid and _can_be_asked(board, name, own):
            board.update(name, **found)
        await _pause(board, name, pid, AGAIN_SECONDS if found["state"] is State.READY else SOON_SECONDS)


async def load_client() -> None:
    """Import the SDK aside: it takes as long as a server's whole start."""
    await asyncio.to_thread(importlib.import_module, "mcp")
    for name in ("mcp", "httpx2"):  # what they log is reported here as a finding
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def end_if_cancelled() -> None:
    """CancelledError if this task was told to end: the SDK may turn a cancellation into an error of its streams, which hides it."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def reason_of(error: BaseException) -> str:
    """The first cause in words: the SDK wraps it in groups, one for each of its tasks."""
    cause: BaseException = error
    while isinstance(cause, BaseExceptionGroup):
        cause = cast("BaseExceptionGroup[BaseException]", cause).exceptions[0]
    return " ".join(str(cause).split()) or type(cause).__name__


def _can_be_asked(board: Board, name: str, own: Process | None) -> bool:
    row = board[name]
    listens = own is None or (row.pid is not None and row.state is not State.STARTING)
    return listens and board[GATEWAY].state is State.READY


async def _count_tools(url: str, key: str | None) -> int:
    async with client_of(url, key) as client:
        page = await client.list_tools()
        count = len(page.tools)
        while page.next_cursor is not None:
            page = await client.list_tools(cursor=page.next_cursor)
            count += len(page.tools)
        return count


async def _revision(url: str) -> str:
    async with client_of(url, None) as client:
        return client.protocol_version


async def _pause(board: Board, name: str, pid: int | None, seconds: float) -> None:
    """Wait, but no longer than its process lives."""
    try:
        async with asyncio.timeout(seconds):
            await board.until(lambda board: board[name].pid != pid)
    except TimeoutError:
        return
