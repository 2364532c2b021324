"""Where a server listens: one URL taken apart once, so that a call only joins ready bytes."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}

_PATH = "/%:@!$&'()*+,;=~-._"
"""Characters of a path that stay as they are (RFC 3986, 3.3); `%` because the URL may be encoded already."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A server's address, and the request target that its URL names."""

    tls: bool
    host: str
    """Name or address without brackets, in ASCII."""
    port: int
    target: bytes
    """Path and query as they stand in a request line: `/mcp?tenant=a`, at least `/`."""
    authority: bytes
    """Value of the Host header: `clock:8000`, `[::1]:8000`, without the scheme's own port."""

    @classmethod
    def parse(cls, url: str) -> Self:
        """`url` as origin; ValueError where it is no http(s) URL that a request can be sent to."""
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError(f"{url!r} is no http:// or https:// URL")
        if parts.username is not None or parts.password is not None:
            raise ValueError("credentials belong into headers, not into the URL")
        default = _DEFAULT_PORTS[parts.scheme]
        port = default if parts.port is None else parts.port
        if port == 0:
            raise ValueError(f"{url!r} has port 0, which no server listens on")
        host = _ascii_host(parts.hostname)
        target = quote(parts.path, safe=_PATH) or "/"
        if parts.query:
            target += "?" + quote(parts.query, safe=_PATH + "?")
        shown = f"[{host}]" if ":" in host else host
        authority = shown if port == default else f"{shown}:{port}"
        return cls(parts.scheme == "https", host, port, target.encode("ascii"), authority.encode("ascii"))


def _ascii_host(host: str) -> str:
    """`host` as it goes over the wire: international names in their `xn--` form."""
    if host.isascii():
        if any(char <= " " or char in '"<>\\^`{|}' for char in host):
            raise ValueError(f"{host!r} is no host name")
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError(f"{host!r} is no host name") from None
