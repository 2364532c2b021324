"""A process that serves the client who started it, on standard input and output, and ends when that client closes its side."""

import asyncio
import logging
import os
import signal

import uvloop

from ..config import ProxyConfig
from ..observe.health import Health
from ..observe.pages import pages
from ..upstream.tasks import Tasks
from ..wire.errors import INVALID_REQUEST, RpcError
from .gateway import Gateway
from .management import ManagementPort
from .process import bind, child_seconds
from .sse_client import MAX_CALLS
from .standard_streams import Lines, Printer, TooLong
from .stdio_front import StdioFront

log = logging.getLogger(__name__)


def run(config: ProxyConfig) -> None:
    """Serve all servers of `config` as one until standard input ends, or SIGTERM or SIGINT."""
    source, target = _private_streams()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(config, source, target))


async def serve(config: ProxyConfig, source: int, target: int) -> None:
    """As `run`, with any two descriptors."""
    gateway = Gateway(config, "serve:stdio")
    gateway.begin()
    _, back = pages(Health(len(config.servers), gateway), gateway.metrics(), apart=True)
    management = ManagementPort(back.open)
    lines, printer = Lines(source, config.limits.max_body_bytes, MAX_CALLS), Printer(target)
    modern, legacy = gateway.fronts()
    front = StdioFront(modern, legacy, gateway.tasks, printer.line)
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    log.info("serving %d servers on standard input and output", len(config.servers))
    watching, work = Tasks(), Tasks()
    ends = {
        watching.spawn(_read(lines, front, work, config.limits.max_body_bytes), "read standard input"),
        watching.spawn(ending.wait(), "a signal"),
        watching.spawn(printer.gone.wait(), "a client that does not read"),
    }
    drain, children = config.limits.drain_seconds, child_seconds(config.limits.drain_seconds)
    try:
        if config.management is not None:
            await management.open(bind(config.management.listen, "management.listen"))
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        await watching.aclose()
        log.info("draining: requests in flight get %g s", drain - children)
        gateway.streams.close()
        await work.finished(drain - children)
    finally:
        await work.aclose()
        await gateway.aclose(children)
        await management.aclose()
        await _flushed(printer)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _read(lines: Lines, front: StdioFront, work: Tasks, limit: int) -> None:
    async for line in lines:
        if isinstance(line, TooLong):
            answer = front.refuse(RpcError(INVALID_REQUEST, f"the line exceeds {limit} bytes (limits.max_body_bytes)"))
        else:
            answer = front.handle(line)
        work.spawn(answer, "a line").add_done_callback(lambda _: lines.done())


async def _flushed(printer: Printer) -> None:
    try:
        async with asyncio.timeout(1):
            await printer.flush()
    except TimeoutError:
        log.warning("the client does not read what it was answered")


def _private_streams() -> tuple[int, int]:
    """Standard input and output for the protocol alone: whatever else is printed in this process goes to standard error."""
    source, target = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return source, target
