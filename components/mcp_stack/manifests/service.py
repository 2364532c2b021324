"""The names under which pods call a server or the gateway, and single pods of a StatefulSet."""

from typing import Any

from ..spec import StackSpec
from ..spec.network import ServiceSpec
from ..spec.rules.monitoring import METRICS
from ..spec.storage import HEADLESS
from .exposure import service_annotations
from .identity import Manifest, front_of, manifest, runs_proxy, selector_of, workload_of
from .probes import MANAGEMENT, PORT, PROXY


def service(spec: StackSpec, part: str) -> Manifest:
    """Service of `part`, which leads to the proxy alone where one is in front.

    A ServiceMonitor scrapes ports of Services, so a proxy's Service has one for it.
    """
    workload = workload_of(spec, part)
    own, front = workload.service, front_of(spec, part)
    name = PROXY if front is not None and "port_name" not in own.model_fields_set else own.port_name
    target = PROXY if front is not None else own.target_port or PORT
    ports: list[dict[str, Any]] = [{"name": name, "port": spec.service_port(part), "targetPort": target, "protocol": own.protocol}]
    if own.node_port is not None:
        ports[0]["nodePort"] = own.node_port
    if spec.monitoring is not None and spec.monitoring.via == "service-monitor" and runs_proxy(spec, part):
        ports.append({"name": METRICS, "port": spec.gateway.management.port, "targetPort": MANAGEMENT, "protocol": "TCP"})
    body = {
        "type": own.type,
        "selector": selector_of(spec, part),
        "ports": ports,
        "sessionAffinity": own.session_affinity,
        **families(own),
        **_from_outside(own),
    }
    return manifest(spec, part, "v1 Service", {"spec": body}, annotations={**service_annotations(spec, part), **own.annotations})


def headless_service(spec: StackSpec, part: str) -> Manifest:
    """Service that gives each pod of a StatefulSet a name, ready or not: those that keep a volume alike look for each other early.

    It is there at one replica, too: the StatefulSet names it in a field that cannot change.
    """
    body = {
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": selector_of(spec, part),
        "ports": [{"name": PORT, "port": workload_of(spec, part).port, "targetPort": PORT, "protocol": "TCP"}],
        **families(workload_of(spec, part).service),
    }
    return manifest(spec, part, "v1 Service", {"spec": body}, name=headless_name(spec, part))


def families(own: ServiceSpec) -> dict[str, Any]:
    """Fields that say which kinds of addresses a Service has; absent where the cluster decides."""
    fields = {"ipFamilyPolicy": own.ip_family_policy, "ipFamilies": own.ip_families}
    return {name: value for name, value in fields.items() if value is not None}


def _from_outside(own: ServiceSpec) -> dict[str, Any]:
    """What nodes and the cloud's load balancer are told."""
    fields: dict[str, Any] = {"externalTrafficPolicy": own.external_traffic}
    if own.load_balancer is not None:
        fields["loadBalancerClass"] = own.load_balancer.load_balancer_class
        fields["loadBalancerSourceRanges"] = own.load_balancer.source_ranges or None
    return {name: value for name, value in fields.items() if value is not None}


def headless_name(spec: StackSpec, part: str) -> str:
    """Name of the Service of the single pods of `part`."""
    return spec.object_name(part, HEADLESS)
