"""Backups in a part of a bucket: S3, and what speaks its interface."""

import io
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast
from urllib.parse import urlsplit

from .errors import BackupError, UsageError
from .naming import Stored, stored
from .s3_client import S3, reaching
from .s3_lock import ObjectLock, Pace, held

PARTIAL = "partial/"
"""Below it lies what is no backup yet."""
LOCK = "lock/"

SCHEME = "s3://"


class Body(Protocol):
    """Content of an object, as it comes."""

    def read(self, amt: int | None = None) -> bytes:
        """At most `amt` bytes."""
        ...


class Reading(io.RawIOBase):
    """The content of an object as a file, whose errors are in words."""

    def __init__(self, body: Body, place: str) -> None:
        self._body, self._place = body, place

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` as far as something has come."""
        with reaching(self._place):
            data = self._body.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class ObjectDraft:
    """An archive that is written to the scratch directory, and uploaded below `partial/` first."""

    def __init__(self, target: "ObjectTarget", backup: Stored, scratch: Path) -> None:
        self._target, self._file = target, backup.file
        self._path = scratch / f"upload-{backup.file}"

    @property
    def path(self) -> Path:
        """Where it is written."""
        return self._path

    def stage(self) -> None:
        """Upload it."""
        self._target.upload(self._path, f"{PARTIAL}{self._file}")

    def opened(self) -> AbstractContextManager[BinaryIO]:
        """What the store has."""
        return self._target.read(f"{PARTIAL}{self._file}")

    def commit(self) -> None:
        """Copy it inside the store to the name of a backup: a copy is there whole, or not at all."""
        self._target.copy(f"{PARTIAL}{self._file}", self._file)
        self._target.remove(f"{PARTIAL}{self._file}")

    def discard(self) -> None:
        """Remove both copies."""
        self._path.unlink(missing_ok=True)
        with suppress(BackupError):
            self._target.remove(f"{PARTIAL}{self._file}")


class ObjectTarget:
    """`s3://BUCKET/PREFIX`; the prefix may be missing."""

    def __init__(self, place: str, s3: S3, pace: Pace | None = None) -> None:
        parts = urlsplit(place)
        if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
            raise UsageError(f"{place!r} is no place for backups; give s3://BUCKET/PREFIX")
        self.place = place
        self._bucket, prefix = parts.netloc, parts.path.strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._s3, self._pace = s3, pace or Pace()

    def stored(self) -> list[Stored]:
        """All backups, however many pages they fill."""
        found = (stored(key, size) for key, size in self._listed(""))
        return [one for one in found if one is not None]

    def locked(self, name: str) -> AbstractContextManager[ObjectLock]:
        """A lock in the store itself: who takes backups may run anywhere."""
        return held(ObjectLock(self._s3, self._bucket, f"{self._prefix}{LOCK}{name}"), self._pace)

    def sweep(self, name: str) -> list[str]:
        """Remove drafts of `name`. Parts of a broken upload are for the bucket's lifecycle rules to remove."""
        drafts = [(key, stored(key, size)) for key, size in self._listed(PARTIAL)]
        left = sorted(key for key, one in drafts if one is not None and one.name == name)
        for key in left:
            self.remove(f"{PARTIAL}{key}")
        return left

    def draft(self, backup: Stored, scratch: Path) -> ObjectDraft:
        """A draft in `scratch`."""
        return ObjectDraft(self, backup, scratch)

    def opened(self, backup: Stored) -> AbstractContextManager[BinaryIO]:
        """The archive of `backup`."""
        return self.read(backup.file)

    def delete(self, backup: Stored) -> None:
        """Remove it."""
        self.remove(backup.file)

    @contextmanager
    def read(self, key: str) -> Generator[BinaryIO, None, None]:
        """The object `key` below the prefix."""
        with reaching(self.place):
            body: Any = self._s3.get_object(Bucket=self._bucket, Key=f"{self._prefix}{key}")["Body"]
        try:
            yield cast("BinaryIO", io.BufferedReader(Reading(body, self.place), 1 << 20))
        finally:
            body.close()

    def upload(self, path: Path, key: str) -> None:
        """Write the file `path` to `key`."""
        with reaching(self.place):
            self._s3.upload_file(str(path), self._bucket, f"{self._prefix}{key}")

    def copy(self, key: str, to: str) -> None:
        """Copy an object inside the store."""
        with reaching(self.place):
            self._s3.copy({"Bucket": self._bucket, "Key": f"{self._prefix}{key}"}, self._bucket, f"{self._prefix}{to}")

    def remove(self, key: str) -> None:
        """Remove an object, if it is there."""
        with reaching(self.place):
            self._s3.delete_object(Bucket=self._bucket, Key=f"{self._prefix}{key}")

    def _listed(self, below: str) -> list[tuple[str, int]]:
        """(name, bytes) of the objects right below `below`."""
        start = f"{self._prefix}{below}"
        with reaching(self.place):
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=start, Delimiter="/")
            return [(one["Key"].removeprefix(start), one["Size"]) for page in pages for one in page.get("Contents", ())]
