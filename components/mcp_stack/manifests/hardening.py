"""Rights of pods and containers: the restricted profile, for every container alike, and a root that cannot be written."""

from typing import Any

from ..spec.containers import ContainerSecuritySpec
from ..spec.workload import SecuritySpec


def pod_security(security: SecuritySpec) -> dict[str, Any]:
    """`securityContext` of a pod."""
    user = security.run_as_user
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": user,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


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
