"""The keys in force: read at start, read again when their file changes, looked up by digest."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from ..config import Source
from ..config.api_keys import MAX_BYTES, MIN_LENGTH, KeyEntry, parse_keys
from .followed import LOOK_SECONDS, Followed
from .principal import Principal

KEY_ID = 12
"""Digits of a key's hash that stand for it in records: enough to find its entry, and useless for guessing 128 random bits."""


class ApiKeys:
    """Principals by the digest of their key. ConfigError where the file cannot be used at start; later, the keys before stay.

    A lookup in a table by digest needs no comparison in constant time: how long it takes may tell something of the
    digest of what was presented, which nobody can steer towards the digest of a key without knowing the key. The same holds for
    the table of keys that were accepted before: Python's hash of bytes is keyed by a secret of the process.
    """

    def __init__(self, path: Path, every: float = LOOK_SECONDS) -> None:
        self._table = _Table({})
        self._file = Followed(path, "API keys", self._take, limit=MAX_BYTES, every=every)

    def principal(self, key: bytes) -> Principal | None:
        """Whose key it is; None if it is nobody's."""
        table = self._table  # once: a thread may put another in its place
        return table.shown.get(key) or table.look_up(key)

    async def follow(self) -> None:
        """Keep up with the file until cancelled."""
        await self._file.follow()

    def look(self) -> None:
        """Take over what the file holds now, if it changed."""
        self._file.look()

    def _take(self, source: Source) -> str:
        entries = parse_keys(source)
        self._table = _Table({digest: _principal(entry) for digest, entry in entries.items()})
        return f"{len(entries)} keys of {len({one.subject for one in entries.values()})} subjects"


class _Table:
    """What one version of the file holds. `shown`: those of its keys that were presented, so at most as many as it has."""

    def __init__(self, principals: Mapping[bytes, Principal]) -> None:
        self._principals = principals
        self.shown: dict[bytes, Principal] = {}

    def look_up(self, key: bytes) -> Principal | None:
        if len(key) < MIN_LENGTH:
            return None
        found = self._principals.get(hashlib.sha256(key).digest())
        if found is not None:
            self.shown[key] = found
        return found


def _principal(entry: KeyEntry) -> Principal:
    return Principal(entry.subject, frozenset(entry.roles), entry.hash.removeprefix("sha256:")[:KEY_ID])
