"""Who may knock: Host and Origin, checked before anything else (2026-07-28, basic/transports, security warning).

A page in a browser can be made to send requests to an address of its visitor's network (DNS rebinding). Its requests carry the
attacker's name as Host, or its page as Origin; both are refused here.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from ..config.model import LOOPBACK
from .http import Header, Refusal, Request

_EXPOSED = b"mcp-session-id, mcp-protocol-version, www-authenticate"
_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, POST, DELETE, OPTIONS"),
    (b"access-control-max-age", b"600"),
)


class Doorman:
    """Decides by a few sets that were built once."""

    def __init__(self, listen_host: str, hosts: Iterable[str], origins: Iterable[str]) -> None:
        self._loopback = frozenset(LOOPBACK)
        names = [host.lower() for host in (*LOOPBACK, listen_host, *hosts)]
        self._hosts = frozenset(name for name in names if not name.startswith("*."))
        self._suffixes = tuple(name[1:] for name in names if name.startswith("*."))
        self._origins = frozenset(origin.rstrip("/").lower() for origin in origins)
        self._seen: dict[bytes, str] = {}

    def admit(self, request: Request) -> None:
        """Refusal 421 for a Host that is not ours, 403 for a page that may not call. Notes the headers that a page needs."""
        headers = request.headers
        named = headers.get(b"host", b"")
        host = self._seen.get(named) or self._host(named)
        origin = headers.get(b"origin")
        if origin is None:
            return
        if not self._may_call(origin.decode("latin-1").lower(), host):
            raise Refusal(403, "Invalid Origin header: this page may not call (allowed_origins)")
        request.extra += [(b"access-control-allow-origin", origin), (b"vary", b"origin")]
        request.extra.append((b"access-control-expose-headers", _EXPOSED))

    def preflight(self, request: Request) -> list[Header]:
        """Headers that answer a browser's question whether a page may call."""
        asked = request.headers.get(b"access-control-request-headers", b"")
        return [*_PREFLIGHT, (b"access-control-allow-headers", asked)]

    def _host(self, header: bytes) -> str:
        """Host name without port, known to be one of ours."""
        host = _without_port(header.decode("latin-1").lower())
        if host not in self._hosts and not any(host.endswith(suffix) and host != suffix for suffix in self._suffixes):
            raise Refusal(421, "Invalid Host header: not a name of this gateway (allowed_hosts)")
        if len(self._seen) < 1024:  # ports vary at the client's will
            self._seen[header] = host
        return host

    def _may_call(self, origin: str, host: str) -> bool:
        if origin in self._origins:
            return True
        try:
            page = _without_port(urlsplit(origin).netloc)
        except ValueError:  # brackets that hold no address
            return False
        return bool(page) and (page == host or (page in self._loopback and host in self._loopback))


def _without_port(host: str) -> str:
    if host.startswith("["):
        address, end, port = host.partition("]")
        return address + end if end and port[:1] in ("", ":") else host
    return host.partition(":")[0]
