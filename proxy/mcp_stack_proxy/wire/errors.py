"""JSON-RPC errors: the codes of every revision, ours beside them, and the HTTP status that goes with each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from ..errors import ProxyError, Reason

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
RESOURCE_NOT_FOUND = -32002
"""Legacy only (2025-11-25, server/resources); the modern code is INVALID_PARAMS."""
URL_REQUIRED = -32042
"""Legacy only (2025-11-25, client/elicitation): a URL has to be visited before the call can succeed."""
HEADER_MISMATCH = -32020
MISSING_CAPABILITY = -32021
UNSUPPORTED_VERSION = -32022

PROXY_ERROR = {
    Reason.UNREACHABLE: -31001,
    Reason.TIMEOUT: -31002,
    Reason.INVALID: -31003,
    Reason.REFUSED: -31004,
    Reason.UNSUPPORTED: -31005,
    Reason.DRAINING: -31006,
    Reason.OVERLOADED: -31007,
    Reason.NAME_COLLISION: -31008,
    Reason.NOT_PARKED: -31010,
    Reason.REPLICA_GONE: -31009,
    Reason.INVALID_RESULT: -31011,
    Reason.INVALID_SCHEMA: -31012,
    Reason.SILENT: -31013,
    Reason.CONNECT_TIMEOUT: -31014,
    Reason.DISCOVERY_TIMEOUT: -31015,
    Reason.OVER_MEMORY: -31020,
}
"""Codes of our own, outside the range that JSON-RPC reserves (-32768 to -32000)."""

_STATUS = {
    PARSE_ERROR: 400,
    INVALID_REQUEST: 400,
    INVALID_PARAMS: 400,
    HEADER_MISMATCH: 400,
    MISSING_CAPABILITY: 400,
    UNSUPPORTED_VERSION: 400,
    METHOD_NOT_FOUND: 404,
    PROXY_ERROR[Reason.OVERLOADED]: 503,
}


@dataclass(slots=True)
class RpcError(Exception):
    """An error that goes to the client as it is: `code`, `message`, `data` of JSON-RPC."""

    code: int
    message: str
    data: Mapping[str, Any] | msgspec.Raw | None = None
    """Raw where it is a server's own."""
    status: int | None = None
    """HTTP status, where it does not follow from the code."""

    @property
    def members(self) -> Mapping[str, Any]:
        """Members of `data`, as far as it is ours."""
        return {} if self.data is None or isinstance(self.data, msgspec.Raw) else self.data

    def body(self, id_: msgspec.Raw | None) -> bytes:
        """Response object for the request `id_`; without one the id is null (JSON-RPC 2.0, section 5)."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.data is not None:
            error["data"] = self.data
        return msgspec.json.encode({"jsonrpc": "2.0", "id": id_, "error": error})


class UnknownTool(RpcError):
    """No such tool, or none for this caller: both look the same (all revisions, server/tools, error handling)."""

    def __init__(self, name: str) -> None:
        super().__init__(INVALID_PARAMS, f"Unknown tool: {name}")


def status_of(code: int) -> int:
    """HTTP status of a JSON-RPC error on the modern wire (2026-07-28, streamable-http); 200 where none is prescribed."""
    return _STATUS.get(code, 200)


def error_for(fault: ProxyError, server: str | None) -> RpcError:
    """The client's view of a fault: its reason and whether asking again is safe, nothing about addresses."""
    data: dict[str, Any] = {"reason": str(fault.reason), "retryable": fault.retryable}
    if server is not None:
        data["server"] = server
    if fault.hint is not None:
        data["hint"] = fault.hint
    code = PROXY_ERROR.get(fault.reason, INVALID_PARAMS)
    subject = f"server {server!r}: " if server is not None else ""
    return RpcError(code, subject + fault.message, data)
