"""FastMCP as a proxy, run by the Python that has it: `fastmcp_servers.py shared|default URL PORT SERVERS`."""

import asyncio
import sys

from fastmcp import Client, FastMCP
from fastmcp.server import create_proxy
from fastmcp.server.providers.proxy import FastMCPProxy


async def main(kind: str, url: str, port: int, servers: int) -> None:
    if kind == "shared":
        async with Client(url) as client:
            await serve(FastMCPProxy(client_factory=lambda: client, name="bench"), port)
    elif servers == 1:
        await serve(create_proxy(url, name="bench"), port)
    else:
        server = FastMCP("bench")
        for number in range(servers):
            server.mount(create_proxy(url), namespace=f"s{number}")
        await serve(server, port)


async def serve(server: FastMCP, port: int) -> None:
    await server.run_async(transport="http", host="127.0.0.1", port=port, show_banner=False, log_level="error")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
