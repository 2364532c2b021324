"""A lock in a store that has none: an object that is only written where there is none, or where it is what was seen.

No clock decides who holds it. The holder rewrites it again and again; who wants it and sees it unchanged for longer than that takes
over what a killed process left. Both writes are conditional (`If-None-Match`, `If-Match`), so that one of several wins.
"""

import os
import secrets
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from .errors import BackupError, BusyError
from .s3_client import S3, code_of, reaching

TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
GONE = frozenset({"NoSuchKey", "404", "NotFound"})


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two signs of life, and those without one after which the holder counts as dead."""

    beat: float = 10.0
    dead: float = 45.0


class ObjectLock:
    """The right to change one row of backups, until somebody else has it."""

    def __init__(self, s3: S3, bucket: str, key: str) -> None:
        self._s3, self._bucket, self._key = s3, bucket, key
        self._etag = ""
        self._lost = False
        self._one_at_a_time = threading.Lock()

    def acquire(self, pace: Pace, pause: threading.Event) -> None:
        """Take it, or wait until its holder shows to be alive: BusyError then."""
        if self._written(IfNoneMatch="*"):
            return
        seen, holder = self._seen()
        pause.wait(pace.dead)
        now, _ = self._seen()
        free = {"IfNoneMatch": "*"} if now is None else {"IfMatch": now}
        if (now is not None and now != seen) or not self._written(**free):
            raise BusyError(f"{holder} is taking a backup to s3://{self._bucket}/{self._key.rpartition('/')[0]}; wait for its end")

    def beat(self) -> None:
        """A sign of life."""
        with self._one_at_a_time, suppress(BackupError):  # out of reach for a moment: the next one may come through
            self._renew()

    def confirm(self) -> None:
        """BusyError if somebody else took it, because no sign of life came through for too long."""
        with self._one_at_a_time:
            self._renew()
        if self._lost:
            raise BusyError("another process took over, because this one gave no sign of life for too long; it goes on instead")

    def release(self) -> None:
        """Give it back, if it is still ours."""
        with suppress(ClientError, BotoCoreError):  # the next one waits until it counts as dead
            self._s3.delete_object(Bucket=self._bucket, Key=self._key, IfMatch=self._etag)

    def _renew(self) -> None:
        self._lost = self._lost or not self._written(IfMatch=self._etag)

    def _written(self, **condition: str) -> bool:
        body = f"process {os.getpid()} on {socket.gethostname()} {secrets.token_hex(8)}".encode()
        with reaching(f"s3://{self._bucket}"):
            try:
                answer = self._s3.put_object(Bucket=self._bucket, Key=self._key, Body=body, **condition)
            except ClientError as error:
                if code_of(error) in TAKEN | GONE:
                    return False
                raise
        self._etag = str(answer["ETag"])
        return True

    def _seen(self) -> tuple[str | None, str]:
        """(state, holder); no state where it is free by now."""
        with reaching(f"s3://{self._bucket}"):
            try:
                answer = self._s3.get_object(Bucket=self._bucket, Key=self._key)
            except ClientError as error:
                if code_of(error) in GONE:
                    return None, "another process"
                raise
            return str(answer["ETag"]), answer["Body"].read(200).decode(errors="replace").rpartition(" ")[0]


@contextmanager
def held(lock: ObjectLock, pace: Pace) -> Generator[ObjectLock, None, None]:
    """`lock`, with its signs of life, until the end of the block."""
    end = threading.Event()
    lock.acquire(pace, end)

    def live() -> None:
        while not end.wait(pace.beat):
            lock.beat()

    thread = threading.Thread(target=live, name="backup-lock", daemon=True)
    thread.start()
    try:
        yield lock
    finally:
        end.set()
        thread.join()
        lock.release()
