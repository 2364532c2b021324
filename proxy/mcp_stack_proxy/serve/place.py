"""The place of a worker process among its siblings.

To each other they are what replicas are: each has an address of its own, on loopback, where it serves what the common one serves.
"""

import mmap
import secrets
from dataclasses import dataclass, field

from ..wire.sealing import KEY_BYTES


@dataclass(frozen=True, slots=True)
class Place:
    """A worker among its siblings. All but `number` is the same for all of them."""

    number: int
    addresses: tuple[str, ...]
    """HOST:PORT of each worker's own listener, by number."""
    token: bytes
    key: bytes
    """Seals sessions, where no keys are configured."""
    started: mmap.mmap = field(repr=False)
    """A byte for each worker, in memory that they share: 1 once its servers' processes have started. It outlives the worker."""

    @property
    def address(self) -> str:
        """Where the siblings reach this worker."""
        return self.addresses[self.number]


def places(addresses: tuple[str, ...]) -> list[Place]:
    """The places of as many workers."""
    token, key = secrets.token_hex(16).encode(), secrets.token_bytes(KEY_BYTES)
    started = mmap.mmap(-1, len(addresses))
    return [Place(number, addresses, token, key, started) for number in range(len(addresses))]
