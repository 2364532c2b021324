"""A server of the official SDK that asks its client: by requests in the legacy era, by incomplete results in the modern one."""

import asyncio
import sys
import warnings

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError, UrlElicitationRequiredError
from mcp.shared.message import ServerMessageMetadata
from mcp_types import (
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitRequestURLParams,
    ElicitResult,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    NotificationParams,
    SamplingMessage,
    TextContent,
)

URL = "https://example.com/visit"
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


def question(kind, nonce):
    """A request of one kind, and what its result is."""
    if kind == "sample":
        said = SamplingMessage(role="user", content=TextContent(type="text", text=nonce))
        return CreateMessageRequest(params=CreateMessageRequestParams(messages=[said], max_tokens=7)), CreateMessageResult
    if kind == "form":
        return ElicitRequest(params=ElicitRequestFormParams(message=nonce, requested_schema=SCHEMA)), ElicitResult
    if kind == "visit":
        return ElicitRequest(params=ElicitRequestURLParams(message=nonce, url=URL, elicitation_id=f"e-{nonce}")), ElicitResult
    return ListRootsRequest(), ListRootsResult


def told(kind, result):
    """A client's answer in one line."""
    if isinstance(result, str):
        return f"{kind}: {result}"
    if isinstance(result, CreateMessageResult):
        return f"{kind}: {result.content.text}"
    if isinstance(result, ElicitResult):
        return f"{kind}: {result.action} {(result.content or {}).get('name')}"
    return f"{kind}: {[str(root.uri) for root in result.roots]}"


def curious(name: str = "curious") -> MCPServer:
    server = MCPServer(name, log_level="CRITICAL")
    _asks(server, name)
    _asks_again(server)
    _tells(server)
    return server


def _asks(server: MCPServer, name: str) -> None:
    cancelled: list[str] = []
    waiting: list[str] = []

    @server.tool()
    async def ask(kinds: str, nonce: str, ctx: Context, apart: bool = False) -> str | InputRequiredResult:
        """Asks all `kinds` at once; `apart`: on the session's own stream, as old servers do."""
        asked = {kind: question(kind, f"{name}: {nonce}") for kind in kinds.split(",")}
        if ctx.protocol_version == "2026-07-28":
            if set(ctx.input_responses or {}) >= set(asked):
                assert ctx.request_state == nonce
                return "; ".join(told(kind, ctx.input_responses[kind]) for kind in asked)
            return InputRequiredResult(input_requests={kind: request for kind, (request, _) in asked.items()}, request_state=nonce)
        waiting.append(nonce)
        metadata = None if apart else ServerMessageMetadata(related_request_id=ctx.request_id)
        try:
            answers = await asyncio.gather(*(_answer(ctx, *of, metadata) for of in asked.values()))
        except asyncio.CancelledError:
            cancelled.append(nonce)
            raise
        finally:
            waiting.remove(nonce)
        return "; ".join(told(kind, given) for kind, given in zip(asked, answers, strict=True))

    @server.tool()
    async def linger(nonce: str, ctx: Context, chatty: bool = False) -> str:
        """Asks, and has then no end: somebody has to cancel it. `chatty`: it says that it has its answer."""
        metadata = ServerMessageMetadata(related_request_id=ctx.request_id)
        await _answer(ctx, *question("form", nonce), metadata)
        if chatty:
            await ctx.report_progress(1, 2)
        waiting.append(nonce)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(nonce)
            raise
        finally:
            waiting.remove(nonce)
        return "never"

    @server.tool()
    async def state() -> dict[str, list[str]]:
        return {"waiting": sorted(waiting), "cancelled": cancelled}


async def _answer(ctx, request, kind, metadata):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            return await ctx.session.send_request(request, kind, metadata=metadata)
    except MCPError as error:
        return f"error {error.error.code} {error.error.message}"


def _asks_again(server: MCPServer) -> None:
    @server.tool()
    async def twice(nonce: str, ctx: Context) -> str | InputRequiredResult:
        """Asks once more after the first answer, with progress in between."""
        if ctx.protocol_version == "2026-07-28":
            state = ctx.request_state or "0"
            answered = [told("form", answer) for answer in (ctx.input_responses or {}).values()]
            if state.endswith("2"):
                return f"{state.partition(' ')[0]}; {answered[0]}"
            request, _ = question("form", f"{nonce} {int(state[0]) + 1}")
            before = answered[0].replace(" ", "_") if answered else ""
            return InputRequiredResult(input_requests={"q": request}, request_state="1" if not answered else f"{before} 2")
        metadata = ServerMessageMetadata(related_request_id=ctx.request_id)
        answers = []
        for step in (1, 2):
            await ctx.report_progress(step, 2)
            request, kind = question("form", f"{nonce} {step}")
            answers.append(told("form", await ctx.session.send_request(request, kind, metadata=metadata)))
        return "; ".join(answers)


def _tells(server: MCPServer) -> None:
    visited: set[str] = set()

    @server.tool()
    async def first_visit(nonce: str) -> str:
        """Wants a URL to be visited before it works, as servers of 2025-11-25 say it."""
        if nonce in visited:
            return "welcome back"
        visited.add(nonce)
        raise UrlElicitationRequiredError([ElicitRequestURLParams(message=nonce, url=URL, elicitation_id=f"e-{nonce}")])

    changes: list[str] = []

    async def roots_changed(_context, _params) -> None:
        changes.append("roots")

    server._lowlevel_server.add_notification_handler("notifications/roots/list_changed", NotificationParams, roots_changed)

    @server.tool()
    async def changed_roots() -> str:
        """How often a client has said that its roots changed."""
        return str(len(changes))

    @server.tool()
    async def declared(ctx: Context) -> str:
        """What this client has declared, and how it calls itself."""
        capabilities = ctx.session.client_capabilities
        names = sorted(capabilities.model_dump(exclude_none=True, by_alias=True)) if capabilities else []
        params = ctx.session.client_params
        return f"{names} {params.client_info.name if params else None}"


if __name__ == "__main__":
    curious(*sys.argv[1:]).run("stdio")
