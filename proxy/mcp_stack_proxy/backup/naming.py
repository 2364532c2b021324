"""Names of backups: whose data, and a place in a row that no clock can upset."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .errors import UsageError

SUFFIX = ".tar.gz"
MOST_IN_A_SECOND = 9999

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?")
_ID = re.compile(r"\d{8}T\d{6}Z-\d{4}")
_FILE = re.compile(rf"({_NAME.pattern})-({_ID.pattern}){re.escape(SUFFIX)}")
_MOMENT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, order=True, slots=True)
class Stored:
    """A backup in its target: the row of one `name` is ordered by `id`."""

    name: str
    id: str
    size: int = 0
    """Bytes of the archive."""

    @property
    def file(self) -> str:
        """What the archive is called."""
        return f"{self.name}-{self.id}{SUFFIX}"


def stored(file: str, size: int) -> Stored | None:
    """The backup whose archive is called `file`; None for whatever else lies in a target."""
    found = _FILE.fullmatch(file)
    return None if found is None or _moment(found[3]) is None else Stored(found[1], found[3], size)


def checked_name(name: str) -> str:
    """`name`, if backups may be called so."""
    if _NAME.fullmatch(name) is None:
        rule = "1 to 100 of a-z, 0-9, `-` and `.`, with a letter or digit at both ends"
        raise UsageError(f"{name!r} is no name for backups; give {rule}")
    return name


def divided(target: str) -> tuple[str, str | None]:
    """`TARGET@ID` -> both; no id means the newest."""
    place, _, found = target.rpartition("@")
    return (place, found) if place and _ID.fullmatch(found) else (target, None)


def next_id(now: float, known: Iterable[str]) -> str:
    """Id after all that are `known`, whatever the clock says: where it went back, the newest one's time is counted on.

    What is pruned is decided by this order alone, so that a wrong clock never makes the newest backup look like the oldest.
    """
    moment = datetime.fromtimestamp(int(now), UTC)
    newest = max(known, default=None)
    last = None if newest is None else _moment(newest)
    if newest is None or last is None or moment > last:
        return f"{moment.strftime(_MOMENT)}-0000"
    count = int(newest.rpartition("-")[2]) + 1
    if count > MOST_IN_A_SECOND:
        last, count = last + timedelta(seconds=1), 0
    return f"{last.strftime(_MOMENT)}-{count:04}"


def of_name(found: Iterable[Stored], name: str) -> list[Stored]:
    """The row of `name`, oldest first."""
    return sorted(one for one in found if one.name == name)


def chosen(found: Iterable[Stored], place: str, name: str | None, backup_id: str | None) -> Stored:
    """The backup that is meant: of `name`, which has to be said where there are several; the newest, unless `backup_id` says."""
    everything = sorted(found)
    names = sorted({one.name for one in everything})
    if name is None and len(names) > 1:
        raise UsageError(f"{place} holds backups of {', '.join(names)}; say which with --name")
    fitting = [one for one in everything if one.name == (name or one.name) and one.id == (backup_id or one.id)]
    if not fitting:
        wanted = " ".join(filter(None, ["a backup", name and f"of {name!r}", backup_id and f"with the id {backup_id}"]))
        have = f"; it has {', '.join(names)}" if names else "; it has none at all"
        raise UsageError(f"{place} does not hold {wanted}{have}. `mcp-stack-proxy backups {place}` lists them")
    return fitting[-1]


def _moment(backup_id: str) -> datetime | None:
    try:
        return datetime.strptime(backup_id.partition("-")[0], _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None
