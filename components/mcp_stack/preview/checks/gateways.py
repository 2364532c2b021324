"""Gateways end TLS with certificates that are there, take the hosts of their routes, and policies are attached to something."""

from collections.abc import Iterator
from typing import Any

from ..rendered import KubeObject
from .cluster import Cluster, dig, items, mapping
from .finding import MISSING, Finding, error

CHECK = "exposure"

_ATTACHED = ("BackendTrafficPolicy", "ClientTrafficPolicy", "GCPBackendPolicy", "HealthCheckPolicy")
"""Policies that do nothing, and say nothing, where what they are attached to is missing."""


def gateways(cluster: Cluster) -> Iterator[Finding]:
    """Certificates of listeners, targets of policies, and configurations that Services refer to."""
    for gateway in cluster.of("Gateway"):
        for index, listener in enumerate(items(gateway.plain, "spec", "listeners")):
            for place, reference in enumerate(items(listener, "tls", "certificateRefs")):
                path = f"spec.listeners[{index}].tls.certificateRefs[{place}]"
                yield from _certificate(cluster, gateway, path, reference)
    for policy in cluster.of(*_ATTACHED):
        targets = items(policy.plain, "spec", "targetRefs") or [mapping(policy.plain, "spec", "targetRef")]
        for index, target in enumerate(targets):
            kind, name = str(dig(target, "kind")), str(dig(target, "name"))
            if not cluster.exists(kind, policy.namespace, name):
                yield error(CHECK, policy, f"spec.targetRefs[{index}]", f"{kind} {policy.namespace}/{name} {MISSING}")


def certified(cluster: Cluster, namespace: str, secret: str) -> bool:
    """Whether a Certificate of cert-manager fills the Secret."""
    return any(
        item.namespace == namespace and dig(item.plain, "spec", "secretName") == secret for item in cluster.of("Certificate")
    )


def taken(route: KubeObject, gateway: KubeObject | None, path: str, parent: dict[str, Any]) -> Iterator[Finding]:
    """Hosts of `route` that no listener of its Gateway takes; nothing is said of a Gateway that is somebody else's."""
    section = parent.get("sectionName")
    listeners = items(gateway.plain, "spec", "listeners") if gateway is not None else []
    chosen = [one for one in listeners if section in (None, dig(one, "name"))]
    hosts = [str(host) for host in items(route.plain, "spec", "hostnames")]
    if chosen and hosts and not any(_takes(dig(one, "hostname"), host) for one in chosen for host in hosts):
        known = ", ".join(str(dig(one, "hostname")) for one in chosen)
        yield error(CHECK, route, path, f"takes none of {', '.join(hosts)}, only {known}; add a listener, or change the hosts")


def _takes(listener: Any, host: str) -> bool:
    """Whether a listener's host matches (Gateway API: `*.` stands for one or more labels)."""
    return not listener or listener == host or (str(listener).startswith("*.") and host.endswith(str(listener)[1:]))


def _certificate(cluster: Cluster, gateway: KubeObject, path: str, reference: Any) -> Iterator[Finding]:
    namespace, name = str(dig(reference, "namespace") or gateway.namespace), str(dig(reference, "name"))
    issued = any(key.startswith("cert-manager.io/") for key in mapping(gateway.plain, "metadata", "annotations"))
    if not issued and not cluster.exists("Secret", namespace, name) and not certified(cluster, namespace, name):
        yield error(CHECK, gateway, path, f"Secret {namespace}/{name} {MISSING}, or have a Certificate fill it")
    if namespace != gateway.namespace and not _granted(cluster, gateway.namespace, namespace, name):
        yield error(CHECK, gateway, path, f"is in namespace {namespace!r}, where no ReferenceGrant lets Gateways use it; add one")


def _granted(cluster: Cluster, own: str, namespace: str, secret: str) -> bool:
    return any(
        grant.namespace == namespace
        and any(dig(one, "kind") == "Gateway" and dig(one, "namespace") == own for one in items(grant.plain, "spec", "from"))
        and any(dig(one, "kind") == "Secret" and dig(one, "name") in (None, secret) for one in items(grant.plain, "spec", "to"))
        for grant in cluster.of("ReferenceGrant")
    )
