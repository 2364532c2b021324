"""The bytes of a request's head. Whatever could end a line early is refused here, whoever let it through before."""

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


def request_head(method: bytes, target: bytes, authority: bytes, headers: Sequence[tuple[bytes, bytes]], size: int) -> bytes:
    """Request line and headers, the empty line included. `size` is that of the body, in bytes.

    ValueError where a header, the method or the target would break out of its line (request splitting), or where a header is
    of FRAMING. The message never repeats the value, which may be a credential.

    The checks look at all headers together: each line brought one CR and one LF, so more of them means a value with its own.
    """
    names = [name for name, _ in headers]
    lines = b"".join([b"%b: %b\r\n" % (name, value) for name, value in headers])
    count = len(names)
    if lines.count(b"\r") != count or lines.count(b"\n") != count or b"\0" in lines:
        raise ValueError("a header with a line break or NUL is refused")
    if b"".join(names).translate(None, _TOKEN) or b"" in names:
        raise ValueError("a header name that is no token (RFC 9110, 5.6.2) is refused")
    if not FRAMING.isdisjoint(map(bytes.lower, names)):
        raise ValueError(f"headers that frame a message are set by the client alone: {_framing_of(names)}")
    if not method or method.translate(None, _TOKEN):
        raise ValueError("the method is no token (RFC 9110, 9.1)")
    if target[:1] != b"/" or target.translate(None, _TARGET):
        raise ValueError("the target is no path in visible ASCII (RFC 9112, 3.2.1)")
    if size or method not in _BODILESS:
        return b"%b %b HTTP/1.1\r\nhost: %b\r\n%bcontent-length: %d\r\n\r\n" % (method, target, authority, lines, size)
    return b"%b %b HTTP/1.1\r\nhost: %b\r\n%b\r\n" % (method, target, authority, lines)


def _framing_of(names: list[bytes]) -> str:
    return ", ".join(sorted({name.lower().decode("ascii") for name in names} & {name.decode("ascii") for name in FRAMING}))
