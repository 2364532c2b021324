"""Scheduled jobs, which are backups and their proofs, whose last run was no success."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ...preview.checks.cluster import dig, items
from .causes import Cause, first
from .found import Diagnosis, one_line
from .world import Live, World, conditions, label_of, name_of, title_of

ENDED = ("Complete", "Failed")

CAUSES = (
    Cause("deadlineexceeded", "it waited for its node or volume, or had too much to do; `max_seconds` of the backup is its time"),
    Cause("exit code 2", "what the stack file asks for cannot be; mend what the message names"),
    Cause("exit code 3", "another job was at work on the same; wait for its end"),
    Cause("exit code 4", "the backup, or the data themselves, are damaged: look at the disk, and restore an older one in time"),
    Cause("no space left|quota", "the volume of the backups is full; give it more room, or let `keep` be fewer"),
    Cause("still changed|changes while", "name the file in `exclude`"),
)


def jobs(world: World) -> Iterator[Diagnosis]:
    """The last run of each CronJob, by hand or at its time. What a later one has made good is not told."""
    for cron in world.of("CronJob"):
        runs = sorted(world.owned("Job", cron), key=_began)
        over = [run for run in runs if _end(run) is not None]
        if over and (end := _end(over[-1])) is not None and end.get("type") == "Failed":
            yield _failed(world, cron, over[-1], end)
        elif not runs and _missed(cron):
            said = f"its run of {dig(cron, 'status', 'lastScheduleTime')} did not succeed, and is gone with its log"
            yield Diagnosis(title_of(cron), "no success", said, f"see what another one says: {_again(cron)}")


def _failed(world: World, cron: Live, job: Live, end: Live) -> Diagnosis:
    words = [said for pod in sorted(world.owned("Pod", job), key=_began) for said in _last_words(pod)]
    message = f"{name_of(job)}: {words[-1] if words else one_line(end.get('message'))}"
    logs = f"`kubectl logs -n {dig(job, 'metadata', 'namespace')} job/{name_of(job)}` says more"
    step = first(CAUSES, f"{end.get('reason')} {end.get('message')} {message}", logs)
    return Diagnosis(title_of(cron), label_of(end), message, f"{step}; then {_again(cron)}")


def _last_words(pod: Live) -> Iterator[str]:
    """Exit code and error of each container that failed. The proxy's commands end with a line of JSON (docs/backups.md)."""
    for status in items(pod, "status", "containerStatuses"):
        code = dig(status, "state", "terminated", "exitCode")
        if code:
            said = str(dig(status, "state", "terminated", "message") or "").strip().rpartition("\n")[2]
            yield one_line(f"exit code {code}: {_error(said)}" if said else f"exit code {code}")


def _error(said: str) -> str:
    try:
        found: Any = json.loads(said)
    except ValueError:
        return said
    return str(dig(found, "error") or said)


def _missed(cron: Live) -> bool:
    """Whether it was due after its last success, and nothing of that run is left."""
    due, good = (dig(cron, "status", key) for key in ("lastScheduleTime", "lastSuccessfulTime"))
    return due is not None and (good is None or datetime.fromisoformat(str(good)) < datetime.fromisoformat(str(due)))


def _again(cron: Live) -> str:
    return f"`kubectl create job -n {dig(cron, 'metadata', 'namespace')} --from=cronjob/{name_of(cron)} now`"


def _end(job: Live) -> Live | None:
    found = conditions(job.get("status"))
    return next((found[kind] for kind in ENDED if dig(found.get(kind), "status") == "True"), None)


def _began(one: Live) -> str:
    return str(dig(one, "metadata", "creationTimestamp") or "")
