"""A proxy with five servers, and bad weather: three of them are killed, stalled and started again, two must never notice."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import cycle
from pathlib import Path
from random import Random

import yaml

from tests.deadlines import SOON
from tests.ports import Reserved
from tests.soak.client import Place
from tests.soak.vitals import children

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SHORT = {"connect_seconds": 2, "exchange_seconds": 5, "request_seconds": 8, "discovery_seconds": 4}
STALL_SECONDS = 7.0
"""Above the limit on silence, so that a stalled server costs its callers a deadline."""
CALM_SECONDS = (1.0, 5.0)
"""Between two blows to one server, at least and at most."""

HTTP = {"steady-modern": "modern", "shaky-modern": "modern", "shaky-legacy": "legacy"}
STDIO = {"steady-stdio": "modern", "shaky-stdio": "legacy"}

WEATHER = {"shaky-modern": ("stall", "kill", "kill"), "shaky-legacy": ("kill", "kill", "stall"), "shaky-stdio": ("kill",)}
"""Blows in turn, so that the shortest run has some of each kind, however slow the machine."""


def places() -> list[Place]:
    """Every server by itself and among the others."""
    names = [*HTTP, *STDIO]
    alone = [Place(f"/servers/{name}/mcp", "", name.startswith("shaky")) for name in names]
    return alone + [Place("/mcp", f"{name}__", name.startswith("shaky")) for name in names]


class World:
    """The processes, by name."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.tasks_file = directory / "tasks.json"
        self._reserved = {name: Reserved() for name in (*HTTP, "proxy")}
        self.ports = {name: self._reserved[name].port for name in HTTP}
        self.processes: dict[str, asyncio.subprocess.Process] = {}
        self.port = self._reserved["proxy"].port
        self.blows: Counter[str] = Counter()

    @property
    def proxy(self) -> int:
        """Process id of the proxy."""
        return self.processes["proxy"].pid

    async def start(self, name: str) -> None:
        """One HTTP server; it listens when this returns."""
        self.processes[name] = await asyncio.create_subprocess_exec(
            sys.executable, HERE / "server.py", HTTP[name], str(self.ports[name]), stdout=asyncio.subprocess.PIPE
        )
        output = self.processes[name].stdout
        assert output
        async with asyncio.timeout(SOON):
            assert await output.readline(), f"{name} did not start"

    async def start_proxy(self) -> None:
        servers: dict[str, dict[str, object]] = {}
        for name, port in self.ports.items():
            servers[name] = {"url": f"http://127.0.0.1:{port}/mcp"}
        for name, era in STDIO.items():
            servers[name] = {"command": sys.executable, "args": [str(HERE / "server.py"), era, "stdio"]}
        for name, server in servers.items():
            if name.startswith("shaky"):
                server["limits"] = SHORT
        config = self.directory / "proxy.yaml"
        config.write_text(yaml.safe_dump({"listen": f"127.0.0.1:{self.port}", "limits": {"drain_seconds": 5}, "servers": servers}))
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        with (self.directory / "proxy.log").open("w") as log:
            self.processes["proxy"] = await asyncio.create_subprocess_exec(
                *(sys.executable, HERE / "observed.py", "serve", "--config", config),
                stderr=log,
                env={**os.environ, "SOAK_TASKS": str(self.tasks_file), "PYTHONPATH": path},
            )
        async with asyncio.timeout(SOON):
            while not await _listens(self.port):
                await asyncio.sleep(0.05)

    async def weather(self, rng: Random, over: asyncio.Event) -> None:
        """Blows until `over`, and then the sun: everything runs again when this returns."""
        async with asyncio.TaskGroup() as group:
            for name in WEATHER:
                group.create_task(self._blows(name, Random(rng.random()), over))

    async def _blows(self, name: str, rng: Random, over: asyncio.Event) -> None:
        coming = cycle(WEATHER[name])
        while not over.is_set():
            await _until(over, rng.uniform(*CALM_SECONDS))
            what = next(coming)
            self.blows[f"{what} {name}"] += 1
            await self._blow(name, what, over)

    async def _blow(self, name: str, what: str, over: asyncio.Event) -> None:
        if name in STDIO:
            for pid in self._children(STDIO[name]):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return
        process = self.processes[name]
        if what == "stall":
            process.send_signal(signal.SIGSTOP)
            await _until(over, STALL_SECONDS)
            process.send_signal(signal.SIGCONT)
        else:
            process.kill()
            await process.wait()
            await self.start(name)

    def _children(self, era: str) -> list[int]:
        found: list[int] = []
        for pid, _ in children(self.proxy):
            with suppress(FileNotFoundError):
                if f"{era}\0stdio" in Path(f"/proc/{pid}/cmdline").read_text():
                    found.append(pid)
        return found

    async def stop(self) -> dict[str, int]:
        """Ends everything; the exit codes of what had to be asked."""
        codes: dict[str, int] = {}
        for name, process in reversed(self.processes.items()):
            if process.returncode is None:
                process.terminate()
            try:
                async with asyncio.timeout(SOON):
                    codes[name] = await process.wait()
            except TimeoutError:
                process.kill()
                codes[name] = await process.wait()
        for port in self._reserved.values():
            port.close()
        return codes


@asynccontextmanager
async def running(directory: Path) -> AsyncIterator[World]:
    world = World(directory)
    try:
        for name in HTTP:
            await world.start(name)
        await world.start_proxy()
        yield world
    finally:
        await world.stop()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True


async def _until(over: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await over.wait()
