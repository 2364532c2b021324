"""Peers of real processes, and the end of everything that they started."""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Raw

from mcp_stack_proxy.config import Limits, ServerConfig
from mcp_stack_proxy.upstream.greeting import Greeting
from mcp_stack_proxy.upstream.peer import Call
from mcp_stack_proxy.upstream.stdio_peer import StdioPeer
from mcp_stack_proxy.upstream.stdio_sessions import StdioSessions
from mcp_stack_proxy.upstream.sweep import Sweep
from mcp_stack_proxy.upstream.tasks import Tasks
from mcp_stack_proxy.wire.revisions import Era
from tests.deadlines import SOON
from tests.upstream.processes import members, vanished

PROGRAM = Path(__file__).with_name("stateful.py")


class Kept:
    """A peer under test, what it announced, and the processes that it has had."""

    def __init__(self, config, limits, tasks, sweep):
        self.changed, self.pids = [], set()
        self.config, self.limits, self.tasks, self.sweep = config, limits, tasks, sweep
        self.greeting = Greeting()
        self.peer = self.make(None, None) if config.process.sharing == "shared" else None
        if self.peer is None:
            self.peer = StdioSessions(self.make, config.process.max_sessions, tasks)

    def make(self, call, counters):
        common = self.config, self.limits, self.tasks, self.changed.append, self.sweep
        return StdioPeer("kept", *common, counters=counters, greeting=self.greeting)

    async def ask(self, method, params=None, session=None, seconds=SOON):
        raw = {name: Raw(json.dumps(value).encode()) for name, value in (params or {}).items()}
        deadline = asyncio.get_running_loop().time() + seconds
        answer = await self.peer.call(Call(method, raw, Era.LEGACY, deadline, session=session))
        return json.loads(bytes(answer.value))

    async def tool(self, name="count", session=None, **arguments):
        result = await self.ask("tools/call", {"name": name, "arguments": arguments}, session)
        self.pids.add(result["structuredContent"]["pid"])
        return result["structuredContent"]

    def swept(self, after=0.0, resident=None):
        """As if the sweep came by in `after` seconds."""
        self.peer.swept(resident, asyncio.get_running_loop().time() + after)

    async def until(self, state):
        async with asyncio.timeout(SOON):
            while self.peer.vitals().state is not state:
                await asyncio.sleep(0.01)

    async def until_allowed(self):
        """Until the process may be started again."""
        async with asyncio.timeout(SOON):
            while self.peer.vitals().retry_seconds > 0:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def kept(env=None, sweep_seconds=3600.0, limits=None, **process):
    """A peer of the stateful server, which nobody looks after but the test, unless the sweep is told to be quicker."""
    tasks = Tasks()
    sweep = Sweep(tasks, sweep_seconds)
    config = ServerConfig.model_validate({"command": sys.executable, "args": [str(PROGRAM)], "env": env or {}, "process": process})
    one = Kept(config, Limits.model_validate(limits or {}), tasks, sweep)
    try:
        yield one
    finally:
        sweep.close()
        await asyncio.wait_for(one.peer.aclose(1), SOON)
        await tasks.aclose()
        for pid in one.pids:
            assert await vanished(pid)
            assert members(pid) == []
