"""Servers as processes of their own, started on a port that the system picks, and surely ended."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ADDRESS = re.compile(r"http://(127\.0\.0\.1:\d+)")
_START_SECONDS = 60
_STOP_SECONDS = 15


@asynccontextmanager
async def serving(*command: str | Path) -> AsyncIterator[str]:
    """Runs `command`; the value is `http://127.0.0.1:PORT` as the server printed it."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True
    )
    said: list[str] = []
    reader = None
    try:
        async with asyncio.timeout(_START_SECONDS):
            address = await _address(process, said)
            await _accepts(address)
        reader = asyncio.get_running_loop().create_task(_drain(process, said))
        yield address
    except TimeoutError:
        raise AssertionError(f"{command[0]} printed no address in {_START_SECONDS} s; it said:\n{''.join(said)}") from None
    finally:
        await _stop(process)
        if reader is not None:
            await reader


def endpoint(address: str) -> tuple[str, int]:
    """Host and port of `http://HOST:PORT`."""
    host, _, port = address.removeprefix("http://").partition(":")
    return host, int(port)


async def _address(process: asyncio.subprocess.Process, said: list[str]) -> str:
    assert process.stdout
    while line := await process.stdout.readline():
        said.append(line.decode(errors="replace"))
        if match := ADDRESS.search(said[-1]):
            return f"http://{match[1]}"
    raise AssertionError(f"the server ended before it listened; it said:\n{''.join(said)}")


async def _accepts(address: str) -> None:
    """A server may say where it listens a moment before it does."""
    while True:
        try:
            _, writer = await asyncio.open_connection(*endpoint(address))
        except ConnectionRefusedError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return


async def _drain(process: asyncio.subprocess.Process, said: list[str]) -> None:
    """Keeps the pipe empty, so that a talkative server is never blocked by it."""
    assert process.stdout
    while line := await process.stdout.readline():
        said.append(line.decode(errors="replace"))


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
