"""JSON-RPC messages, decoded as far as the envelope and no further.

Every member below stays the bytes that arrived (`Raw`), so that what nobody here knows reaches the other side unchanged. A message
is always encoded anew from what was decoded: with duplicate keys the last wins here, and a server that keeps the first must not see
another method or name than the one that was checked.
"""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Raw, UnsetType

from .errors import INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR, RpcError

Members: TypeAlias = dict[str, Raw]
"""An object whose values have not been looked at."""

_ABSENT = Raw()


class _Envelope(msgspec.Struct):
    """What every message is looked at for; its other members are left where they are."""

    jsonrpc: Literal["2.0"]
    id: Raw = _ABSENT
    method: str | UnsetType = UNSET
    params: Members | UnsetType = UNSET
    result: Raw = _ABSENT
    error: Raw = _ABSENT


_envelope = msgspec.json.Decoder(_Envelope)
_members = msgspec.json.Decoder(Members)
_objects = msgspec.json.Decoder(list[Members])
_string = msgspec.json.Decoder(str)
_encoder = msgspec.json.Encoder()

VERSION = Raw(b'"2.0"')
_TOO_DEEP = "nested too deeply"
_LF, _CR = b"\n\r"
_BOM = b"\xef\xbb\xbf"
"""What .NET and Java may write before a text in UTF-8; to be ignored (RFC 8259, 8.1)."""
_ONE_LINE = bytes.maketrans(b"\r\n", b"  ")


class Message(msgspec.Struct):
    """One request, notification or response. `method` is None for a response, `id` for a notification."""

    data: bytes
    """As it came, but without line breaks. What is passed on is encoded anew from `members`."""
    method: str | None
    id: Raw | None
    given: Members | Raw | None = None
    """`params`; Raw where they may be no object, None where there are none."""
    result: Raw = _ABSENT
    """Of a response that is no error."""
    error: Raw | None = None

    @property
    def members(self) -> Members:
        """All of it, whoever knows what the other members are. Decoded anew each time."""
        return members_of(self.data)

    @property
    def is_request(self) -> bool:
        """A request: has a method, expects an answer."""
        return self.method is not None and self.id is not None

    @property
    def is_notification(self) -> bool:
        """Has a method, expects nothing."""
        return self.method is not None and self.id is None

    @property
    def is_response(self) -> bool:
        """A result or error for a request of the other side."""
        return self.method is None

    def params(self) -> Members:
        """`params` as an object; empty where there are none. RpcError where it is anything else: MCP has no positional ones."""
        given = self.given
        if isinstance(given, dict):
            return given
        if given is None:
            return {}
        try:
            return members_of(given)
        except msgspec.DecodeError:
            raise RpcError(INVALID_PARAMS, "params must be an object") from None


def decode_message(body: bytes | Raw) -> Message:
    """The message in `body`, or RpcError: PARSE_ERROR for what is no JSON, INVALID_REQUEST for JSON that is no single message.

    Line breaks between its tokens become blanks: what is passed on from it may end up on a line of stdio or in an event.
    """
    data = body if type(body) is bytes else bytes(body)
    try:
        found = _envelope.decode(data)
        if not data.isascii():
            data.decode()  # msgspec leaves the inside of Raw unchecked
        if _LF in data or _CR in data:  # outside of strings, where JSON has them escaped
            data = data.translate(_ONE_LINE)
            found = _envelope.decode(data)
    except msgspec.ValidationError:
        return as_message(_object(data))  # which says what is wrong
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        if data.startswith(_BOM):
            return decode_message(data.removeprefix(_BOM))
        raise RpcError(PARSE_ERROR, "the body is not valid JSON") from None
    id_ = found.id
    if found.error is _ABSENT and ((text := bytes(id_)).isdigit() or _is_id(text)):
        if found.result is _ABSENT and found.method is not UNSET:
            return Message(data, found.method, id_, None if found.params is UNSET else found.params)
        if found.result is not _ABSENT and found.method is UNSET:
            return Message(data, None, id_, None, found.result)
    return as_message(_object(data))


def as_message(members: Members) -> Message:
    """Members as a message, or RpcError INVALID_REQUEST naming the member that is wrong."""
    if members.get("jsonrpc") != VERSION:
        raise RpcError(INVALID_REQUEST, 'jsonrpc must be "2.0"')
    id_ = members.get("id")
    if id_ is not None and not _is_id(bytes(id_)):
        if "method" in members or bytes(id_) != b"null":
            raise RpcError(INVALID_REQUEST, "id must be a string or an integer")
        id_ = None
    method, error = None, members.get("error")
    if "method" not in members:
        if ("result" in members) == (error is not None):
            raise RpcError(INVALID_REQUEST, "a message needs a method, a result or an error")
        if error is not None and bytes(error)[:1] != b"{":
            raise RpcError(INVALID_REQUEST, "error must be an object")
    else:
        try:
            method = _string.decode(members["method"])
        except msgspec.DecodeError:
            raise RpcError(INVALID_REQUEST, "method must be a string") from None
    return Message(encode(members), method, id_, members.get("params"), members.get("result", _ABSENT), error)


def _object(data: bytes) -> Members:
    """All members of the message in `data`; RpcError where it is none, or not valid."""
    try:
        members = _members.decode(data)
        data.decode()
        return _members.decode(data.translate(_ONE_LINE)) if _LF in data or _CR in data else members
    except msgspec.ValidationError:
        raise RpcError(INVALID_REQUEST, "the body must be a single JSON-RPC message") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RpcError(PARSE_ERROR, "the body is not valid JSON") from None


def _is_id(raw: bytes) -> bool:
    return raw.isdigit() or raw[:1] == b'"' or raw.removeprefix(b"-").isdigit()


def encode(members: Mapping[str, Any]) -> bytes:
    """JSON of `members`; Raw values go in as they are."""
    return _encoder.encode(members)


def request(id_: Raw | int | str, method: str, params: Mapping[str, Any]) -> bytes:
    """A request of ours."""
    return _encoder.encode({"jsonrpc": VERSION, "id": id_, "method": method, "params": params})


def notification(method: str, params: Mapping[str, Any] | None = None) -> bytes:
    """A notification of ours."""
    message: dict[str, Any] = {"jsonrpc": VERSION, "method": method}
    if params is not None:
        message["params"] = params
    return _encoder.encode(message)


def result(id_: Raw, value: Mapping[str, Any] | Raw) -> bytes:
    """The answer to request `id_`."""
    if isinstance(value, Raw):
        return b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (id_, value)
    return _encoder.encode({"jsonrpc": VERSION, "id": id_, "result": value})


def error(id_: Raw, value: Raw) -> bytes:
    """A server's error for request `id_`, passed on."""
    return _encoder.encode({"jsonrpc": VERSION, "id": id_, "error": value})


def members_of(raw: Raw | bytes) -> Members:
    """`raw` as an object; msgspec.DecodeError where it is none.

    A part of a message can be nested too deeply although the message was not: it is looked at further down the call stack.
    """
    try:
        return _members.decode(raw)
    except RecursionError:
        raise msgspec.DecodeError(_TOO_DEEP) from None


def objects_of(raw: Raw) -> list[Members]:
    """`raw` as a list of objects; msgspec.DecodeError where it is anything else."""
    try:
        return _objects.decode(raw)
    except RecursionError:
        raise msgspec.DecodeError(_TOO_DEEP) from None


def string_of(raw: Raw | None) -> str | None:
    """`raw` as a string, None where it is anything else."""
    if raw is None:
        return None
    try:
        return _string.decode(raw)
    except msgspec.DecodeError:
        return None


def number_of(id_: Raw | None) -> int | None:
    """An id of ours as it comes back; None for what cannot be one.

    Some servers give a number back as a string, which the official clients take, too.
    """
    text = bytes(id_) if id_ is not None else b""
    if text[:1] == b'"':
        text = text[1:-1]
    return int(text) if text.isdigit() and len(text) < 16 else None


def raw(value: Any) -> Raw:
    """`value` as JSON that can stand among decoded members."""
    return Raw(_encoder.encode(value))
