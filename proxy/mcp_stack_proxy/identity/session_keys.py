"""The session keys in force: read at start, and again when their file changes; a new one is used once every replica has it."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..config import Source
from ..config.session_keys import parse_session_keys
from .followed import LOOK_SECONDS, Followed

SPREAD_SECONDS = 120.0
"""Time until a changed Secret has reached every pod: the kubelet looks once a minute, at what it may have seen a minute ago."""

_MAX_BYTES = 16 * 1024


class SessionKeys:
    """Keeps a ring of keys like a file: `renew` gets the keys, and the index of the one to seal with.

    That is the first, except while the file is young: then it is the second, which the other replicas know already.
    """

    def __init__(
        self,
        path: Path,
        renew: Callable[[Sequence[bytes], int], None],
        every: float = LOOK_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._renew = renew
        self._every = every
        self._clock = clock
        self._keys: list[bytes] = []
        self._sealing: int | None = None
        self._file = Followed(path, "session keys", self._take, limit=_MAX_BYTES)
        self._apply()

    async def follow(self) -> None:
        """Keep up with the file until cancelled."""
        while True:
            await asyncio.sleep(self._every)
            self.look()

    def look(self) -> None:
        """Take over what the file holds now, if it changed, and let the newest key seal when its time has come."""
        self._file.look()
        self._apply()

    def _take(self, source: Source) -> str:
        self._keys, self._sealing = parse_session_keys(source), None
        return f"{len(self._keys)} keys"

    def _apply(self) -> None:
        young = 0 <= self._clock() - self._file.changed < SPREAD_SECONDS
        sealing = 1 if young and len(self._keys) > 1 else 0
        if sealing != self._sealing:
            self._sealing = sealing
            self._renew(self._keys, sealing)
