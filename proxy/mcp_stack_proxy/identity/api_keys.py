"""The keys in force: read at start, read again when their file changes, looked up by digest."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Mapping
from pathlib import Path

from ..config import ConfigError, Problem, Source
from ..config.api_keys import MAX_BYTES, MIN_LENGTH, KeyEntry, parse_keys
from .principal import Principal

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""Between two looks at the file: the time that a new key takes to be accepted, and a removed one to be refused."""

SETTLED_SECONDS = 2.0
"""A file written more recently than this may change once more and keep its times, which file systems note coarsely."""

KEY_ID = 12
"""Digits of a key's hash that stand for it in records: enough to find its entry, and useless for guessing 128 random bits."""

_Stamp = tuple[int, int, int, int]


class ApiKeys:
    """Principals by the digest of their key. ConfigError where the file cannot be used at start; later, the keys before stay.

    A lookup in a table by digest needs no comparison in constant time: how long it takes may tell something of the
    digest of what was presented, which nobody can steer towards the digest of a key without knowing the key.
    """

    def __init__(self, path: Path, every: float = LOOK_SECONDS) -> None:
        self._path = path
        self._every = every
        self._stamp: _Stamp | None = None
        self._text: str | None = None
        self._trouble = ""
        self._principals: Mapping[bytes, Principal] = {}
        self._read()

    def principal(self, key: bytes) -> Principal | None:
        """Whose key it is; None if it is nobody's."""
        return self._principals.get(hashlib.sha256(key).digest()) if len(key) >= MIN_LENGTH else None

    async def follow(self) -> None:
        """Keep up with the file until cancelled. Reading is left to a thread: a large file takes a moment to parse."""
        while True:
            await asyncio.sleep(self._every)
            await asyncio.to_thread(self.look)

    def look(self) -> None:
        """Take over what the file holds now, if it changed. What cannot be used is logged once and changes nothing."""
        try:
            self._read()
        except ConfigError as error:
            trouble = str(error)
            if trouble != self._trouble:
                log.error("the API keys before stay in force: %s", trouble)  # noqa: TRY400 - the message says it all
            self._trouble = trouble

    def _read(self) -> None:
        try:
            # `stat` follows links, and so sees Kubernetes swap the `..data` directory of a mounted Secret. It comes before the
            # text: what is written in between is seen the next time.
            status = self._path.stat()
            stamp = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
            if stamp == self._stamp:
                return
            text = _text_of(self._path)
        except (OSError, UnicodeDecodeError) as error:
            self._stamp = None
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "is no UTF-8 text"
            raise ConfigError(str(self._path), [Problem("", f"cannot be read: {reason}")]) from None
        settled = time.time() - status.st_mtime > SETTLED_SECONDS
        self._stamp = stamp if settled else None
        if text == self._text and not self._trouble:
            return
        entries = parse_keys(Source(str(self._path), text))
        self._principals = {digest: _principal(entry) for digest, entry in entries.items()}
        if self._text is not None:
            log.info("API keys read again: %d keys of %d subjects", len(entries), len({one.subject for one in entries.values()}))
        self._text, self._trouble = text, ""


def _text_of(path: Path) -> str:
    with path.open("rb") as file:  # one read: a second one might see the next version
        return file.read(MAX_BYTES + 1).decode("utf-8-sig")


def _principal(entry: KeyEntry) -> Principal:
    return Principal(entry.subject, frozenset(entry.roles), entry.hash.removeprefix("sha256:")[:KEY_ID])
