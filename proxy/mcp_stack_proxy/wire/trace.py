"""W3C trace context on its way through the proxy: in headers, and in `_meta` of params (SEP-414).

The two are independent contexts (OpenTelemetry semantic conventions for MCP): a server takes that of `_meta` for the parent of its
work and that of the headers for a link. So both travel as they came. Where a caller gives only one, the server behind a bridge gets
it in both places, which for stdio is the only way it can be told. What is malformed is dropped, as both specifications ask.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import DecodeError, Raw

from .envelope import Members, encode, members_of, raw, string_of

Header = tuple[bytes, bytes]

TRACEPARENT, TRACESTATE, BAGGAGE = b"traceparent", b"tracestate", b"baggage"
NAMES = frozenset({TRACEPARENT, TRACESTATE, BAGGAGE})

MAX_STATE = 512
"""Characters of `tracestate` that everyone has to pass on (Trace Context, 3.3.1.5); a longer one is dropped."""
MAX_BAGGAGE = 8192
"""Bytes of `baggage` that everyone has to pass on (Baggage, 3.3.2); a longer one is dropped."""

_PARENT = re.compile(
    rb"(?!ff)(?P<version>[0-9a-f]{2})-(?P<trace>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?P<more>-[\x21-\x7e]*)?"
)
"""Trace Context, 3.2. Version 00 ends here, a later one may go on; ff is no version, and zeros are no ids."""

_STATE_KEY = rb"[a-z0-9][a-z0-9_\-*/@]{0,255}"
_STATE_MEMBER = re.compile(_STATE_KEY + rb"=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]")
_BAGGAGE = re.compile(rb"[\x20-\x7e\t]+")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def trace_id(parent: bytes) -> str | None:
    """Trace id of a `traceparent`, None where it is malformed."""
    found = _PARENT.fullmatch(parent)
    if found is None or (found["version"] == b"00" and found["more"] is not None):
        return None
    return found["trace"].decode()


def sound(headers: Iterable[Header]) -> list[Header]:
    """The trace context among `headers`, names in lower case, without what is malformed.

    `tracestate` says nothing without `traceparent`; lines of it, and of `baggage`, are joined. A second `traceparent` makes both
    worthless: two readers would disagree about which copy counts.
    """
    values: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        if name in NAMES:
            values.setdefault(name, []).append(value.strip(b" \t"))
    return _sound(values) if values else []


def _sound(values: dict[bytes, list[bytes]]) -> list[Header]:
    found: list[Header] = []
    parents = values.get(TRACEPARENT, [])
    if len(parents) == 1 and trace_id(parents[0]) is not None:
        found.append((TRACEPARENT, parents[0]))
        if (state := b",".join(values.get(TRACESTATE, []))) and _is_state(state):
            found.append((TRACESTATE, state))
    if (baggage := b",".join(values.get(BAGGAGE, []))) and _is_baggage(baggage):
        found.append((BAGGAGE, baggage))
    return found


def from_meta(meta: Members) -> list[Header]:
    """The trace context that `_meta` holds, as headers; empty where it holds none that is sound."""
    found: list[Header] = []
    for name in (TRACEPARENT, TRACESTATE, BAGGAGE):
        text = string_of(meta.get(name.decode()))
        if text is not None and text.isascii():
            found.append((name, text.encode()))
    return sound(found)


def in_meta(params: Members, headers: Sequence[Header]) -> Members:
    """`params` whose `_meta` has the trace context of `headers`, where it has none itself. `headers` are sound."""
    if not headers or not any(name in NAMES for name, _ in headers):
        return params
    try:
        meta = members_of(params["_meta"]) if "_meta" in params else {}
    except DecodeError:
        return params  # it is the server's to refuse
    given = {name.decode(): raw(value.decode()) for name, value in headers if name in NAMES}
    if "traceparent" in meta:
        given = {key: value for key, value in given.items() if key == "baggage"}
    elif "traceparent" in given:
        meta.pop("tracestate", None)  # it belongs to another parent than the one that comes now
    new = {key: value for key, value in given.items() if key not in meta}
    return {**params, "_meta": Raw(encode({**meta, **new}))} if new else params


def in_headers(headers: Sequence[Header], params: Members) -> Sequence[Header]:
    """`headers` with the trace context of `params`' `_meta`, where they have none themselves."""
    if "_meta" not in params or not names_trace(bytes(params["_meta"])):
        return headers
    try:
        meta = members_of(params["_meta"])
    except DecodeError:
        return headers
    names = {name for name, _ in headers}
    taken = NAMES - {BAGGAGE} if TRACEPARENT in names else frozenset[bytes]()
    new = [header for header in from_meta(meta) if header[0] not in names and header[0] not in taken]
    return [*headers, *new] if new else headers


def trace_of(params: Members, headers: Mapping[bytes, bytes]) -> str | None:
    """Trace id of a request: that of `_meta`, which is closer to the work than the HTTP exchange, else that of the headers."""
    if "_meta" in params and names_trace(bytes(params["_meta"])):
        try:
            text = string_of(members_of(params["_meta"]).get("traceparent"))
        except DecodeError:
            text = None
        if text is not None and text.isascii() and (found := trace_id(text.encode())) is not None:
            return found
    parent = headers.get(TRACEPARENT)
    return None if parent is None else trace_id(parent.strip(b" \t"))


def names_trace(meta: bytes) -> bool:
    """Whether `meta` is worth decoding: most requests are part of no trace. An escaped name is none that anybody writes."""
    return b'"traceparent"' in meta or b'"baggage"' in meta


def _is_state(state: bytes) -> bool:
    members = [member.strip(b" \t") for member in state.split(b",")]
    named = [member for member in members if member]  # empty ones are allowed, and mean nothing
    keys = {member.partition(b"=")[0] for member in named}
    whole = all(_STATE_MEMBER.fullmatch(member) for member in named)
    return len(state) <= MAX_STATE and 0 < len(named) <= 32 and len(keys) == len(named) and whole


def _is_baggage(baggage: bytes) -> bool:
    if len(baggage) > MAX_BAGGAGE or _BAGGAGE.fullmatch(baggage) is None:
        return False
    keys = [member.partition(b"=") for member in baggage.split(b",")]
    return all(equals and _TOKEN.fullmatch(key.strip(b" \t")) for key, equals, _ in keys)
