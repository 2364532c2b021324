"""Ids of legacy sessions: all that a session has to know, sealed, so that any replica goes on with it, after a restart too."""

import msgspec
from msgspec import Raw, Struct

from .envelope import Members, encode, members_of, string_of
from .sealing import Keyring, Seal

MAX_MEMBER = 400
"""Bytes of `clientInfo`, and of `capabilities`, that an id carries as they are: it has to fit into a header of every client."""

MAX_UPSTREAM = 2048
"""Characters of a server's own session id that an id carries."""

_MAX_TEXT = 100
_CAPABILITIES = ("roots", "sampling", "elicitation", "tasks")


class SessionState(Struct, frozen=True, array_like=True):
    """What is sealed in the id of a session."""

    endpoint: str
    """The endpoint that it was opened at, and the only one that it is good for: a server's name, empty for all of them."""
    version: str
    """Revision that was agreed on; empty where a server behind a relay has agreed."""
    subject: str | None
    """Who opened it, and the only one who may use it; None where nobody is asked."""
    issued: float
    """Unix time, in seconds."""
    home: str = ""
    """HOST:PORT of the replica that opened it; empty where no other one reaches it."""
    client: bytes = b""
    """The client's `clientInfo` as JSON; empty where it gave none."""
    capabilities: bytes = b""
    """The client's capabilities as JSON; empty where it gave none."""
    upstream: str | None = None
    """The server's own id of the session, where requests are passed through to it."""


def session_ids(keys: Keyring) -> Seal[SessionState]:
    """What seals and opens the ids of sessions."""
    return Seal(keys, "session", SessionState)


def bounded_client(info: Raw | None) -> bytes:
    """`clientInfo` as far as an id can carry it: whole, else its name and version, cut off where they are long."""
    if info is None or len(bytes(info)) <= MAX_MEMBER:
        return b"" if info is None else bytes(info)
    members = _object(info)
    texts = {name: text[:_MAX_TEXT] for name in ("name", "version") if (text := string_of(members.get(name))) is not None}
    return _fitting(encode(texts)) if texts else b""


def bounded_capabilities(capabilities: Raw | None) -> bytes:
    """Capabilities as far as an id can carry them: whole, else those that the protocol knows, while they fit.

    What is left out counts as not declared: a server asks for less than it might, never for more.
    """
    if capabilities is None or len(bytes(capabilities)) <= MAX_MEMBER:
        return b"" if capabilities is None else bytes(capabilities)
    found, kept = _object(capabilities), dict[str, Raw]()
    for name in _CAPABILITIES:
        if name in found and len(encode({**kept, name: found[name]})) <= MAX_MEMBER:
            kept[name] = found[name]
    return encode(kept)


def _object(raw: Raw) -> Members:
    try:
        return members_of(raw)
    except msgspec.DecodeError:
        return {}


def _fitting(data: bytes) -> bytes:
    return data if len(data) <= MAX_MEMBER else b""  # characters that JSON escapes may take six bytes each
