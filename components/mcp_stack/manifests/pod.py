"""The pod of a server or of the gateway: hardened, spread, and ended without losing a call."""

from collections.abc import Iterable, Mapping
from typing import Any

from mcp_stack_proxy.config import VARIABLES_DIR

from ..spec import GATEWAY, SecretRef, StackSpec
from ..spec.containers import TMP
from ..spec.image import ImageSpec, image_reference, pull_secrets
from ..spec.server import ServerSpec
from . import volumes
from .audit import audit_claim_name
from .containers import init_containers
from .front import front, key_files, proxy_image, serving
from .hardening import container_security, low_ports, pod_security
from .identity import front_of, labels_of, runs_proxy, workload_of
from .placement import placement
from .probes import MANAGEMENT, PORT, probe_ports, proxy_probes, server_probes
from .resolving import resolving
from .resources import resources
from .shutdown import grace_seconds, pause
from .storage import claim_mounts, declared_volumes
from .variables import literal, sources, variables
from .volumes import Volume

TRUSTED = "SSL_CERT_FILE"
"""Variable that OpenSSL reads: certificates that it trusts beside those of its directory."""


def pod_template(spec: StackSpec, part: str, maps: Mapping[str, str], annotations: Mapping[str, Any]) -> dict[str, Any]:
    """Pod template of `part`. `maps`: names of its ConfigMaps by role (`config`, `files`)."""
    workload = workload_of(spec, part)
    wrapped = runs_proxy(spec, part) and front_of(spec, part) is None
    container, mounted, image = _proxy(spec, part, maps) if wrapped else _image(spec, part, maps)
    mounted = [*mounted, *declared_volumes(workload)]
    before, their_volumes = init_containers(spec, part, maps)
    images = [image, *(one.image for one in workload.init_containers)]
    if front_of(spec, part) is not None:
        sidecar, its_volumes = front(spec, part, maps)
        before, their_volumes, images = [*before, sidecar], [*their_volumes, *its_volumes], [*images, proxy_image(spec, part)]
    together = {**_scraped(spec, part), **spec.annotations, **workload.annotations, **annotations}
    ports = _ports(spec, part)
    metadata: dict[str, Any] = {"labels": labels_of(spec, part), **({"annotations": together} if together else {})}
    pod: dict[str, Any] = {
        "serviceAccountName": workload.service_account or spec.object_name(part),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": grace_seconds(spec, part),
        "securityContext": {**pod_security(workload.security), **low_ports([one["containerPort"] for one in ports])},
        "containers": [
            {
                "name": part,
                "image": image_reference(image, spec.image),
                "imagePullPolicy": image.pull_policy or spec.image.pull_policy,
                **container,
                "ports": ports,
                "resources": resources(spec, part),
                "securityContext": container_security(workload.security),
                "lifecycle": pause(spec, part),
                "volumeMounts": [*(mount for _, mounts in mounted for mount in mounts), *claim_mounts(workload)],
            }
        ],
        "volumes": [*(volume for volume, _ in mounted), *their_volumes],
        **placement(spec, part),
        **resolving(workload),
    }
    if before:
        pod["initContainers"] = before
    if workload.security.user_namespace:
        pod["hostUsers"] = False
    pulled = [name for one in images for name in pull_secrets(one, spec.image)]
    if pulled:
        pod["imagePullSecrets"] = [{"name": name} for name in dict.fromkeys(pulled)]
    return {"metadata": metadata, "spec": pod}


def _ports(spec: StackSpec, part: str) -> list[dict[str, Any]]:
    """Of the main container; the port that callers reach among them, unless it is one that a sidecar's probes ask."""
    ports = {PORT: workload_of(spec, part).port}
    if runs_proxy(spec, part) and front_of(spec, part) is None:
        ports[MANAGEMENT] = spec.gateway.management.port
    asked = probe_ports(workload_of(spec, part).probes)
    if front_of(spec, part) is None:
        beside = {port for one in workload_of(spec, part).init_containers for port in probe_ports(one.probes)}
        asked |= {spec.reached_on(part)} - beside
    called = (spec.reached_on(part), spec.protocol_of(part))
    return [
        *({"name": name, "containerPort": port, "protocol": _protocol(port, called)} for name, port in ports.items()),
        *({"containerPort": port, "protocol": _protocol(port, called)} for port in sorted(asked - set(ports.values()))),
    ]


def _protocol(port: int, called: tuple[int, str]) -> str:
    """Of the port that callers reach what the Service says; of all others TCP."""
    return called[1] if port == called[0] else "TCP"


def _scraped(spec: StackSpec, part: str) -> dict[str, str]:
    """Annotations by which a Prometheus without operator finds pods (its usual `kubernetes-pods` job).

    None where the network policy lets nobody in, because the target would be down for ever, and none beside monitors: a
    Prometheus that has both would count everything twice, autoscalers and alerts included.
    """
    admitted = spec.gateway.management.scrapers and spec.monitoring is None
    if not runs_proxy(spec, part) or not spec.gateway.metrics.enabled or not admitted:
        return {}
    port = str(spec.gateway.management.port)
    return {"prometheus.io/scrape": "true", "prometheus.io/port": port, "prometheus.io/path": "/metrics"}


def _proxy(spec: StackSpec, part: str, maps: Mapping[str, str]) -> tuple[dict[str, Any], list[Volume], ImageSpec]:
    """The bundled image, as gateway or round a stdio server."""
    workload, image = workload_of(spec, part), proxy_image(spec, part)
    mounted = [volumes.scratch(0, TMP), volumes.config(maps["config"])]
    owned = spec.gateway_env() if part == GATEWAY else {name: (part, value) for name, value in spec.servers[part].env.items()}
    secrets = {name: spec.secret(owner, value.secret) for name, (owner, value) in owned.items() if isinstance(value, SecretRef)}
    # A wrapped server's texts stand in its configuration, the gateway's fill placeholders there; what is known only later is
    # a variable for both.
    plain = {
        name: value
        for name, (_, value) in owned.items()
        if not isinstance(value, SecretRef | str) or (isinstance(value, str) and part == GATEWAY)
    }
    env = [{"name": "HOME", "value": TMP}, *variables(spec, part, plain)]
    if secrets:
        env.append({"name": VARIABLES_DIR, "value": volumes.SECRETS_DIR})
        mounted.append(volumes.variables(secrets))
    if part == GATEWAY and spec.gateway.certificate_authority is not None:
        volume, file = volumes.authority(spec.gateway.certificate_authority)
        mounted.append(volume)
        env.append({"name": TRUSTED, "value": file})
    keys, known = key_files(spec, part)
    mounted += keys
    if part == GATEWAY and (claim := audit_claim_name(spec)) is not None:
        mounted.append(volumes.audit(claim))
    env += known
    if isinstance(workload, ServerSpec):
        mounted += _own_volumes(spec, part, workload, maps)
    container = {
        "command": ["mcp-stack-proxy"],
        "args": serving(spec, workload.port),
        "env": env,
        **proxy_probes(workload.probes, waits=isinstance(workload, ServerSpec) and workload.starts_process),
    }
    return container, mounted, image


def _image(spec: StackSpec, part: str, maps: Mapping[str, str]) -> tuple[dict[str, Any], list[Volume], ImageSpec]:
    """Somebody's image that speaks MCP over HTTP."""
    server = spec.servers[part]
    if server.image is None:
        raise ValueError(f"{part!r} has no image, so it has no pod")
    container: dict[str, Any] = {}
    if server.command:
        container["command"] = [literal(word) for word in server.command]
    if server.args:
        container["args"] = [literal(word) for word in server.args]
    if server.env:
        container["env"] = variables(spec, part, server.env)
    if server.env_from:
        container["envFrom"] = sources(spec, part, server.env_from)
    container.update(server_probes(server))
    return container, [volumes.scratch(0, TMP), *_own_volumes(spec, part, server, maps)], server.image


def _own_volumes(spec: StackSpec, part: str, server: ServerSpec, maps: Mapping[str, str]) -> Iterable[Volume]:
    for index, path in enumerate(server.writable, 1):
        yield volumes.scratch(index, path)
    secret_of = {file.secret: spec.secret(part, file.secret) for file in server.files.values() if file.secret}
    yield from volumes.files(server.files, maps.get("files"), secret_of)
