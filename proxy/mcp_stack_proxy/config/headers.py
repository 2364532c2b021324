"""Headers that a configuration adds to requests. What could break out of its line, or would be overruled, is refused here."""

import re
from collections.abc import Mapping

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""Token (RFC 9110, 5.6.2)."""

_VALUE = re.compile(r"[\t\x20-\x7e]*")
"""Visible ASCII, space and tab (RFC 9110, 5.5)."""

OWN = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect"}
    | {"content-type", "accept", "accept-encoding", "last-event-id"}
    | {"mcp-protocol-version", "mcp-session-id", "mcp-method", "mcp-name"}
)
"""Headers that the proxy sets itself, request by request."""


def request_headers(headers: Mapping[str, str]) -> None:
    """ValueError for the first header that cannot be sent. The message never holds the value, which may be a credential."""
    seen: set[str] = set()
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no header name")
        lower = name.lower()
        if lower in OWN:
            raise ValueError(f"the proxy sets {name} itself")
        if lower in seen:
            raise ValueError(f"{name} is given twice; header names do not distinguish case")
        if not _VALUE.fullmatch(value):
            raise ValueError(f"the value of {name} holds a line break or another character that no header may hold")
        seen.add(lower)
