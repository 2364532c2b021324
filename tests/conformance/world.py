"""What is started for the suite: each fixture once, a proxy for each route, and a few runs at a time."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeVar

import yaml

from mcp_stack_proxy.config.session_keys import new_session_key
from tests.conformance import suite
from tests.conformance.processes import serving
from tests.conformance.routes import FIXTURES, PROXY, ROUTES, Route
from tests.serve.balanced import balanced, write_keys

THROUGH = Path(__file__).parent / "through.py"
AT_ONCE = (os.cpu_count() or 2) + 1

Found = dict[str, suite.Scenario]
Key = TypeVar("Key")
Value = TypeVar("Value")


class World:
    """Runs of the suite by route and revision. They go on while tests look at those that are done."""

    def __init__(self, stack: AsyncExitStack, directory: Path) -> None:
        self._stack = stack
        self._directory = directory
        self._fixtures: dict[str, asyncio.Task[str]] = {}
        self._routes: dict[str, asyncio.Task[str]] = {}
        self._runs: dict[tuple[str, ...], asyncio.Task[Found]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    def begin(self, selected: Iterable[Mapping[str, str]]) -> None:
        """Starts what the tests with these parameters will ask for."""
        for given in selected:
            match given:
                case {"route": route, "revision": revision, "scenario": scenario}:
                    self._client(route, revision, scenario)
                case {"route": route, "revision": revision}:
                    self._server(route, revision)
                case _:
                    pass

    async def found(self, route: str, revision: str) -> Found:
        """What the server scenarios of `revision` saw on `route`."""
        return await self._server(route, revision)

    async def client(self, route: str, revision: str, scenario: str) -> suite.Scenario:
        """What a client scenario saw of a client that comes through us."""
        return (await self._client(route, revision, scenario))[scenario]

    async def fixture(self, name: str) -> str:
        """Address of a fixture."""
        return await _once(self._fixtures, name, lambda: self._stack.enter_async_context(serving(*FIXTURES[name])))

    async def url(self, route: str) -> str:
        """MCP endpoint of a route."""
        return await _once(self._routes, route, lambda: self._start(route, ROUTES[route]))

    def _server(self, route: str, revision: str) -> "asyncio.Task[Found]":
        async def run() -> Found:
            async with self._turns:
                return await suite.run(await self.url(route), revision, self._directory / f"{route}-{revision}")

        return _once(self._runs, (route, revision), run)

    def _client(self, route: str, revision: str, scenario: str) -> "asyncio.Task[Found]":
        async def run() -> Found:
            async with self._turns:
                results = self._directory / f"client-{route}-{revision}-{scenario}"
                return await suite.run_client(f"{sys.executable} {THROUGH} {route}", scenario, revision, results)

        return _once(self._runs, (route, revision, scenario), run)

    async def _start(self, name: str, route: Route) -> str:
        urls = {fixture: await self.fixture(fixture) for _, fixture in route.servers}
        if not route.replicas:
            return urls[route.fixture] + route.path
        if route.replicas > 1:
            directory = self._directory / name
            directory.mkdir()
            write_keys(directory / "keys", new_session_key())
            replicas = balanced(directory, route.config(urls), directory / "keys", route.replicas)
            return (await self._stack.enter_async_context(replicas)).url + route.path
        path = self._directory / f"{name}.yaml"
        path.write_text(yaml.safe_dump(route.config(urls)))
        command = (PROXY, "serve", "--config", path, "--listen", "127.0.0.1:0")
        return await self._stack.enter_async_context(serving(*command)) + route.path

    async def aclose(self) -> None:
        """No task is left, whatever a test did not wait for."""
        tasks = [*self._runs.values(), *self._routes.values(), *self._fixtures.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _once(tasks: "dict[Key, asyncio.Task[Value]]", key: Key, work: Callable[[], Awaitable[Value]]) -> "asyncio.Task[Value]":
    """The task of `key`, which is begun by the first who asks."""
    if key not in tasks:
        tasks[key] = asyncio.ensure_future(work())
    return tasks[key]
