"""One line of the audit: who called what, and how it ended. JSON, one object a line."""

import functools
import hashlib
import secrets
import time
from collections.abc import Mapping
from itertools import count
from typing import Literal, Protocol

import msgspec
from msgspec import Raw

from ..wire.envelope import Members
from ..wire.headers import SESSION

Arguments = Literal["none", "digest", "full"]

MAX_NAME = 1024
"""Characters of a name or URI, which is the client's to choose."""
MAX_CLIENT = 1024
"""Bytes of a client's own description; a longer one is left out."""

_ENCODER = msgspec.json.Encoder()
_MILLISECONDS = tuple(b".%03dZ" % number for number in range(1000))


@functools.cache
def run() -> str:
    """What the ids of all records of this process begin with. Made when the first is written: workers are forked before that."""
    return secrets.token_hex(4) + "-"


NUMBERS = count(1)
"""What they end with, in hexadecimal."""


class Caller(Protocol):
    """Who calls."""

    @property
    def subject(self) -> str:
        """As whom."""
        ...

    @property
    def key_id(self) -> str:
        """By which of its keys: not the key, and nothing that helps to guess it."""
        ...


class AuditRecord(msgspec.Struct, omit_defaults=True):
    """Members in the order in which they are written. What is absent was not given, or does not apply."""

    timestamp: str
    """When the request came: RFC 3339, UTC, milliseconds."""
    id: str
    """Unique among all records of all processes, for practical purposes."""
    source: str
    """`serve:http` or `serve:stdio`: how the call came."""
    method: str
    outcome: str
    """One word, see `outcomes`."""
    success: bool
    duration_ms: float
    server_name: str | None = None
    """None for what concerns no single server."""
    tool_name: str | None = None
    prompt_name: str | None = None
    resource_uri: str | None = None
    identity: str | None = None
    """Subject of the caller."""
    key_id: str | None = None
    session: str | None = None
    """First 16 hexadecimal digits of the SHA-256 of the session's id, which is as good as a credential."""
    client: Raw | None = None
    """`clientInfo`, as the client says."""
    error_code: int | None = None
    """JSON-RPC code."""
    status: int | None = None
    """HTTP status, of a request that ended at that layer."""
    error_message: str | None = None
    """For errors of the proxy's own; those of servers may hold anything."""
    request_bytes: int = 0
    response_bytes: int = 0
    trace_id: str | None = None
    arguments: Raw | None = None
    """As they came, where the configuration asks for them."""
    arguments_sha256: str | None = None
    """Of the bytes that came, where the configuration asks for it."""

    def line(self) -> bytes:
        """With its line break. What is Raw here has none: it comes out of a decoded message."""
        return _ENCODER.encode(self) + b"\n"


class Stamps:
    """Times as text; the part before the milliseconds is made once a second."""

    def __init__(self) -> None:
        self._begun = -1000  # the second that the text is of, in milliseconds
        self._text = b""

    def at(self, seconds: float) -> str:
        """`seconds` since the epoch."""
        return self.ascii(seconds).decode()

    def ascii(self, seconds: float) -> bytes:
        """The same, encoded."""
        milliseconds = int(seconds * 1000)
        part = milliseconds - self._begun
        if not 0 <= part < 1000:
            whole, part = divmod(milliseconds, 1000)
            self._begun = milliseconds - part
            self._text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)).encode()
        return self._text + _MILLISECONDS[part]


def record_id() -> str:
    """A new id: eight random digits of this process, and a number."""
    return f"{run()}{next(NUMBERS):x}"


@functools.lru_cache(maxsize=1024)  # the same few clients call again and again
def _digest(session: bytes) -> str:
    return hashlib.sha256(session).hexdigest()[:16]


def describe(
    record: AuditRecord,
    params: Members,
    name: str,
    headers: Mapping[bytes, bytes],
    caller: Caller | None,
    client: Raw | None,
    arguments: Arguments,
) -> None:
    """Fill in who called, and what."""
    if record.method == "tools/call":
        record.tool_name = name[:MAX_NAME]
    elif record.method == "prompts/get":
        record.prompt_name = name[:MAX_NAME]
    elif record.method == "resources/read":
        record.resource_uri = name[:MAX_NAME]
    if caller is not None:
        record.identity, record.key_id = caller.subject, caller.key_id or None
    if (session := headers.get(SESSION)) is not None:
        record.session = _digest(session)
    if client is not None and memoryview(client).nbytes <= MAX_CLIENT:
        record.client = client
    if arguments != "none" and (given := params.get("arguments")) is not None:
        if arguments == "full":
            record.arguments = given
        else:
            record.arguments_sha256 = hashlib.sha256(given).hexdigest()
