"""The gateway under test, and servers behind it, in this process and on loopback."""

import asyncio
import logging
from contextlib import asynccontextmanager

import uvicorn

from mcp_stack_proxy.config import ProxyConfig
from mcp_stack_proxy.serve import process
from tests.deadlines import SOON


async def until(found, shown=lambda: None):
    """Wait until `found()` is true, and return it. Only for what no event tells."""
    try:
        async with asyncio.timeout(SOON):
            while not (value := found()):
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"waited in vain: {shown()}") from None
    return value


async def until_found(ask, wanted):
    """Ask until the answer is what is `wanted`, and return it."""
    async with asyncio.timeout(SOON):
        while not wanted(answer := await ask()):
            await asyncio.sleep(0.02)
    return answer


class Running:
    """A gateway that serves. What it holds can be asked: nothing may be left when everyone has gone."""

    def __init__(self, config, server, listening, url):
        self.config = config
        self.server = server
        self.gateway = server.gateway
        self.hub = server.hub
        self.listening = listening
        self.url = url

    @property
    def port(self):
        return int(self.url.rpartition(":")[2])

    def mcp(self, server=None):
        """URL of the route that leads to one server, or to all of them."""
        return f"{self.url}/mcp" if server is None else f"{self.url}/servers/{server}/mcp"

    def peer(self, name):
        """The connection with a server, without what is around it."""
        return self.gateway.servers[name].connection

    def state(self):
        """What is in use on behalf of clients, by kind; idle connections to servers are not."""
        return {
            "connections": len(self.hub.connections),
            "requests": len(self.hub.working),
            "vigil": len(self.gateway.vigil),
            "streams": len(self.gateway.streams),
        }

    async def quiet(self):
        """Wait until no client is left, nor anything that was done for one."""
        await until(lambda: not any(self.state().values()), lambda: f"in use: {self.state()}, {self.gateway.tasks._running}")


@asynccontextmanager
async def running(servers, **config):
    """A gateway for `servers`; the rest is the rest of its configuration."""
    parsed = ProxyConfig.model_validate({"servers": servers, "listen": "127.0.0.1:0", **config})
    listener = process.bind(parsed.listen)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = process.build(parsed)
    listening = await asyncio.get_running_loop().create_server(server.hub.connect, sock=listener)
    try:
        yield Running(parsed, server, listening, url)
    finally:
        listening.close()
        async with asyncio.timeout(SOON):
            server.gateway.streams.close()
            await server.hub.drain(0)
            await server.gateway.aclose(2.0)


@asynccontextmanager
async def hosted(app, port=0):
    """`app` behind uvicorn; the URL of its endpoint."""
    config = uvicorn.Config(app, port=port, log_config=None, timeout_graceful_shutdown=1)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        for listening in server.servers:
            listening.close()
        for connection in tuple(server.server_state.connections):
            connection.transport.abort()
        async with asyncio.timeout(SOON):
            await server.lifespan.shutdown()
            if server.server_state.tasks:
                await asyncio.wait(server.server_state.tasks)
