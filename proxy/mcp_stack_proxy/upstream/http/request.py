"""The bytes of a request's head. Whatever could end a line early is refused here, whoever let it through before."""

import functools
from collections.abc import Sequence

_TOKEN = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""Characters of a method or header name (RFC 9110, 5.6.2)."""

_TARGET = bytes(range(0x21, 0x7F))
"""Characters of a request target: visible ASCII."""

FRAMING = frozenset(
    {b"host", b"content-length", b"transfer-encoding", b"connection", b"keep-alive", b"te", b"trailer", b"upgrade", b"expect"}
)
"""Headers that decide where a message ends or what becomes of the connection: ours alone to set."""

_BODILESS = frozenset({b"GET", b"HEAD", b"DELETE", b"OPTIONS"})
"""Methods that say nothing about a body they do not have; for others an empty body is announced (RFC 9110, 8.6)."""


def header_lines(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Headers as they are sent.

    ValueError where one would break out of its line (request splitting), or is of FRAMING. The message never repeats the value,
    which may be a credential. The checks look at all headers together, since lines are many and faults are few.
    """
    names = [name for name, _ in headers]
    if b"".join(names).translate(None, _TOKEN) or b"" in names:
        raise ValueError("a header name that is no token (RFC 9110, 5.6.2) is refused")
    if not FRAMING.isdisjoint(map(bytes.lower, names)):
        raise ValueError(f"headers that frame a message are set by the client alone: {_framing_of(names)}")
    return parsed_lines(headers)


def parsed_lines(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """As `header_lines`, for headers whose names a parser has found and a list has allowed.

    Each line brings one CR and one LF, so more of them means a value with its own.
    """
    lines = b"".join([b"%b: %b\r\n" % header for header in headers])
    if not lines.count(b"\r") == lines.count(b"\n") == len(headers) or b"\0" in lines:
        raise ValueError("a header with a line break or NUL is refused")
    return lines


def request_head(method: bytes, target: bytes, authority: bytes, lines: bytes, size: int) -> bytes:
    """Request line and headers, the empty line included. `lines` are of `header_lines`, `size` is that of the body, in bytes.

    ValueError where the method or the target would break out of its line.
    """
    start = _start(method, target, authority)
    if size or method not in _BODILESS:
        return start + lines + _length(size)
    return start + lines + b"\r\n"


@functools.lru_cache(maxsize=4096)  # most bodies are small, and formatting costs more than a look
def _length(size: int) -> bytes:
    return b"content-length: %d\r\n\r\n" % size


@functools.lru_cache(maxsize=1024)  # a server is asked for one target, in three methods
def _start(method: bytes, target: bytes, authority: bytes) -> bytes:
    if not method or method.translate(None, _TOKEN):
        raise ValueError("the method is no token (RFC 9110, 9.1)")
    if target[:1] != b"/" or target.translate(None, _TARGET):
        raise ValueError("the target is no path in visible ASCII (RFC 9112, 3.2.1)")
    return b"%b %b HTTP/1.1\r\nhost: %b\r\n" % (method, target, authority)


def _framing_of(names: list[bytes]) -> str:
    return ", ".join(sorted({name.lower().decode("ascii") for name in names} & {name.decode("ascii") for name in FRAMING}))
