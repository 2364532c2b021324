"""Callers show who they are before anything of their request is looked at. Exists only where it is configured."""

from collections.abc import Iterable

from ..identity import API_KEY, AUTHORIZATION, Ambiguous, ApiKeys, Principal, presented
from .doorman import Doorman
from .http import Header, Refusal, Request

_CHALLENGE = b'Bearer realm="mcp-stack"'


def _refusal(status: int, text: str, error: bytes = b"") -> Refusal:
    challenge = _CHALLENGE + (b', error="%b"' % error if error else b"")
    return Refusal(status, text, [(b"www-authenticate", challenge), (b"cache-control", b"no-store")])


def _missing() -> Refusal:
    """No error code: nothing was presented that could be wrong (RFC 6750, 3.1)."""
    return _refusal(401, "authentication required: send `Authorization: Bearer KEY` or `X-API-Key: KEY`")


def _wrong() -> Refusal:
    """The same for every key that is not accepted: unknown, too short, or taken away."""
    return _refusal(401, "this key is not accepted", b"invalid_token")


def _several() -> Refusal:
    return _refusal(400, "send one credential, in one header", b"invalid_request")


class KeyedDoorman(Doorman):
    """After Host and Origin, asks for a key."""

    def __init__(self, listen_host: str, hosts: Iterable[str], origins: Iterable[str], keys: ApiKeys) -> None:
        super().__init__(listen_host, hosts, origins)
        self._keys = keys

    def admit(self, request: Request) -> None:
        """See Doorman; Refusal 401 for who does not show a key that is accepted, 400 for who shows several.

        Preflights pass: browsers send them without credentials, and nothing is told but which methods there are (Fetch, 4.8).
        """
        Doorman.admit(self, request)  # super() costs as much as all it finds here
        if request.method == "OPTIONS" and request.extra:
            return
        headers, lines = request.headers, request.raw_headers
        given = headers.get(AUTHORIZATION, b"")
        if given[:7] == b"Bearer " and API_KEY not in headers and len(headers) == len(lines):
            request.caller = self._keys.principal(given[7:])  # as nearly all show it
        if request.caller is None:
            request.caller = self._shown(lines)

    def _shown(self, lines: Iterable[Header]) -> Principal:
        try:
            key = presented(lines)
        except Ambiguous:
            raise _several() from None
        if key is None:
            raise _missing()
        caller = self._keys.principal(key)
        if caller is None:
            raise _wrong()
        return caller
