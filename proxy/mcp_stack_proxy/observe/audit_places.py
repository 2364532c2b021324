"""Places that audit lines are written to: a stream of the process, and one file that may be rotated under us."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

STREAMS = {"stdout": 1, "stderr": 2}

PIPE_BYTES = 4096
"""What a pipe takes in one piece (PIPE_BUF): several processes may write their lines into the same one."""


class Place(Protocol):
    """Where a thread writes."""

    @property
    def name(self) -> str:
        """For the log."""
        ...

    @property
    def patience(self) -> float | None:
        """Seconds without lines after which `rest` is called; None: never."""
        ...

    @property
    def fd(self) -> int:
        """What is written to, from `prepare` on."""
        ...

    def prepare(self, confirm: Callable[[], None]) -> int | None:
        """Called where a line begins. Bytes of whole lines that are written before the next call; None: as many as there are.

        Whoever turns to another file calls `confirm` first, for the one that it leaves. OSError: nothing can be written now.
        """
        ...

    def rest(self, confirm: Callable[[], None]) -> None:
        """Called where nothing has been written for a while."""
        ...

    def close(self) -> None:
        """Nothing more is written."""
        ...


class Stream:
    """Standard output or error."""

    patience = None

    def __init__(self, name: str) -> None:
        self.name = name
        self.fd = STREAMS[name]

    def prepare(self, confirm: Callable[[], None]) -> int | None:
        """See Place."""
        return PIPE_BYTES if stat.S_ISFIFO(os.fstat(self.fd).st_mode) else None

    def rest(self, confirm: Callable[[], None]) -> None:
        """See Place."""

    def close(self) -> None:
        """It stays open: it is the process's."""


class OneFile:
    """A file that somebody else rotates.

    It is opened anew if its path leads to another one by now (logrotate's `create`, an operator's `mv`); one that has been cut
    short (`copytruncate`) is appended to.
    """

    patience = None

    def __init__(self, path: str) -> None:
        """OSError where it cannot be opened."""
        self.name = path
        self.fd = _open(path)

    def prepare(self, confirm: Callable[[], None]) -> int | None:
        """See Place."""
        ours = os.fstat(self.fd)
        try:
            theirs = Path(self.name).stat()
        except FileNotFoundError:
            theirs = None
        if theirs is None or (theirs.st_dev, theirs.st_ino) != (ours.st_dev, ours.st_ino):
            new = _open(self.name)
            try:
                confirm()
            except OSError:
                os.close(new)
                raise
            os.close(self.fd)
            self.fd = new
        return None

    def rest(self, confirm: Callable[[], None]) -> None:
        """See Place."""

    def close(self) -> None:
        """See Place."""
        os.close(self.fd)


def _open(path: str) -> int:
    """Readable by ourselves alone; appended to, whoever else writes."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
