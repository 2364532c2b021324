"""The protocol's revisions and their two eras (specification 2026-07-28, basic/versioning)."""

from enum import Enum

HANDSHAKE = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
"""Revisions that begin with `initialize`, oldest first."""
MODERN = ("2026-07-28",)
"""Revisions in which every request carries its own metadata, oldest first."""
LATEST_HANDSHAKE = HANDSHAKE[-1]
LATEST_MODERN = MODERN[-1]

META_VERSION = "io.modelcontextprotocol/protocolVersion"
META_CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"
META_CLIENT = "io.modelcontextprotocol/clientInfo"
META_LOG_LEVEL = "io.modelcontextprotocol/logLevel"
META_SERVER = "io.modelcontextprotocol/serverInfo"
META_SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"

REQUEST_META = frozenset({META_VERSION, META_CAPABILITIES, META_CLIENT, META_LOG_LEVEL})
"""Metadata of a modern request that means nothing to a legacy server."""

CACHEABLE = frozenset(
    {"server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list", "resources/read"}
)
"""Methods whose complete results carry `ttlMs` and `cacheScope` (2026-07-28, server/utilities/caching)."""

REPLAY_SAFE = CACHEABLE | {"initialize", "ping", "prompts/get", "completion/complete", "logging/setLevel", "tasks/list"}
"""Methods that may be sent a second time when it is unknown whether the first arrived."""

HANDSHAKE_METHODS = frozenset(
    {
        *("initialize", "ping", "logging/setLevel", "completion/complete"),
        *("tools/list", "tools/call", "prompts/list", "prompts/get"),
        *("resources/list", "resources/templates/list", "resources/read", "resources/subscribe", "resources/unsubscribe"),
        *("tasks/get", "tasks/result", "tasks/list", "tasks/cancel"),
    }
)
"""Requests of clients that one of those revisions has that begin with a handshake (2025-11-25, schema)."""

LOG_LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
"""Least severe first (RFC 5424)."""


class Era(Enum):
    """How a peer speaks: after a handshake, or with metadata on each request."""

    LEGACY = "legacy"
    MODERN = "modern"


IS_LEGACY, IS_MODERN = Era.LEGACY, Era.MODERN
"""The same two: looking one up in its class costs Python 3.11 as much as a call, which the way of a request can do without."""


def era_of(version_header: str | None) -> Era:
    """Era of an HTTP request by its version header. An unknown version counts as modern, whose rules then refuse it.

    Without one it is a first `initialize`, or a client of 2025-03-26, which knew no such header (2025-11-25, basic/transports).
    """
    return Era.LEGACY if version_header is None or version_header in HANDSHAKE else Era.MODERN
