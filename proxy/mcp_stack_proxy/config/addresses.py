"""Addresses in a configuration: what listens where, which URL is called, which hosts and origins may call."""

import re
from urllib.parse import SplitResult, urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

_HOST = re.compile(r"(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE)


def split_address(listen: str) -> tuple[str, int]:
    """`HOST:PORT` as host and port; IPv6 hosts need their brackets and keep them."""
    host, _, port = listen.rpartition(":")
    plain = (host.startswith("[") and host.endswith("]")) or ":" not in host
    if not host or not plain or not (port.isascii() and port.isdecimal()) or int(port) > 65535:
        raise ValueError(f"{listen!r} is no HOST:PORT, such as 127.0.0.1:8080")
    return host, int(port)


def http_url(url: str) -> str:
    """`url` if a request can be sent to it. Messages repeat no credentials: it may have come out of a secret."""
    if any(char.isspace() or not char.isprintable() for char in url):
        raise ValueError("a URL holds no white space and no control characters")
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        raise ValueError("credentials belong into `headers`, not into the URL")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no http:// or https:// URL")
    if _port(parts) == 0:
        raise ValueError(f"{url!r} has port 0, which no server listens on")
    if parts.fragment:
        raise ValueError("a fragment (`#...`) means nothing to a server")
    return url


def host_pattern(pattern: str) -> str:
    """`mcp.example.com`, `*.example.com` or an address; without scheme and port, which would never match."""
    if not _HOST.fullmatch(pattern):
        raise ValueError(f"{pattern!r} is no host name: write `mcp.example.com` or `*.example.com`, without scheme and port")
    return pattern


def origin(value: str) -> str:
    """Origin as browsers send it: `https://app.example.com`, with a port where it is not the scheme's own."""
    parts = urlsplit(value)
    whole = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in ("http", "https") or not parts.hostname or value != whole or "@" in whole or "*" in whole:
        raise ValueError(f"{value!r} is no origin: write `https://app.example.com`, without path")
    _port(parts)
    return value


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise ValueError(f"the port of {parts.netloc!r} is no number from 1 to 65535") from None
