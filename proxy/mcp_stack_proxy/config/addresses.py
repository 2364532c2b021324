"""Addresses in a configuration: what listens where, which URL is called, which hosts and origins may call."""

import re
import unicodedata
from urllib.parse import SplitResult, urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

_HOST = re.compile(r"(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE)


_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_CALLED = re.compile(rf"(?=.{{1,254}}$){_LABEL}(?:\.{_LABEL})*\.?", re.IGNORECASE)
"""What a resolver can be asked for; `_` because there are such names, although no host should have one."""


def in_ascii(host: str) -> str | None:
    """`host` with international letters as it goes over the wire (punycode). None where there is no such form, or where it stands
    for other letters: `ß` was `ss` (RFC 3490), and has been a letter of its own since (RFC 5891)."""
    plain = unicodedata.normalize("NFC", host.lower())
    try:
        wire = plain.encode("idna")
        return wire.decode("ascii") if wire.decode("idna") == plain else None
    except UnicodeError:
        return None


def punycode_hint(host: str) -> str:
    """How to write `host`, which holds letters beyond ASCII."""
    wire = in_ascii(host)
    return "write it in punycode, as it goes over the wire: " + (f"`{wire}`" if wire else "`xn--…`")


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
    if (fault := _host_fault(parts.hostname)) is not None:
        raise ValueError(fault)
    if _port(parts) == 0:
        raise ValueError(f"{url!r} has port 0, which no server listens on")
    if parts.fragment:
        raise ValueError("a fragment (`#...`) means nothing to a server")
    return url


def host_pattern(pattern: str) -> str:
    """`mcp.example.com`, `*.example.com` or an address; without scheme and port, which would never match."""
    if not pattern.isascii() and _HOST.fullmatch(in_ascii(pattern) or "x"):
        raise ValueError(f"{pattern!r} is no host name: {punycode_hint(pattern)}")
    if not _HOST.fullmatch(pattern):
        raise ValueError(f"{pattern!r} is no host name: write `mcp.example.com` or `*.example.com`, without scheme and port")
    return pattern


def origin(value: str) -> str:
    """Origin as browsers send it: `https://app.example.com`, with a port where it is not the scheme's own."""
    parts = urlsplit(value)
    whole = f"{parts.scheme}://{parts.netloc}"
    if "*" in value:
        raise ValueError(f"{value!r} is a wildcard, and origins are named in full: write each, as `https://app.example.com`")
    if not whole.isascii():
        raise ValueError(f"{value!r} is no origin: browsers send ASCII; {punycode_hint(parts.hostname or '')}")
    if parts.scheme not in ("http", "https") or not parts.hostname or value != whole or "@" in whole:
        raise ValueError(f"{value!r} is no origin: write `https://app.example.com`, without path")
    _port(parts)
    return value


def _host_fault(host: str) -> str | None:
    """Why no server is called `host`, in lower case and without brackets."""
    if not host.isascii():
        return None if in_ascii(host) else f"{host!r} is no host name that all resolvers take for the same: {punycode_hint(host)}"
    address = ":" in host  # which was checked when the URL was taken apart
    return None if address or _CALLED.fullmatch(host) else f"{host!r} is no host name: letters, digits, dashes and dots"


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise ValueError(f"the port of {parts.netloc!r} is no number from 1 to 65535") from None
