"""What `mcp-stack-proxy backup`, `restore`, `backups` and `verify-backup` do."""

import argparse
import json
import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from types import FrameType

from .contents import Manifest
from .directory import DirectoryTarget
from .errors import BackupError, UsageError
from .naming import Stored, checked_name, chosen, divided, of_name
from .progress import Progress, line
from .restoring import prove, restore
from .taking import Wanted, take
from .target import Target

SCHEME = "s3://"


def run(name: str, arguments: argparse.Namespace) -> int:
    """Exit code of command `name`: 0 done, 1 not this time, 2 it cannot be, 3 another one is at work, 4 the backup is damaged.

    A SIGTERM ends it in order: what is half done is removed, and locks are given back.
    """
    before = signal.signal(signal.SIGTERM, _terminated)
    try:
        return _RUNS[name](arguments)
    except BackupError as error:
        return _failed(name, str(error), error.exit_code)
    except OSError as error:
        return _failed(name, str(error), BackupError.exit_code)
    finally:
        signal.signal(signal.SIGTERM, before)


def _failed(name: str, why: str, code: int) -> int:
    sys.stderr.write(line("failed", command=name, error=why, exit_code=code))
    return code


def _terminated(number: int, frame: FrameType | None) -> None:
    del frame
    raise SystemExit(128 + number)


def _target(place: str, arguments: argparse.Namespace) -> Target:
    if place.startswith(SCHEME):
        try:
            from .objects import ObjectTarget
            from .s3_client import s3_client
        except ImportError as error:
            raise UsageError(f"{place} needs boto3; install mcp-stack-proxy[s3]") from error
        return ObjectTarget(place, s3_client(arguments.endpoint, arguments.region))
    for option in ("endpoint", "region"):
        if getattr(arguments, option) is not None:
            raise UsageError(f"--{option} is for s3:// alone, and {place} is a directory; remove it")
    return DirectoryTarget(place)


def _backup(arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    target = _target(arguments.to, arguments)
    source = Path(arguments.source)
    if isinstance(target, DirectoryTarget) and target.root.resolve().is_relative_to(source.resolve()):
        raise UsageError(f"{arguments.to} is inside {source}; backups would hold each other. Keep them elsewhere")
    wanted = Wanted(source, checked_name(arguments.name), arguments.keep, tuple(arguments.exclude), _directory(arguments.scratch))
    taken = take(wanted, target, Progress())
    numbers = {"archive_bytes": taken.backup.size, "kept": taken.kept, "pruned": len(taken.pruned)}
    return _done("backup", taken.backup, taken.manifest, started, **numbers)


def _restore(arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    target, backup = _chosen(arguments)
    manifest = restore(target, backup, Path(arguments.to), Progress(), force=arguments.force)
    return _done("restore", backup, manifest, started)


def _verify(arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    target, backup = _chosen(arguments)
    manifest = prove(target, backup, _directory(arguments.scratch), Progress())
    taken = datetime.fromisoformat(manifest.created).timestamp()
    return _done("verify-backup", backup, manifest, started, age_seconds=round(time.time() - taken))


def _backups(arguments: argparse.Namespace) -> int:
    found = sorted(_target(arguments.target, arguments).stored())
    if arguments.name is not None:
        found = of_name(found, checked_name(arguments.name))
    for one in found:
        sys.stdout.write(f"{json.dumps({'name': one.name, 'id': one.id, 'archive_bytes': one.size})}\n")
    return 0


def _chosen(arguments: argparse.Namespace) -> tuple[Target, Stored]:
    place, backup_id = divided(arguments.source)
    target = _target(place, arguments)
    name = None if arguments.name is None else checked_name(arguments.name)
    return target, chosen(target.stored(), place, name, backup_id)


def _directory(path: str | None) -> Path | None:
    if path is None:
        return None
    if not Path(path).is_dir():
        raise UsageError(f"{path} is no directory; --scratch is where copies are made")
    return Path(path)


def _done(command: str, backup: Stored, manifest: Manifest, started: float, **numbers: int) -> int:
    """The last line: what was done, in numbers that a monitoring can read."""
    counted = {"files": len(manifest.of_kind("file", "database")), "databases": len(manifest.of_kind("database"))}
    values: dict[str, object] = {"name": backup.name, "id": backup.id, **counted, "bytes": manifest.size, **numbers}
    sys.stdout.write(line("done", command=command, **values, seconds=round(time.monotonic() - started, 3)))
    return 0


_RUNS = {"backup": _backup, "restore": _restore, "backups": _backups, "verify-backup": _verify}
