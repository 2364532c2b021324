"""From a name to an open connection, within one budget of time. Errors say what happened, never where."""

import asyncio
import functools
import ipaddress
import os
import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

from ...errors import Reason, UpstreamError
from ..tasks import Tasks
from .origin import Origin

P = TypeVar("P", bound=asyncio.BaseProtocol)

_OTHER_NAME = "its certificate is for another name"

_CERTIFICATE = {10: "its certificate has expired", 62: _OTHER_NAME, 64: _OTHER_NAME}
"""OpenSSL's verification results that an operator wants told apart (X509_V_ERR_*: expired, host name, address)."""


@functools.cache
def default_tls() -> ssl.SSLContext:
    """The process's client context, made once: system trust (or SSL_CERT_FILE), names checked, HTTP/1.1 only."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class Dialer:
    """Opens connections to one origin."""

    def __init__(self, origin: Origin, tls: ssl.SSLContext | None, connect_seconds: float) -> None:
        self._origin = origin
        self._tls = (tls or default_tls()) if origin.tls else None
        self._seconds = connect_seconds
        self._tasks = Tasks()
        self._lookup: asyncio.Task[list[str]] | None = None
        self.last_good = ""
        """IP address that was connected to last."""

    async def connect(self, make: Callable[[], P], deadline: float) -> P:
        """An open connection with the protocol that `make` makes; UpstreamError, retryable, where there is none."""
        loop = asyncio.get_running_loop()
        patience = loop.time() + self._seconds
        end = min(patience, deadline)
        late = Reason.CONNECT_TIMEOUT if patience <= deadline else Reason.TIMEOUT
        reason, fault = Reason.UNREACHABLE, "its name has no address"
        try:
            async with asyncio.timeout_at(end):
                addresses = await self._addresses()
                for index, address in enumerate(addresses):
                    share = (end - loop.time()) / (len(addresses) - index)
                    try:
                        async with asyncio.timeout(share):
                            protocol = await self._open(loop, make, address)
                    except TimeoutError:  # before OSError, of which it is one
                        reason, fault = late, self._too_late()
                    except OSError as error:
                        reason, fault = Reason.UNREACHABLE, describe(error)
                    else:
                        self.last_good = address
                        return protocol
        except TimeoutError:
            reason, fault = late, self._too_late()
        raise UpstreamError(reason, fault, retryable=True)

    async def aclose(self) -> None:
        """Give up a look-up under way."""
        await self._tasks.aclose()

    async def _open(self, loop: asyncio.AbstractEventLoop, make: Callable[[], P], address: str) -> P:
        name = self._origin.host if self._tls else None
        _, protocol = await loop.create_connection(make, address, self._origin.port, ssl=self._tls, server_hostname=name)
        return protocol

    async def _addresses(self) -> list[str]:
        """Addresses to try, the one that worked last first.

        One look-up at a time for all callers: a resolver that hangs would otherwise use up the threads that every server shares.
        """
        host = self._origin.host
        if _is_address(host):
            return [host]
        if self._lookup is None or self._lookup.done():
            self._lookup = self._tasks.spawn(self._resolve(), "look up a server's name")
        found = await asyncio.shield(self._lookup)
        return sorted(found, key=lambda address: address != self.last_good)

    async def _resolve(self) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            infos = await loop.getaddrinfo(self._origin.host, self._origin.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):  # UnicodeError: a label that is too long
            return []
        return list(dict.fromkeys(str(info[4][0]) for info in infos))

    def _too_late(self) -> str:
        return f"no connection within {self._seconds:g} s"


def describe(error: OSError) -> str:
    """What went wrong, without the address that the system's own message may hold."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE.get(error.verify_code, "its certificate is not trusted")
    if isinstance(error, ssl.SSLError):
        return "the TLS handshake failed"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionError):
        return "the connection was closed while it was opened"
    return os.strerror(error.errno).lower() if error.errno else "no connection"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
