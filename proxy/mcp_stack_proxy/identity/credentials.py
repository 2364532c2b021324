"""The key that a request presents: `Authorization: Bearer KEY` (RFC 6750, 2.1) or `X-API-Key: KEY`.

Headers only: URLs end up in logs.
"""

from collections.abc import Iterable

AUTHORIZATION = b"authorization"
API_KEY = b"x-api-key"


_NAMES = frozenset({AUTHORIZATION, API_KEY})


class Ambiguous(ValueError):
    """More than one credential in one request (RFC 6750, 3.1, invalid_request): two proxies might take different ones."""


def presented(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """The key among `headers`, names in lower case; None where none is presented, another scheme's credentials included.

    Ambiguous where there are several, even if they are equal.
    """
    found = [key for header in headers if header[0] in _NAMES and (key := _key(*header))]
    if len(found) > 1:
        raise Ambiguous("more than one credential")
    return found[0] if found else None


def bearer(authorization: bytes) -> bytes | None:
    """The key in the only value of `Authorization`, where that is the only header that could hold one; None where it holds none."""
    return _key(AUTHORIZATION, authorization) or None


def _key(name: bytes, value: bytes) -> bytes:
    value = value.strip(b" \t")
    if name == API_KEY:
        return value
    scheme, _, rest = value.partition(b" ")
    return rest.lstrip(b" ") if scheme.lower() == b"bearer" else b""
