"""A server of the official SDK whose resources can be followed, in both eras."""

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError
from mcp_types import EmptyResult, SubscribeRequestParams, UnsubscribeRequestParams

NOTES = ("note://one", "note://two")


def followed() -> MCPServer:
    server = MCPServer("followed", log_level="CRITICAL")
    followers: dict[str, list[object]] = {uri: [] for uri in NOTES}

    for uri in NOTES:
        server.resource(uri, name=uri)(lambda: "a note")

    @server.tool()
    async def touch(uri: str, ctx: Context) -> str:
        """Changes a note, and tells those who follow it."""
        if ctx.protocol_version == "2026-07-28":
            await ctx.notify_resource_updated(uri)
        for session in followers[uri]:
            await session.send_resource_updated(uri)
        return "touched"

    async def subscribe(context, params: SubscribeRequestParams) -> EmptyResult:
        if params.uri not in followers:
            raise MCPError(-32002, "no such note", {"uri": params.uri})
        followers[params.uri].append(context.session)
        return EmptyResult()

    async def unsubscribe(_context, params: UnsubscribeRequestParams) -> EmptyResult:
        followers[params.uri].clear()
        return EmptyResult()

    low = server._lowlevel_server
    low.add_request_handler("resources/subscribe", SubscribeRequestParams, subscribe)
    low.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, unsubscribe)
    return server


if __name__ == "__main__":
    followed().run("stdio")
