"""The proxy on pipes, as a desktop client starts it, spoken to line by line."""

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from tests.serve.asking import META
from tests.serve.running import SOON

HERE = Path(__file__).parent
BY_HAND = {"command": sys.executable, "args": [str(HERE / "legacy_stdio.py")]}
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
COMMAND = [sys.executable, "-m", "mcp_stack_proxy.cli", "serve", "--stdio"]
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}


class Printed:
    """One client. What comes that answers nothing is in `heard`."""

    def __init__(self, process):
        self.process = process
        self.heard = []
        self._ids = count(1)

    def say(self, message):
        self.process.stdin.write((message if isinstance(message, bytes) else json.dumps(message).encode()) + b"\n")

    def begin(self, method, params=None, modern=False):
        """Send a request, and return its id."""
        id_ = next(self._ids)
        params = {**(params or {}), **({"_meta": META} if modern else {})}
        self.say({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})
        return id_

    def notify(self, method, params=None):
        self.say({"jsonrpc": "2.0", "method": method, "params": params or {}})

    async def line(self):
        return json.loads(await asyncio.wait_for(self.process.stdout.readline(), SOON))

    async def answer(self, id_):
        """The answer to request `id_`."""
        while True:
            message = await self.line()
            if isinstance(message, dict) and message.get("id") == id_ and "method" not in message:
                return message
            self.heard.append(message)

    async def ask(self, method, params=None, modern=False):
        message = await self.answer(self.begin(method, params, modern))
        return message.get("result", message.get("error"))

    async def greet(self, version="2025-11-25"):
        answer = await self.ask("initialize", {**HELLO, "protocolVersion": version})
        self.notify("notifications/initialized")
        return answer

    async def close(self):
        """End of input; the exit code."""
        self.process.stdin.close()
        return await asyncio.wait_for(self.process.wait(), SOON)

    async def rest(self):
        """Everything that is still to be read."""
        return (await asyncio.wait_for(self.process.stdout.read(), SOON)).splitlines()


@asynccontextmanager
async def printed(tmp_path, servers=None, **config):
    """The proxy with `servers`, by default one written by hand after a legacy revision."""
    path = tmp_path / "servers.json"
    path.write_text(json.dumps({"servers": servers or {"hand": BY_HAND}, **config}))
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "--config",
        str(path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=ENVIRONMENT,
        limit=2**24,
    )
    try:
        yield Printed(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
