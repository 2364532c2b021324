"""From one era to the other: what a request, result, error or notification of one looks like in the other.

A modern request carries its metadata, a legacy one relies on the handshake; a modern result says what kind of result it is and how
long it may be cached, a legacy one does not. Everything else is the same and stays as it came.
"""

from collections.abc import Mapping

from msgspec import DecodeError, Raw

from ..errors import Reason, UpstreamError
from .envelope import Members, encode, members_of, raw, string_of
from .errors import INVALID_PARAMS, METHOD_NOT_FOUND, RESOURCE_NOT_FOUND, RpcError
from .questions import RETRY, modern_capabilities
from .revisions import (
    CACHEABLE,
    HANDSHAKE_METHODS,
    LATEST_MODERN,
    LOG_LEVELS,
    META_CAPABILITIES,
    META_CLIENT,
    META_LOG_LEVEL,
    META_VERSION,
    REQUEST_META,
)

NO_CAPABILITIES = Raw(b"{}")
_COMPLETE = Raw(b'"complete"')
_MODERN_ONLY = ("resultType", "ttlMs", "cacheScope")
_UNCACHED = {"ttlMs": Raw(b"0"), "cacheScope": Raw(b'"private"')}


def modern_params(params: Members, client: Raw | None, log_level: str | None, capabilities: Members | None = None) -> Members:
    """A legacy request's params with the metadata that a modern server demands; `capabilities` are the client's own, never more."""
    meta = meta_of(params)
    meta[META_VERSION] = raw(LATEST_MODERN)
    meta[META_CAPABILITIES] = Raw(encode(modern_capabilities(capabilities))) if capabilities else NO_CAPABILITIES
    if client is not None:
        meta[META_CLIENT] = client
    if log_level is not None:
        meta[META_LOG_LEVEL] = raw(log_level)
    return {**params, "_meta": Raw(encode(meta))}


def legacy_params(params: Members) -> Members:
    """A modern request's params without the metadata that only a modern server understands.

    RpcError for the retry of a call that nobody here remembers: a legacy server has no state that a client could hand back.
    """
    if "requestState" in params:
        raise RpcError(INVALID_PARAMS, "params.requestState is unknown or over: send the request again without it")
    meta = {key: value for key, value in meta_of(params).items() if key not in REQUEST_META}
    rest = {key: value for key, value in params.items() if key != "_meta" and key not in RETRY}
    return {**rest, "_meta": Raw(encode(meta))} if meta else rest


def modern_result(method: str, result: Raw) -> Raw:
    """A legacy server's result as a modern one: complete, and not to be cached, because the server promised nothing."""
    members = _object(result)
    if members is None:
        return result
    extra: dict[str, Raw] = {} if "resultType" in members else {"resultType": _COMPLETE}
    if method in CACHEABLE:
        extra |= {key: value for key, value in _UNCACHED.items() if key not in members}
    return Raw(encode({**members, **extra})) if extra else result


def legacy_result(result: Raw) -> Raw:
    """A modern server's complete result as a legacy one; UpstreamError for one of a kind that nobody knows.

    No legacy client could tell the latter from a result (2026-07-28, basic/index, result types).
    """
    members = _object(result)
    if members is None or not any(key in members for key in _MODERN_ONLY):
        return result
    refuse_unknown(members)
    return Raw(encode({key: value for key, value in members.items() if key not in _MODERN_ONLY}))


def refuse_unknown(members: Members) -> None:
    """UpstreamError for a result that says of itself that it is none that is complete."""
    if (kind := members.get("resultType")) is not None and string_of(kind) != "complete":
        raise UpstreamError(Reason.INVALID, "answers with a result that is not complete, of a kind that is not allowed here")


def needs_input(result: Raw) -> bool:
    """Whether a modern result asks the client for input instead of being complete (2026-07-28, patterns/mrtr)."""
    return b"input_required" in bytes(result) and (
        (members := _object(result)) is not None and string_of(members.get("resultType")) == "input_required"
    )


def modern_error(method: str, error: Raw) -> Raw:
    """A legacy server's error as a modern one: an unknown resource is an invalid parameter (2026-07-28, server/resources).

    Servers of the SDK 1.x say of every request that they cannot read what they say of bad params. Where none of their revisions
    has the method, it is the method that they do not know, which has a code and a status of its own.
    """
    if method not in HANDSHAKE_METHODS and _is_unreadable(error):
        return _recoded(error, INVALID_PARAMS, METHOD_NOT_FOUND)
    return _recoded(error, RESOURCE_NOT_FOUND, INVALID_PARAMS)


def legacy_error(method: str, error: Raw) -> Raw:
    """A modern server's error as a legacy one: the inverse, for the one method where the code means that."""
    return _recoded(error, INVALID_PARAMS, RESOURCE_NOT_FOUND) if method == "resources/read" else error


def log_level_of(meta: Mapping[str, Raw]) -> str | None:
    """Level that a modern request asks log messages for; None where it wants none."""
    level = string_of(meta.get(META_LOG_LEVEL))
    return level if level in LOG_LEVELS else None


def is_logged(level: str | None, wanted: str | None) -> bool:
    """Whether a message of `level` reaches a client that asked for `wanted` and above."""
    if wanted is None or level not in LOG_LEVELS:
        return False
    return LOG_LEVELS.index(level) >= LOG_LEVELS.index(wanted)


def _recoded(error: Raw, old: int, new: int) -> Raw:
    members = _object(error)
    if members is None or bytes(members.get("code", b"")) != b"%d" % old:
        return error
    return Raw(encode({**members, "code": new}))


def _is_unreadable(error: Raw) -> bool:
    """Whether `error` is, word for word, that of the SDK 1.x for a request that is none of those it knows."""
    members = _object(error) or {}
    return string_of(members.get("message")) == "Invalid request parameters" and string_of(members.get("data")) == ""


def meta_of(params: Members) -> Members:
    """`_meta` of `params`, empty where there is none or it is no object."""
    return (_object(params["_meta"]) or {}) if "_meta" in params else {}


def _object(value: Raw) -> Members | None:
    try:
        return members_of(value)
    except DecodeError:
        return None
