"""The key that a request presents: `Authorization: Bearer KEY` (RFC 6750, 2.1) or `X-API-Key: KEY`.

Headers only: URLs end up in logs.
"""

from collections.abc import Iterable

AUTHORIZATION = b"authorization"
API_KEY = b"x-api-key"


class Ambiguous(ValueError):
    """More than one credential in one request (RFC 6750, 3.1, invalid_request): two proxies might take different ones."""


def presented(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """The key among `headers`, names in lower case; None where none is presented, another scheme's credentials included.

    Ambiguous where there are several, even if they are equal.
    """
    found: bytes | None = None
    for name, value in headers:
        if name == API_KEY:
            key = value.strip(b" \t")
        elif name == AUTHORIZATION:
            scheme, _, rest = value.strip(b" \t").partition(b" ")
            if scheme.lower() != b"bearer":
                continue
            key = rest.lstrip(b" ")
        else:
            continue
        if not key:
            continue
        if found is not None:
            raise Ambiguous("more than one credential")
        found = key
    return found
