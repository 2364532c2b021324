"""Tickets: text that a client hands back, and that says which replica keeps something for it.

A ticket is the `requestState` of a parked call (2026-07-28, patterns/mrtr), or the id of a request that a server made of a client.
It is bound to who got it and to what it was given out for, and ends by itself. What it stands for stays in one process; the
ticket only leads there.
"""

from msgspec import Struct

from .sealing import Keyring, Seal


class Ticket(Struct, frozen=True, array_like=True):
    """Where something waits, and for whom."""

    address: str
    """HOST:PORT of the replica that keeps it, as other replicas reach it; empty where there is only one."""
    process: str
    """Random name of the process there: one that has started since does not keep it."""
    park: str
    """Its name in that process."""
    subject: str | None
    """Who got the ticket; None where nobody is asked to say who they are."""
    digest: bytes
    """Of what it was given out for, such as the request that a retry has to repeat."""
    expires: float
    """Unix time, in seconds."""


class Tickets:
    """Issues and redeems tickets of one purpose. `address` and `process` are this process's own."""

    def __init__(self, keys: Keyring, purpose: str, address: str, process: str) -> None:
        self._seal = Seal(keys, f"ticket {purpose}", Ticket)
        self._address = address
        self._process = process

    def issue(self, park: str, subject: str | None, digest: bytes, expires: float) -> str:
        """A ticket for what this process keeps as `park`, good until `expires`."""
        return self._seal.seal(Ticket(self._address, self._process, park, subject, digest, expires))

    def redeem(self, text: str, subject: str | None, digest: bytes, now: float) -> Ticket | None:
        """The ticket in `text`; None if it is forged, somebody else's, for something else, or over: all look the same."""
        ticket = self._seal.open(text)
        if ticket is None or ticket.subject != subject or ticket.digest != digest or now >= ticket.expires:
            return None
        return ticket

    def is_here(self, ticket: Ticket) -> bool:
        """Whether this very process issued `ticket`."""
        return ticket.process == self._process

    def elsewhere(self, ticket: Ticket) -> str | None:
        """Address of another replica that issued it; None where it was this one, one before it here, or one without address."""
        return ticket.address if ticket.address not in ("", self._address) and not self.is_here(ticket) else None
