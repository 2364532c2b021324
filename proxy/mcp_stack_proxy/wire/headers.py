"""Header rules of the modern wire (2026-07-28, basic/transports/streamable-http): what mirrors the body, and whether it does."""

import base64
import binascii
import functools
import re
from collections.abc import Iterable, Mapping

from msgspec import Raw

from .envelope import Members, Message, string_of
from .errors import HEADER_MISMATCH, UNSUPPORTED_VERSION, RpcError
from .request_meta import RequestMeta, request_meta
from .revisions import META_VERSION, MODERN

VERSION = b"mcp-protocol-version"
METHOD = b"mcp-method"
NAME = b"mcp-name"
SESSION = b"mcp-session-id"
PARAM_PREFIX = b"mcp-param-"

NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
"""Method -> the parameter that Mcp-Name repeats."""

NAMED_TASKS = {"tasks/get": "taskId", "tasks/update": "taskId", "tasks/cancel": "taskId"}
"""The same for the extension (SEP-2663): a client that leaves it out is not refused, one that contradicts itself is."""

_METHOD_FIELDS = {method: method.encode() for method in (*NAMED, *NAMED_TASKS)}
"""How Mcp-Method repeats the methods of most requests."""

_ROUTING = frozenset({VERSION, METHOD, NAME})

MAX_PLAIN = 256
"""Bytes of a name up to which it is remembered how it is written."""

_MARK, _END = "=?base64?", "?="
_PLAIN = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_PLAIN_NAME = re.compile(rb"[\w./:+-]*", re.ASCII).fullmatch
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


def refuse_repeated(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """RpcError where version, method or name is given twice: two readers would disagree about which copy counts."""
    seen: set[bytes] = set()
    for name, _ in headers:
        if name in _ROUTING and name in seen:
            raise RpcError(HEADER_MISMATCH, f"{name.decode()} header appears more than once")
        seen.add(name)


def check_modern(message: Message, headers: Mapping[bytes, bytes], params: Members) -> RequestMeta:
    """Metadata of a modern request whose headers repeat its body; RpcError with the first rule that it breaks."""
    meta = request_meta(params)
    method = message.method or ""
    if headers.get(VERSION, b"") != meta.header:
        raise RpcError(HEADER_MISMATCH, f"MCP-Protocol-Version header does not match {META_VERSION} of the body")
    plain = _METHOD_FIELDS.get(method)
    if (plain is None or headers.get(METHOD) != plain) and field(headers, METHOD) != method:
        raise RpcError(HEADER_MISMATCH, "Mcp-Method header does not match the method of the body")
    key = NAMED.get(method)
    if key is not None and key in params and not _repeats(headers.get(NAME), params[key]):
        raise RpcError(HEADER_MISMATCH, f"Mcp-Name header does not match params.{key} of the body")
    task = None if key is not None else NAMED_TASKS.get(method)
    if task is not None and task in params and NAME in headers and not _repeats(headers[NAME], params[task]):
        raise RpcError(HEADER_MISMATCH, f"Mcp-Name header does not match params.{task} of the body")
    if meta.version not in MODERN:
        check_version(meta.version)
    return meta


def field(headers: Mapping[bytes, bytes], name: bytes) -> str:
    """Value of a header, empty where it is absent."""
    return headers.get(name, b"").decode("latin-1")


def check_version(version: str) -> None:
    """RpcError UNSUPPORTED_VERSION, naming what is spoken here, unless `version` is a modern revision."""
    if version not in MODERN:
        raise RpcError(UNSUPPORTED_VERSION, "Unsupported protocol version", {"supported": list(MODERN), "requested": version})


@functools.lru_cache(maxsize=1024)  # the same few names come again and again
def _plain(name: bytes) -> Raw | None:
    """The JSON string of a name that is written alike there and in a header; None for any other."""
    return Raw(b'"%b"' % name) if len(name) <= MAX_PLAIN and _PLAIN_NAME(name) else None


def _repeats(header: bytes | None, raw: Raw) -> bool:
    """Whether a header has the value of the JSON string `raw`."""
    if header is None:
        return False
    if raw == _plain(header):
        return True  # nearly all names are written alike in both
    own = string_of(raw)
    return own is not None and decode_value(header.decode("latin-1")) == own
