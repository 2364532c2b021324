"""The names under which pods call a server or the gateway, and single pods of a StatefulSet."""

from ..spec import StackSpec
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
    ports = [{"name": name, "port": spec.service_port(part), "targetPort": target, "protocol": own.protocol}]
    if spec.monitoring is not None and spec.monitoring.via == "service-monitor" and runs_proxy(spec, part):
        ports.append({"name": METRICS, "port": spec.gateway.management.port, "targetPort": MANAGEMENT, "protocol": "TCP"})
    body = {
        "type": own.type,
        "selector": selector_of(spec, part),
        "ports": ports,
        "sessionAffinity": own.session_affinity,
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
    }
    return manifest(spec, part, "v1 Service", {"spec": body}, name=headless_name(spec, part))


def headless_name(spec: StackSpec, part: str) -> str:
    """Name of the Service of the single pods of `part`."""
    return spec.object_name(part, HEADLESS)
