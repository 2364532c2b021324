"""The alert on backups that do not come, by what kube-state-metrics knows of their CronJobs."""

from collections.abc import Sequence

from ..spec import StackSpec
from .alerts import Alert
from .backups import job_names
from .queries import any_of, series

SUCCEEDED, CREATED = "kube_cronjob_status_last_successful_time", "kube_cronjob_created"
"""Seconds since 1970. The first is missing until a job has succeeded (kube-state-metrics, "CronJob Metrics")."""


def overdue(spec: StackSpec, parts: Sequence[str]) -> list[Alert]:
    """One alert about the backups of `parts`, each with the time that its own schedule leaves; none where none are scheduled."""
    found: list[str] = []
    for part in parts:
        backup = spec.servers[part].backed_up() if part in spec.servers else None
        if backup is None or backup.suspend:
            continue
        jobs = any_of("cronjob", job_names(spec, part))
        succeeded, created = (series(name, {"namespace": spec.namespace}, jobs) for name in (SUCCEEDED, CREATED))
        late = f"> {backup.overdue_seconds}"
        found.append(f"time() - max by (namespace, cronjob) ({succeeded}) {late}")
        never = f"unless on (namespace, cronjob) max by (namespace, cronjob) ({succeeded})"
        found.append(f"(time() - max by (namespace, cronjob) ({created}) {late}) {never}")
    if not found:
        return []
    return [
        Alert(
            "MCPBackupOverdue",
            "critical",
            0,
            " or ".join(f"({one})" for one in found),
            "No backup by {{ $labels.cronjob }} for {{ $value | humanizeDuration }}",
            "A scheduled backup did not start, did not end in time, or failed. The last ones are kept; nothing newer is safe.",
        )
    ]
