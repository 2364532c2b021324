"""What a modern request says of itself in `_meta` (2026-07-28, basic): read once, since clients say the same with every request."""

import functools
from dataclasses import dataclass, field

from msgspec import DecodeError, Raw

from .bridge import log_level_of
from .envelope import Members, members_of, string_of
from .errors import INVALID_PARAMS, RpcError
from .questions import declared
from .revisions import META_CAPABILITIES, META_CLIENT, META_VERSION
from .task_ids import declares_tasks
from .trace import names_trace

_REMEMBERED = 2048
"""Bytes of metadata up to which they are remembered: it is the client's to choose how many."""


@dataclass(frozen=True, slots=True)
class RequestMeta:
    """Not to be changed: many requests share it."""

    version: str
    client: Raw | None = None
    """`clientInfo`."""
    log_level: str | None = None
    """Least severe log message that the client wants; None for none."""
    capabilities: Members = field(default_factory=dict[str, Raw])
    """Of a client that can be asked something; empty for one that cannot."""
    bare: bool = False
    """Whether it says nothing of traces or tasks: nobody need look for them."""
    header: bytes | None = field(default=None, compare=False)
    """How a header repeats `version`, from which it follows; None where none can."""


def request_meta(params: Members) -> RequestMeta:
    """The metadata in `params`, or RpcError INVALID_PARAMS naming what is missing."""
    raw = params.get("_meta")
    if raw is None:
        raise _none()
    data = bytes(raw)
    return _remembered(data) if len(data) <= _REMEMBERED else _read(data)


def _read(data: bytes) -> RequestMeta:
    try:
        meta = members_of(data)
    except DecodeError:
        raise _none() from None
    missing = [key for key in (META_VERSION, META_CAPABILITIES) if key not in meta]
    if missing:
        raise RpcError(INVALID_PARAMS, f"params._meta lacks {' and '.join(missing)}")
    version = string_of(meta[META_VERSION])
    if version is None:
        raise RpcError(INVALID_PARAMS, f"{META_VERSION} must be a string")
    bare = not names_trace(data) and not declares_tasks(data)
    header = version.encode("latin-1") if max(version, default="") <= "\xff" else None
    return RequestMeta(version, meta.get(META_CLIENT), log_level_of(meta), declared(bytes(meta[META_CAPABILITIES])), bare, header)


_remembered = functools.lru_cache(maxsize=256)(_read)


def _none() -> RpcError:
    return RpcError(INVALID_PARAMS, f"params._meta must be an object with {META_VERSION} and {META_CAPABILITIES}")
