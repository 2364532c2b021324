"""Whether a process listens yet, asked without anything that takes long to import."""

import asyncio

from .plan import HOST, Process

PAUSE_SECONDS = 0.03
"""Between two questions. Nothing announces that a foreign program listens."""

ANSWER_SECONDS = 2.0


async def until_listening(process: Process) -> None:
    """Wait until `process` accepts connections, and says that it is ready where it can say so."""
    while not await _is_ready(process):  # noqa: ASYNC110 - a foreign program announces nothing that could be awaited
        await asyncio.sleep(PAUSE_SECONDS)


async def _is_ready(process: Process) -> bool:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(HOST, process.port)
            try:
                return process.ready is None or await _answers_200(reader, writer, process)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


async def _answers_200(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, process: Process) -> bool:
    writer.write(f"GET {process.ready} HTTP/1.1\r\nHost: {HOST}:{process.port}\r\nConnection: close\r\n\r\n".encode())
    status = (await reader.readline()).split()
    return len(status) > 1 and status[1] == b"200"
