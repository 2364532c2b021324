"""The name under which pods call a server or the gateway."""

from ..spec import StackSpec
from .exposure import service_annotations
from .identity import Manifest, manifest, selector_of, workload_of
from .probes import PORT


def service(spec: StackSpec, part: str) -> Manifest:
    """Service of `part`."""
    workload = workload_of(spec, part)
    own = workload.service
    body = {
        "type": own.type,
        "selector": selector_of(spec, part),
        "ports": [{"name": own.port_name, "port": own.port or workload.port, "targetPort": PORT, "protocol": "TCP"}],
        "sessionAffinity": own.session_affinity,
    }
    return manifest(spec, part, "v1 Service", {"spec": body}, annotations={**service_annotations(spec, part), **own.annotations})
