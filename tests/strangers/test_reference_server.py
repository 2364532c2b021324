"""Clients of the TypeScript SDK, of both eras, with the reference server: through the proxy they see what they see without it."""

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from tests.conformance.processes import serving
from tests.conformance.routes import PROXY
from tests.conformance.suite import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOOLS = ROOT / "tools"
NODE = str(Path(sys.executable).parent / "node")
EVERYTHING = str(TOOLS / "node_modules/@modelcontextprotocol/server-everything/dist/index.js")
CHECKED = {"validation": {"arguments": "enforce", "results": "enforce"}}
DEADLINE = 120

ROUTES = {
    "one": ("/servers/x/mcp", ""),
    "checked": ("/servers/checked/mcp", ""),
    "all": ("/mcp", "x__"),
    "virtual": ("/servers/selection/mcp", ""),
    "stdio": ("/servers/process/mcp", ""),
    "two workers": ("/mcp", "x__"),
}

CLIENTS = ("sdk", "client")
AT_ONCE = 3

TASKS = {"introduction"}
"""Steps that tell of tasks: `tasks/list` is not there where it would show one client the tasks of all, and the revisions differ."""

NO_TOOL = {"unknown tool"}
"""Steps with a tool that is not listed: no call of it reaches the server, whose own refusal is a result."""

TOOLS_ALONE = {
    *("prompts", "resources", "templates", "prompt", "prompt without its argument", "unknown prompt", "document"),
    *("unknown resource", "completion", "completion of a template", "subscription", "get-resource-links"),
}
"""Steps with more than tools, which the virtual server has not. Links in results have the URIs of /mcp."""

SHARED = {"tools", "roots", "trigger-sampling-request", "trigger-elicitation-request", "trigger-url-elicitation"}
"""Steps with what is offered to clients who can be asked: a client without a session shares a process with all that have none."""

OURS = {
    ("sdk", "one"): set[str](),
    ("sdk", "checked"): TASKS | NO_TOOL | {"wrong arguments"},
    ("sdk", "all"): TASKS,
    ("sdk", "virtual"): TASKS | NO_TOOL | TOOLS_ALONE,
    ("sdk", "stdio"): TASKS,
    ("sdk", "two workers"): TASKS | {"subscription"},  # known to the worker where it was made, which need not be the next call's
    ("client", "one"): TASKS,
    ("client", "checked"): TASKS | NO_TOOL | {"wrong arguments"},
    ("client", "all"): TASKS,
    ("client", "virtual"): TASKS | NO_TOOL | TOOLS_ALONE,
    ("client", "stdio"): TASKS | SHARED,
    ("client", "two workers"): TASKS,
}
"""Client and route -> steps that the proxy answers in its own way."""


class World:
    """The server, a proxy and one of two workers before it, and what clients see of them: a few look at a time."""

    def __init__(self, urls):
        self._urls = urls
        self._turns = asyncio.Semaphore(AT_ONCE)
        pairs = [(client, route) for route in urls for client in CLIENTS]
        self._seen = {pair: asyncio.create_task(self._look(*pair)) for pair in pairs}

    async def seen(self, client, route):
        """What `client` sees on `route`: step -> outcome."""
        return await self._seen[client, route]

    async def _look(self, client, route):
        async with self._turns:
            return await seen(client, self._urls[route], ROUTES.get(route, ("", ""))[1])

    async def aclose(self):
        """Nobody looks any more."""
        for task in self._seen.values():
            task.cancel()
        await asyncio.gather(*self._seen.values(), return_exceptions=True)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory):
    """All of it, started once."""
    directory = tmp_path_factory.mktemp("strangers")
    async with AsyncExitStack() as stack:
        server = (NODE, "--require", Path(__file__).parent / "anywhere.cjs", EVERYTHING, "streamableHttp")
        direct = await stack.enter_async_context(serving(*server))
        url = {"url": f"{direct}/mcp"}
        process = {"command": NODE, "args": [EVERYTHING, "stdio"], "process": {"sharing": "session"}}
        config = {"servers": {"x": url, "checked": {**url, **CHECKED}, "process": process}}
        config["virtual_servers"] = {"selection": {"tools": [{"server": "x", "tool": "*"}]}}
        path = directory / "proxy.yaml"
        path.write_text(yaml.safe_dump(config))
        command = (PROXY, "serve", "--config", path, "--listen", "127.0.0.1:0")
        proxy = await stack.enter_async_context(serving(*command))
        workers = await stack.enter_async_context(serving(*command, "--workers", "2"))
        urls = {route: (workers if route == "two workers" else proxy) + path for route, (path, _) in ROUTES.items()}
        world = World({"direct": f"{direct}/mcp", **urls})
        stack.push_async_callback(world.aclose)
        yield world


async def seen(client, url, prefix=""):
    """What `client` sees at `url`: step -> outcome."""
    process = await asyncio.create_subprocess_exec(
        *(NODE, Path(__file__).parent / "probe.cjs", TOOLS, client, url, prefix),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(DEADLINE):
            output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, errors.decode()
    return dict(json.loads(line) for line in output.splitlines())


@pytest.mark.parity("aggregate.lossless")
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("route", ROUTES)
async def test_a_client_cannot_tell_the_proxy_from_the_server(world, client, route):
    direct, found = await world.seen(client, "direct"), await world.seen(client, route)
    assert found.keys() == direct.keys()
    assert len(direct) >= 25
    assert not any("nothing in" in str(outcome.get("error")) for outcome in direct.values())
    differing = {step for step in direct if found[step] != direct[step]}
    assert differing == differing & OURS[client, route], {step: (direct[step], found[step]) for step in differing}


@pytest.mark.parametrize("route", ["checked", "stdio"])
async def test_of_one_server_it_hears_the_servers_own_words(world, route):
    direct, found = await world.seen("sdk", "direct"), await world.seen("sdk", route)
    assert found["introduction"]["result"]["server"] == direct["introduction"]["result"]["server"]
    assert found["introduction"]["result"]["says"] == direct["introduction"]["result"]["says"]
