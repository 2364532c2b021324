"""Real processes of one proxy, and a balancer in front that gives each request to the next of them."""

import asyncio
import json
import os
from contextlib import AsyncExitStack, asynccontextmanager

from tests.conformance.balancer import balancing
from tests.ports import reserved
from tests.serve.running import SOON, until
from tests.serve.test_process import CLI, Process, environment


def write_keys(path, *keys, age=1e6):
    """As an atomic writer does, which a mounted Secret has; long ago, so that the newest key seals at once."""
    new = path.with_suffix(".new")
    new.write_text("".join(f"{key}\n" for key in keys))
    written = new.stat().st_mtime - age
    os.utime(new, (written, written))
    new.replace(path)


class Replica:
    """One process, which can be stopped and started again at its address."""

    def __init__(self, directory, config, keys, port):
        self.port = port
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.address}"
        self.process = None
        self._file = directory / f"{self.port}.json"
        self._file.write_text(json.dumps({**config, "sessions": {"keys": str(keys), "advertise": self.address}}))

    async def start(self):
        arguments = ["serve", "--config", str(self._file), "--listen", self.address]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*CLI, *arguments, stderr=pipe, env=environment())
        self.process = Process(process, self.url)
        self._following = asyncio.create_task(self.process.follow())
        lines = self.process.lines
        await until(lambda: any("serving" in line for line in lines), lambda: lines)

    async def kill(self):
        if self.process.process.returncode is None:
            self.process.process.kill()
        await self.process.process.wait()
        await self._following

    async def restart(self):
        await self.kill()
        await self.start()

    def mcp(self, server=None):
        return f"{self.url}/mcp" if server is None else f"{self.url}/servers/{server}/mcp"


class Balanced:
    """Replicas in a row, and the address in front of them."""

    def __init__(self, replicas, url):
        self.replicas = replicas
        self.url = url

    def mcp(self, server=None):
        return f"{self.url}/mcp" if server is None else f"{self.url}/servers/{server}/mcp"


@asynccontextmanager
async def balanced(directory, config, keys, count=2):
    """`count` processes of one configuration, behind a balancer."""
    async with AsyncExitStack() as stack:
        replicas = [Replica(directory, config, keys, stack.enter_context(reserved())) for _ in range(count)]
        for replica in replicas:
            await replica.start()
            stack.push_async_callback(replica.kill)
        url = await stack.enter_async_context(balancing([replica.url for replica in replicas]))
        yield Balanced(replicas, url)


async def soon(awaitable):
    """`awaitable` within SOON seconds."""
    async with asyncio.timeout(SOON):
        return await awaitable
