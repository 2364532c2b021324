"""How long a pod may take to be ready before a rollout counts as failed."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

TIMEOUT = "pulumi.com/timeoutSeconds"
"""Annotation: how long Pulumi waits for a workload (pulumi-kubernetes, "Customizing resource behavior with annotations")."""

USUAL_SECONDS = 600
"""What Kubernetes (`progressDeadlineSeconds`) and Pulumi wait where nothing is said."""

BESIDES_SECONDS = 300
"""Left of that for a node and an image to come, beside 300 s for a start that startup probes have by default."""


def patience(template: Mapping[str, Any]) -> int | None:
    """Seconds until pods of `template` have failed to start, where that is longer than the usual; else None.

    Sidecars start one after the other, and all containers after them at once. A server that may take a quarter of an hour to load
    its model would be reported as failed after ten minutes, while it loads.
    """
    pod = template["spec"]
    before = sum(_startup_seconds(pod.get("initContainers", [])))
    seconds = before + max(_startup_seconds(pod["containers"])) + BESIDES_SECONDS
    return seconds if seconds > USUAL_SECONDS else None


def waits(seconds: int | None) -> dict[str, str]:
    """Annotations of a workload that Pulumi is to wait for so long."""
    return {} if seconds is None else {TIMEOUT: str(seconds)}


def _startup_seconds(containers: Iterable[Mapping[str, Any]]) -> list[int]:
    """For each container how long its startup probe bears failures."""
    probes = [cast("Mapping[str, int]", one.get("startupProbe") or {}) for one in containers]
    return [
        probe.get("initialDelaySeconds", 0) + probe["periodSeconds"] * probe["failureThreshold"] if probe else 0 for probe in probes
    ]
