"""What this process shares with other replicas of the same proxy: keys, and where each of them is."""

import secrets
from pathlib import Path

from ..config import Sessions
from ..identity import SessionKeys
from ..upstream.tasks import Tasks
from ..wire.sealing import KEY_BYTES, Keyring
from ..wire.tickets import Tickets
from .place import Place


class Sharing:
    """Without a configuration the key is this process's own: what it has sealed is lost with it. ConfigError as SessionKeys."""

    def __init__(self, config: Sessions | None, tasks: Tasks, place: Place | None = None) -> None:
        """`place`: this is one worker of several, which are to each other what replicas are."""
        self.keys = Keyring([secrets.token_bytes(KEY_BYTES) if place is None else place.key])
        self.address = place.address if place is not None else config.advertise or "" if config is not None else ""
        """HOST:PORT at which the other replicas reach this one; empty where they do not."""
        self.process = secrets.token_urlsafe(9)
        if config is not None:
            tasks.spawn(SessionKeys(Path(config.keys), self.keys.renew).follow(), "watch over the file of session keys")

    def tickets(self, purpose: str) -> Tickets:
        """Tickets that lead back to this process."""
        return Tickets(self.keys, purpose, self.address, self.process)
