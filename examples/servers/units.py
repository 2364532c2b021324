"""Conversion of units, over HTTP, modern revision (2026-07-28) alone.

Run: `python examples/servers/units.py --port 8001`, endpoint `/mcp`. No handshake, no session: every request stands for itself.
A client of an earlier revision is told so; behind the gateway it is served.
"""

import argparse
import os
from typing import Annotated, Any, Literal

import uvicorn
from mcp.server import CacheHint, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import (
    UNSUPPORTED_PROTOCOL_VERSION,
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
    ToolAnnotations,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

Quantity = Literal["length", "mass", "time", "data", "temperature"]

FACTORS: dict[Quantity, dict[str, float]] = {
    "length": {"mm": 1e-3, "cm": 1e-2, "m": 1, "km": 1e3, "in": 0.0254, "ft": 0.3048, "yd": 0.9144, "mi": 1609.344, "nmi": 1852},
    "mass": {"mg": 1e-6, "g": 1e-3, "kg": 1, "t": 1e3, "oz": 0.028349523125, "lb": 0.45359237},
    "time": {"ms": 1e-3, "s": 1, "min": 60, "h": 3600, "d": 86400, "week": 604800},
    "data": {"bit": 0.125, "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30},
}
"""Size of each unit in the quantity's base unit. Inch, foot, mile, pound and ounce are exact by definition (1959)."""

TEMPERATURES: dict[str, tuple[float, float]] = {"K": (1, 0), "°C": (1, 273.15), "°F": (5 / 9, 459.67 * 5 / 9)}
"""Kelvin = value * first + second."""

SYMBOLS: dict[str, list[str]] = {quantity: sorted(sizes) for quantity, sizes in FACTORS.items()} | {
    "temperature": sorted(TEMPERATURES)
}

SAME_ANSWER = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

Unit = Annotated[str, Field(description="Symbol of a unit, such as km, lb or °C; the resource units://all has all of them")]

units = MCPServer(
    "units",
    version="1.0.0",
    instructions="Exact conversion of lengths, masses, times, amounts of data and temperatures.",
    log_level="WARNING",
    cache_hints={
        "tools/list": CacheHint(ttl_ms=60_000, scope="public"),
        "resources/list": CacheHint(ttl_ms=60_000, scope="public"),
        "resources/read": CacheHint(ttl_ms=60_000, scope="public"),
    },
)


class Conversion(BaseModel):
    """A value in another unit."""

    value: float
    unit: str
    quantity: Quantity


@units.tool(title="Convert", annotations=SAME_ANSWER)
def convert(value: float, source: Unit, target: Unit) -> Conversion:
    """Convert a value from one unit into another of the same quantity."""
    quantity, wanted = _quantity(source), _quantity(target)
    if quantity != wanted:
        raise ToolError(f"{source} measures {quantity} and {target} measures {wanted}; nothing converts one into the other")
    if quantity == "temperature":
        (factor, shift), (to_factor, to_shift) = TEMPERATURES[source], TEMPERATURES[target]
        result = (value * factor + shift - to_shift) / to_factor
    else:
        result = value * FACTORS[quantity][source] / FACTORS[quantity][target]
    return Conversion(value=float(f"{result:.12g}"), unit=target, quantity=quantity)


@units.tool(title="Units of a quantity", annotations=SAME_ANSWER)
def symbols(quantity: Quantity) -> list[str]:
    """Symbols of all units of a quantity."""
    return SYMBOLS[quantity]


@units.resource("units://all", title="All units", mime_type="application/json")
def everything() -> dict[str, list[str]]:
    """Symbols of all units by quantity."""
    return SYMBOLS


@units.resource("units://{quantity}", name="units", title="Units of a quantity", mime_type="application/json")
def of_quantity(quantity: Quantity) -> list[str]:
    """Symbols of all units of one quantity."""
    return SYMBOLS[quantity]


@units.prompt(title="Convert a text")
def localise(
    text: Annotated[str, Field(description="Text with measures in it")],
    unit: Annotated[str, Field(description="Unit to use, such as km")],
) -> str:
    """Rewrite a text with its measures in another unit."""
    return f"Rewrite this text and give every measure that can be in {unit} in {unit}; use the tool `convert`.\n\n{text}"


@units.completion()
async def complete(
    _reference: PromptReference | ResourceTemplateReference, argument: CompletionArgument, _context: CompletionContext | None
) -> Completion:
    """Quantities for the template, symbols for the prompt's unit."""
    known = {"quantity": list(SYMBOLS), "unit": [symbol for symbols in SYMBOLS.values() for symbol in symbols]}.get(
        argument.name, []
    )
    found = [name for name in known if name.lower().startswith(argument.value.lower())]
    return Completion(values=found, total=len(found), has_more=False)


def _quantity(symbol: str) -> Quantity:
    if symbol in TEMPERATURES:
        return "temperature"
    for quantity, sizes in FACTORS.items():
        if symbol in sizes:
            return quantity
    raise ToolError(f"{symbol!r} is no unit that is known here; the resource units://all lists all of them")


class ModernOnly:
    """Refuses handshake revisions as 2026-07-28 prescribes: 400, -32022, and the revisions that are served."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope, receive)
            version = request.headers.get("mcp-protocol-version")
            if request.method != "POST":
                await Response(status_code=405, headers={"allow": "POST"})(scope, receive, send)
                return
            if version is None or version in HANDSHAKE_PROTOCOL_VERSIONS:
                await JSONResponse(await _refusal(request, version), status_code=400)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Asked(BaseModel):
    """As much of a request as a refusal repeats."""

    id: int | str | None = None
    params: dict[str, Any] = {}


async def _refusal(request: Request, version: str | None) -> dict[str, Any]:
    try:
        asked = Asked.model_validate_json(await request.body())
    except ValidationError:
        asked = Asked()
    requested = version or str(asked.params.get("protocolVersion", "none"))
    data = {"supported": list(MODERN_PROTOCOL_VERSIONS), "requested": requested}
    error = {"code": UNSUPPORTED_PROTOCOL_VERSION, "message": "Unsupported protocol version", "data": data}
    return {"jsonrpc": "2.0", "id": asked.id, "error": error}


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description="Conversion of units as an MCP server.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8001")))
    options = parser.parse_args()
    app = ModernOnly(units.streamable_http_app(host=options.host))
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
