"""A server of the official SDK with one of everything, over stdio when run as a program, as ASGI application otherwise."""

import asyncio
import base64
import warnings

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError
from mcp_types import (
    Completion,
    EmbeddedResource,
    EmptyResult,
    ResourceLink,
    SetLevelRequestParams,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from pydantic import BaseModel

LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
PIXEL = b"\x89PNG\r\n\x00\xff"


class Shape(BaseModel):
    nonce: str
    sides: int


def sample(name: str = "sample") -> MCPServer:
    """A fresh one: what a test does to it stays with the test."""
    server = MCPServer(name, version="7.1", instructions=f"Instructions of {name}.", log_level="WARNING")
    _answers(server, name)
    _notifies(server)
    _takes_time(server)
    _resources(server, name)
    return server


def _answers(server: MCPServer, name: str) -> None:
    @server.tool(title="Echo", annotations=ToolAnnotations(read_only_hint=True), meta={"vendor/mark": [1, None]})
    async def echo(nonce: str) -> str:
        """Says what it hears."""
        return f"{name}: {nonce}"

    @server.tool()
    async def shape(nonce: str) -> Shape:
        """Structured."""
        return Shape(nonce=nonce, sides=3)

    @server.tool()
    async def fail(nonce: str) -> str:
        """Fails as a tool does."""
        raise ToolError(f"cannot: {nonce}")

    @server.tool()
    async def refuse(nonce: str) -> str:
        """Fails as the protocol does."""
        raise MCPError(4711, f"refused: {nonce}", {"nonce": nonce, "deep": {"list": [1, 2.5, None]}})

    @server.tool()
    async def big(size: int) -> str:
        """A long answer."""
        return "ü" * (size // 2)

    @server.tool()
    async def seen(ctx: Context) -> dict[str, str]:
        """Headers of the request that called it."""
        return dict(ctx.headers or {})

    @server.tool()
    async def papers() -> list[TextContent | ResourceLink | EmbeddedResource]:
        """Points at resources."""
        inner = TextResourceContents(uri="note://inner", text="inside")
        return [ResourceLink(type="resource_link", uri="note://all", name="all"), EmbeddedResource(type="resource", resource=inner)]


def _notifies(server: MCPServer) -> None:
    @server.tool()
    async def steps(count: int, ctx: Context) -> str:
        """Reports progress."""
        for step in range(count):
            await ctx.report_progress(step + 1, count, f"step {step + 1}")
        return "walked"

    @server.tool()
    async def chatter(ctx: Context) -> str:
        """Logs on every level."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            for level in LEVELS:
                await ctx.log(level, f"on {level}", logger_name="chatter")
        return "said"

    @server.tool()
    async def grow(tool: str, ctx: Context) -> str:
        """Adds a tool and says so, in both eras."""
        server.add_tool(lambda: tool, name=tool, description="new")
        await ctx.notify_tools_changed()
        if ctx.protocol_version != "2026-07-28":
            await ctx.session.send_tool_list_changed()
        return "grown"


def _takes_time(server: MCPServer) -> None:
    cancelled: list[str] = []
    hanging: set[str] = set()
    levels: list[str] = []

    @server.tool()
    async def hang(key: str) -> str:
        """Never answers."""
        hanging.add(key)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(key)
            raise
        finally:
            hanging.discard(key)
        return "never"

    @server.tool()
    async def nap(seconds: float) -> str:
        """Answers late."""
        await asyncio.sleep(seconds)
        return "rested"

    @server.tool()
    async def calls_state() -> dict[str, list[str]]:
        """Which calls hang, which were cancelled, which log levels were set."""
        return {"hanging": sorted(hanging), "cancelled": cancelled, "levels": levels}

    async def set_level(_context, params: SetLevelRequestParams) -> EmptyResult:
        levels.append(params.level)
        return EmptyResult()

    server._lowlevel_server.add_request_handler("logging/setLevel", SetLevelRequestParams, set_level)


def _resources(server: MCPServer, name: str) -> None:
    @server.resource("note://all", title="All", mime_type="text/plain")
    async def everything() -> str:
        return f"all of {name}"

    @server.resource("note://pixel", mime_type="image/png")
    async def pixel() -> bytes:
        return PIXEL

    @server.resource("note://of/{owner}", name="of-owner")
    async def of_owner(owner: str) -> str:
        return f"{name} for {owner}"

    @server.prompt(title="Greet")
    async def greet(who: str) -> str:
        """Greets."""
        return f"{name} greets {who}"

    @server.completion()
    async def complete(reference, argument, context) -> Completion:
        values = [f"{name}-{argument.name}-{argument.value}", type(reference).__name__]
        return Completion(values=values, total=2, has_more=False)


def blob() -> str:
    """What `note://pixel` reads as."""
    return base64.b64encode(PIXEL).decode()


if __name__ == "__main__":
    sample().run("stdio")
