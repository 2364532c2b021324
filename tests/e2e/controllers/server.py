"""A server without a proxy of ours in front: sessions in memory, and streams on which nothing is ever said by itself.

Run: `python -m tests.e2e.controllers.server 0.0.0.0 8000`. `/mcp` is a server of the official SDK; `GET /quiet/NAME` answers with
a stream of events that is silent, without as much as a comment, until somebody comes with `POST /quiet/NAME`.
"""

import asyncio
import sys
from collections import defaultdict

import uvicorn
from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route


def answering(address: str) -> MCPServer:
    """Tools that say who answers, and how much has come."""
    server = MCPServer("bare", log_level="CRITICAL")

    @server.tool()
    async def where() -> str:
        """Address of the pod that answers."""
        return address

    @server.tool()
    async def size(text: str) -> int:
        """Length of what was sent."""
        return len(text)

    return server


class Quiet:
    """Streams by name."""

    def __init__(self) -> None:
        self._spoken: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def listen(self, request: Request) -> Response:
        spoken = self._spoken[request.path_params["name"]]

        async def events():
            await spoken.wait()
            yield b"data: spoken\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    async def speak(self, request: Request) -> Response:
        self._spoken[request.path_params["name"]].set()
        return Response(status_code=204)


def main() -> None:
    """Runs until the process is ended."""
    address, port = sys.argv[1], int(sys.argv[2])
    app = answering(address).streamable_http_app(
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False)
    )
    quiet = Quiet()
    app.router.routes += [
        Route("/quiet/{name}", quiet.listen, methods=["GET"]),
        Route("/quiet/{name}", quiet.speak, methods=["POST"]),
    ]
    uvicorn.run(app, host=address, port=port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
