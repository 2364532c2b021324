"""Where backups are kept, as whoever takes or restores one sees it."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from .naming import Stored


class Draft(Protocol):
    """An archive that nobody takes for a backup yet."""

    @property
    def path(self) -> Path:
        """Where it is written on this machine."""
        ...

    def stage(self) -> None:
        """Bring it to the target, under a name that no backup has."""
        ...

    def opened(self) -> AbstractContextManager[BinaryIO]:
        """What the target holds after `stage`, from there."""
        ...

    def commit(self) -> None:
        """Give it its name, at once and for good."""
        ...

    def discard(self) -> None:
        """Remove whatever there is of it. Never raises: it follows an error that matters more."""
        ...


class Lock(Protocol):
    """The right to change one row of backups."""

    def confirm(self) -> None:
        """BusyError if it was lost meanwhile."""
        ...


class Target(Protocol):
    """A directory, or a part of a bucket."""

    @property
    def place(self) -> str:
        """As the user wrote it."""
        ...

    def stored(self) -> list[Stored]:
        """All backups, in any order."""
        ...

    def locked(self, name: str) -> AbstractContextManager[Lock]:
        """Only one process at a time takes backups of `name`. BusyError names the other one as far as it is known."""
        ...

    def sweep(self, name: str) -> list[str]:
        """Remove what killed processes left of `name`, under its lock, and say what."""
        ...

    def draft(self, backup: Stored, scratch: Path) -> Draft:
        """A place for the archive of `backup`."""
        ...

    def opened(self, backup: Stored) -> AbstractContextManager[BinaryIO]:
        """The archive of `backup`."""
        ...

    def delete(self, backup: Stored) -> None:
        """Remove it."""
        ...
