"""How a call ended, in one word of a small vocabulary: a label of metrics, and a member of audit records.

Results are relayed undecoded. Whether a tool says that it failed (`isError`) is found by a bounded search: a result of up to 4 KiB
is searched as a whole, of a larger one the first and the last 2 KiB, where serializers put that member. What the search finds is
then decoded, so that a tool that merely returns something of that name does not count as failed. A larger result that hides the
member in its middle counts as `ok`.
"""

import re

from msgspec import DecodeError, Raw

from ..errors import Reason
from ..wire.envelope import Members, members_of
from ..wire.errors import (
    HEADER_MISMATCH,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    MISSING_CAPABILITY,
    PARSE_ERROR,
    PROXY_ERROR,
    RESOURCE_NOT_FOUND,
    UNSUPPORTED_VERSION,
    RpcError,
    UnknownTool,
)

OK = "ok"
TOOL_ERROR = "tool-error"
"""The tool itself says that it failed."""
SERVER_ERROR = "server-error"
"""A JSON-RPC error with a code that is no standard one."""
CANCELLED = "cancelled"
"""The client left, or cancelled."""
UNKNOWN = "unknown"
"""A stream whose end could not be read."""
REJECTED = "rejected"
"""The server refused the HTTP request, with a status and no JSON-RPC error."""

_CODES = {
    PARSE_ERROR: "invalid-request",
    INVALID_REQUEST: "invalid-request",
    HEADER_MISMATCH: "invalid-request",
    MISSING_CAPABILITY: "invalid-request",
    UNSUPPORTED_VERSION: "invalid-request",
    METHOD_NOT_FOUND: "method-not-found",
    INVALID_PARAMS: "invalid-params",
    RESOURCE_NOT_FOUND: "invalid-params",
    INTERNAL_ERROR: "internal-error",
}
_REASONS = {code: str(reason) for reason, code in PROXY_ERROR.items()}

OUTCOMES = frozenset({OK, TOOL_ERROR, SERVER_ERROR, CANCELLED, UNKNOWN, REJECTED, *_CODES.values(), *map(str, Reason)})
"""Every outcome there is."""

_FAILS = re.compile(rb'isError"[ \t\r\n]*:[ \t\r\n]*true').search  # without its first quote, which stands at every string

HEAD = 128
"""Bytes in which a response says that it holds a result; where it does not, it is decoded."""

HALF = 2048
"""Bytes at either end of a result that are searched."""


def of_code(code: int | None) -> str:
    """Outcome of a call that ended with JSON-RPC error `code`; one of a proxy means its reason, whoever's it is."""
    if code is None:
        return SERVER_ERROR
    return _CODES.get(code) or _REASONS.get(code) or SERVER_ERROR


def of_refusal(error: RpcError) -> str:
    """Outcome of a call that the proxy itself answered with `error`."""
    if isinstance(error, UnknownTool):
        return str(Reason.UNKNOWN_NAME)
    reason = error.members.get("reason")
    return reason if reason in OUTCOMES else of_code(error.code)


def of_error(error: Raw) -> tuple[str, int | None]:
    """Outcome and code of a JSON-RPC error."""
    try:
        code = _integer(members_of(error).get("code"))
    except DecodeError:
        code = None
    return of_code(code), code


def of_result(result: bytes, method: str) -> str:
    """Outcome of a call of `method` that was answered with `result`."""
    return TOOL_ERROR if method == "tools/call" and _suspect(result) and _failed(result) else OK


def of_body(body: bytes, method: str, status: int = 200) -> tuple[str, int | None]:
    """Outcome and error code of a relayed answer: a JSON-RPC response with HTTP `status`."""
    at = body.find(b'"result":', 0, HEAD)
    plain = at >= 0 and status < 400 and body.find(b'"error":', 0, at) < 0
    if plain and (method != "tools/call" or not _suspect(body)):
        return OK, None
    try:
        members = members_of(body)
    except DecodeError:
        return (REJECTED if status >= 400 else UNKNOWN), None
    return _of_members(members, status)


def of_events(tail: bytes, status: int = 200) -> tuple[str, int | None]:
    """Outcome and error code of a relayed stream of events, of which `tail` is the end: what its last event says.

    UNKNOWN where that began before `tail`, or is no answer: a stream that broke off, or one that listens.
    """
    text = tail.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n")
    event = text[text.rfind(b"\n\n") + 2 :] if b"\n\n" in text else text
    data = [line[5:].removeprefix(b" ") for line in event.split(b"\n") if line.startswith(b"data:")]
    try:
        return _of_members(members_of(b"\n".join(data)), status)
    except DecodeError:
        return UNKNOWN, None


def _of_members(members: Members, status: int) -> tuple[str, int | None]:
    if (error := members.get("error")) is not None:
        return of_error(error)
    if (result := members.get("result")) is None:
        return (REJECTED if status >= 400 else UNKNOWN), None
    return (TOOL_ERROR if _failed(result) else OK), None


def _suspect(data: bytes) -> bool:
    """Whether `data` may hold a result that says `isError`. Many servers say `false`, which is not worth decoding."""
    if len(data) > 2 * HALF:
        data = data[:HALF] + data[-HALF:]
    return data.find(b"true") >= 0 and _FAILS(data) is not None  # `in` would try first whether it is a number


def _failed(result: bytes) -> bool:
    try:
        return bytes(members_of(result).get("isError", b"")) == b"true"
    except DecodeError:
        return False


def _integer(value: Raw | None) -> int | None:
    text = bytes(value) if value is not None else b""
    return int(text) if text.removeprefix(b"-").isdigit() and len(text) < 12 else None
