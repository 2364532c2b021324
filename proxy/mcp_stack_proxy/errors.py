"""Whose fault it is, in the type. What reaches a client is made from these fields alone: no address, path or secret.

A `ProxyError` is a `ClientError` (the request is wrong: answered 4xx, the server never sees it) or an `UpstreamError`
(a server is unreachable, slow, broken or lying: answered for it).
"""

from enum import StrEnum


class Reason(StrEnum):
    """`data.reason` of an error that the proxy itself answers. Part of the contract: values stay."""

    UNREACHABLE = "upstream-unreachable"
    """No connection, or it broke before the answer was complete."""
    TIMEOUT = "upstream-timeout"
    """The request's own time passed (`limits.request_seconds`); the server may or may not have acted."""
    SILENT = "upstream-silent"
    """The server said nothing for the time that it may be silent (`limits.exchange_seconds`); it may or may not have acted."""
    CONNECT_TIMEOUT = "upstream-connect-timeout"
    """No connection in the time for one (`limits.connect_seconds`); the server did not see the request."""
    DISCOVERY_TIMEOUT = "upstream-discovery-timeout"
    """The server did not introduce itself, or list what it has, in the time for that (`limits.discovery_seconds`)."""
    INVALID = "upstream-invalid"
    """What the server sent is no HTTP, no MCP, or over a limit of size."""
    OVER_MEMORY = "upstream-over-memory"
    """The server's process used more memory than it may, and was ended; it may or may not have acted."""
    REFUSED = "upstream-refused"
    """The server refused the proxy's own credentials."""
    UNKNOWN_NAME = "unknown-name"
    NAME_COLLISION = "name-collision"
    """Two servers have things of one name; the second's cannot be told apart from the first's, and are left out."""
    UNSUPPORTED = "unsupported"
    """The server's revision has no equivalent of what was asked."""
    INVALID_ARGUMENTS = "invalid-arguments"
    """The arguments of a call break the tool's schema; the server did not see them."""
    INVALID_RESULT = "invalid-result"
    """The server acted, and what it answered breaks the tool's schema."""
    INVALID_SCHEMA = "invalid-schema"
    """The tool's schema cannot be used to check its calls, which are therefore refused."""
    REPLICA_GONE = "replica-gone"
    """Another process keeps what the request goes on with, and cannot be reached; the request itself had no effect."""
    OVERLOADED = "overloaded"
    """The server has as many calls as it may have at a time, and no room or time is left to wait; it did not see this one."""
    NOT_PARKED = "not-parked"
    """A call that waits for the client's input is not kept: there are too many, or its time is up, or its process is gone."""
    DRAINING = "draining"
    """This process is shutting down; ask again, another one answers."""


TIMEOUTS = frozenset({Reason.TIMEOUT, Reason.SILENT, Reason.DISCOVERY_TIMEOUT})
"""A server that may be at work, and said nothing in time."""

UNREACHED = frozenset({Reason.UNREACHABLE, Reason.CONNECT_TIMEOUT})
"""A server that is not there, or is no more."""


class ProxyError(Exception):
    """Base. `retryable`: the request surely had no effect yet, so that asking again is safe."""

    def __init__(self, reason: Reason, message: str, *, retryable: bool = False, hint: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retryable = retryable
        self.hint = hint
        self.server: str | None = None
        """The server that it is about, where that does not go without saying: on the endpoint of all servers."""


class ClientError(ProxyError):
    """The caller's fault."""


class UpstreamError(ProxyError):
    """A server's fault. `status` is its HTTP status where it answered with one that is no MCP answer."""

    def __init__(
        self, reason: Reason, message: str, *, retryable: bool = False, hint: str | None = None, status: int | None = None
    ) -> None:
        super().__init__(reason, message, retryable=retryable, hint=hint)
        self.status = status


class Overloaded(UpstreamError):
    """More calls than a server may have at a time. It did not see this one."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(Reason.OVERLOADED, message, retryable=True, hint=f"ask again in {retry_after} s")
        self.retry_after = retry_after
        """Seconds after which asking again makes sense."""


def of_discovery(fault: UpstreamError) -> UpstreamError:
    """`fault` of an attempt that has `limits.discovery_seconds` in all: the end of its time is theirs."""
    if fault.reason is not Reason.TIMEOUT:
        return fault
    return UpstreamError(Reason.DISCOVERY_TIMEOUT, fault.message, retryable=fault.retryable, hint=fault.hint)
