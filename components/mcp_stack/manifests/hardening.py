"""Rights of pods and containers: the restricted profile, for every container alike, and a root that cannot be written."""

from collections.abc import Sequence
from typing import Any

from ..spec.containers import ContainerSecuritySpec
from ..spec.workload import SecuritySpec

_PRIVILEGED = 1024


def pod_security(security: SecuritySpec) -> dict[str, Any]:
    """`securityContext` of a pod. Ids that the cluster assigns are left out: it fills them in, the volumes' group, too."""
    user = security.run_as_user
    chosen = {"runAsUser": user, "runAsGroup": user, "fsGroup": user}
    return {
        "runAsNonRoot": True,
        **({} if security.assigned_user else chosen),
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def low_ports(ports: Sequence[int]) -> dict[str, Any]:
    """What lets processes without root listen on `ports` below 1024, where the container runtime does not do so by itself
    (containerd before 2.0). The sysctl is of the pod's own network, and a safe one, which the restricted profile allows."""
    lowest = min(ports, default=_PRIVILEGED)
    return {"sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": str(lowest)}]} if lowest < _PRIVILEGED else {}


def container_security(security: SecuritySpec | ContainerSecuritySpec) -> dict[str, Any]:
    """`securityContext` of a container; its user is the pod's unless it has its own."""
    context: dict[str, Any] = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": security.read_only_root_filesystem,
        "capabilities": {"drop": ["ALL"]},
    }
    if isinstance(security, ContainerSecuritySpec) and security.run_as_user is not None:
        context |= {"runAsUser": security.run_as_user, "runAsGroup": security.run_as_user}
    return context
