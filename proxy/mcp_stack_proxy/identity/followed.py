"""A file that is read at start, and again when it changes, without a restart."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from ..config import ConfigError, Problem, Source

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""Between two looks at the file: the time that a change takes to act."""

SETTLED_SECONDS = 2.0
"""A file written more recently than this may change once more and keep its times, which file systems note coarsely."""

_Stamp = tuple[int, int, int, int]


class Followed:
    """Gives `take` the file's text: at start, where its ConfigError is ours, and after each change, where what was before stays.

    `what` the file holds, for the log; `take` says what it has found. It gets at most one byte more than `limit`.
    """

    def __init__(self, path: Path, what: str, take: Callable[[Source], str], *, limit: int, every: float = LOOK_SECONDS) -> None:
        self._path = path
        self._what = what
        self._take = take
        self._limit = limit
        self._every = every
        self._stamp: _Stamp | None = None
        self._text: str | None = None
        self._trouble = ""
        self.changed = 0.0
        """When the file was written, in Unix time."""
        self._read()

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
                log.error("the %s before stay in force: %s", self._what, trouble)  # noqa: TRY400 - the message says it all
            self._trouble = trouble

    def _read(self) -> None:
        try:
            # `stat` follows links, and so sees Kubernetes swap the `..data` directory of a mounted Secret. It comes before the
            # text: what is written in between is seen the next time.
            status = self._path.stat()
            stamp = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
            if stamp == self._stamp:
                return
            text = _text_of(self._path, self._limit)
        except (OSError, UnicodeDecodeError) as error:
            self._stamp = None
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "is no UTF-8 text"
            raise ConfigError(str(self._path), [Problem("", f"cannot be read: {reason}")]) from None
        settled = time.time() - status.st_mtime > SETTLED_SECONDS
        self._stamp = stamp if settled else None
        if text == self._text and not self._trouble:
            return
        found = self._take(Source(str(self._path), text))
        self.changed = status.st_mtime
        if self._text is not None:
            log.info("%s read again: %s", self._what, found)
        self._text, self._trouble = text, ""


def _text_of(path: Path, limit: int) -> str:
    with path.open("rb") as file:  # one read: a second one might see the next version
        return file.read(limit + 1).decode("utf-8-sig")
