"""Header rules of the modern wire (2026-07-28, basic/transports/streamable-http): what mirrors the body, and whether it does."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping

from msgspec import DecodeError, Raw

from .envelope import Members, Message, members_of, string_of
from .errors import HEADER_MISMATCH, INVALID_PARAMS, UNSUPPORTED_VERSION, RpcError
from .revisions import META_CAPABILITIES, META_VERSION, MODERN

VERSION = b"mcp-protocol-version"
METHOD = b"mcp-method"
NAME = b"mcp-name"
SESSION = b"mcp-session-id"
PARAM_PREFIX = b"mcp-param-"

NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
"""Method -> the parameter that Mcp-Name repeats."""

_MARK, _END = "=?base64?", "?="
_PLAIN = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_FIELD = re.compile(r"[\t\x20-\x7e]*")


def encode_value(value: str) -> str:
    """`value` as a header field: plain where it is printable ASCII without outer blanks, else `=?base64?...?=`."""
    if _PLAIN.fullmatch(value) and not (value.startswith(_MARK) and value.endswith(_END)):
        return value
    return _MARK + base64.b64encode(value.encode()).decode() + _END


def decode_value(value: str) -> str | None:
    """Inverse of `encode_value`; None for characters that a field may not have, and for a sentinel without canonical base64."""
    if _FIELD.fullmatch(value) is None:
        return None
    if not (value.startswith(_MARK) and value.endswith(_END)):
        return value
    text = value[len(_MARK) : -len(_END)]
    try:
        data = base64.b64decode(text, validate=True)
        return data.decode() if value == _MARK + base64.b64encode(data).decode() + _END else None
    except (binascii.Error, UnicodeDecodeError):
        return None


def routing_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Version, method and name header. One given twice is refused: two readers would disagree about which copy counts."""
    folded: dict[bytes, bytes] = {}
    for name, value in headers:
        if name not in (VERSION, METHOD, NAME):
            continue
        if name in folded:
            raise RpcError(HEADER_MISMATCH, f"{name.decode()} header appears more than once")
        folded[name] = value.strip(b" \t")  # outer blanks are not part of a field's value (RFC 9110, 5.5)
    return folded


def check_modern(message: Message, headers: Mapping[bytes, bytes], params: Members) -> Members:
    """`_meta` of a modern request whose headers repeat its body; RpcError with the first rule that it breaks."""
    meta = _meta(params)
    missing = [key for key in (META_VERSION, META_CAPABILITIES) if key not in meta]
    if missing:
        raise RpcError(INVALID_PARAMS, f"params._meta lacks {' and '.join(missing)}")
    version = string_of(meta[META_VERSION])
    if version is None:
        raise RpcError(INVALID_PARAMS, f"{META_VERSION} must be a string")
    if headers.get(VERSION, b"").decode("latin-1") != version:
        raise RpcError(HEADER_MISMATCH, f"MCP-Protocol-Version header does not match {META_VERSION} of the body")
    if headers.get(METHOD, b"").decode("latin-1") != message.method:
        raise RpcError(HEADER_MISMATCH, "Mcp-Method header does not match the method of the body")
    if (key := NAMED.get(message.method or "")) is not None and key in params:
        name, own = headers.get(NAME), string_of(params[key])
        if name is None or own is None or decode_value(name.decode("latin-1")) != own:
            raise RpcError(HEADER_MISMATCH, f"Mcp-Name header does not match params.{key} of the body")
    check_version(version)
    return meta


def check_version(version: str) -> None:
    """RpcError UNSUPPORTED_VERSION, naming what is spoken here, unless `version` is a modern revision."""
    if version not in MODERN:
        raise RpcError(UNSUPPORTED_VERSION, "Unsupported protocol version", {"supported": list(MODERN), "requested": version})


def _meta(params: Members) -> Members:
    raw: Raw | None = params.get("_meta")
    try:
        if raw is not None:
            return members_of(raw)
    except DecodeError:
        pass
    raise RpcError(INVALID_PARAMS, f"params._meta must be an object with {META_VERSION} and {META_CAPABILITIES}")
