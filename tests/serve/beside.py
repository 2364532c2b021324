"""A bad server beside a good one: what is told of the bad one, while the good one's calls go on."""

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager

from tests.serve.asking import LegacyAsker, ModernAsker, http
from tests.serve.running import hosted, running
from tests.serve.scripted import Scripted
from tests.serve.wire import speaking

MESSAGE_BYTES = 200_000
PROMPT_SECONDS = 0.8
"""Less than the second for which a bad server is waited at least. A call shares the loop with parts of a flood, which take their
time on a slow machine."""
UNREACHABLE, TIMEOUT, INVALID, REFUSED, SILENT, DISCOVERY_TIMEOUT = -31001, -31002, -31003, -31004, -31013, -31015
REASONS = {
    UNREACHABLE: "upstream-unreachable",
    TIMEOUT: "upstream-timeout",
    SILENT: "upstream-silent",
    DISCOVERY_TIMEOUT: "upstream-discovery-timeout",
    INVALID: "upstream-invalid",
    REFUSED: "upstream-refused",
}


class OwnTime:
    """Seconds of this process: those of its work, and those that it has waited, as far as its loop was free to count them. What the
    machine gives to others is none of them."""

    def __init__(self):
        self._turns = 0

    async def count(self):
        while True:
            await asyncio.sleep(0.01)
            self._turns += 1

    def since(self, begun):
        """The longer of the two since `now()` said `begun`."""
        return max(now - then for now, then in zip(self.now(), begun, strict=True))

    def now(self):
        return time.process_time(), self._turns * 0.01


@asynccontextmanager
async def beside(bad, **limits):
    """A gateway with `bad` (a configuration or a talk, with `limits` of its own) and a good server, whose calls go on all the time,
    promptly."""
    async with AsyncExitStack() as stack:
        if not isinstance(bad, dict):
            bad = {"url": await stack.enter_async_context(speaking(bad))}
        if limits:
            bad = {**bad, "limits": limits}
        good = Scripted("modern", tools_call={"content": []}, tools_list={"tools": [{"name": "t"}]})
        servers = {"good": {"url": await stack.enter_async_context(hosted(good))}, "bad": bad}
        gateway = await stack.enter_async_context(running(servers, limits={"max_message_bytes": MESSAGE_BYTES}))
        client = await stack.enter_async_context(http())
        asker = ModernAsker(client, gateway.mcp())
        stop, own, longest, calls = asyncio.Event(), OwnTime(), 0.0, 0

        async def keep_calling():
            nonlocal longest, calls
            while not stop.is_set():
                begun = own.now()
                await asker.result("tools/call", {"name": "good__t"})
                longest, calls = max(longest, own.since(begun)), calls + 1
                await asyncio.sleep(0.005)

        await asker.result("tools/call", {"name": "good__t"})
        counting, calling = asyncio.create_task(own.count()), asyncio.create_task(keep_calling())
        try:
            yield gateway, client
        finally:
            stop.set()
            await calling
            counting.cancel()
        assert calls
        assert longest < PROMPT_SECONDS, "the good server's calls had to wait for the bad one"


async def failing(gateway, client, era, route, name="t"):
    """The error of a call to the bad server, or of the handshake that comes before it."""
    url = gateway.mcp("bad" if route == "one" else None)
    params = {"name": f"bad__{name}" if route == "all" else name}
    if era == "modern":
        return await ModernAsker(client, url).error("tools/call", params)
    asker = LegacyAsker(client, url)
    if route == "all":
        await asker.begin()
        return await asker.error("tools/call", params)
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
    return await asker.error("initialize", hello)


def assert_told(error, code, message, retryable=None):
    assert error["message"].startswith(f"server 'bad': {message}"), error
    assert error["code"] == code
    assert error["data"]["reason"] == REASONS[code]
    assert error["data"]["server"] == "bad"
    assert set(error["data"]) <= {"reason", "server", "retryable", "hint"}
    assert isinstance(error["data"]["retryable"], bool)
    if retryable is not None:
        assert error["data"]["retryable"] is retryable
    for secret in ("127.0.0.1", "10.0.0.1", "/srv", "internal", "http://"):
        assert secret not in str(error)
