"""The pod of a server or of the gateway: hardened, spread, and ended without losing a call."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from mcp_stack_proxy.config import SECRETS_DIR

from ..spec import GATEWAY, SecretRef, StackSpec
from ..spec.image import ImageSpec, image_reference, pull_secrets
from ..spec.proxy_config import POD_IP
from ..spec.server import ServerSpec
from . import volumes
from .config_map import CONFIG_FILE
from .identity import labels_of, runs_proxy, selector_of, workload_of
from .probes import MANAGEMENT, PORT, proxy_probes, server_probes
from .resources import resources
from .volumes import Volume

PRE_STOP_SECONDS = 5
"""Time between leaving the Service's endpoints and SIGTERM: their removal reaches callers only after a while."""

MARGIN_SECONDS = 5
"""Time beyond the proxy's drain before the kubelet kills."""

TMP = "/tmp"  # noqa: S108 - the container's, an empty volume of its own


def pod_template(spec: StackSpec, part: str, maps: Mapping[str, str], annotations: Mapping[str, Any]) -> dict[str, Any]:
    """Pod template of `part`. `maps`: names of its ConfigMaps by role (`config`, `files`)."""
    workload = workload_of(spec, part)
    container, mounted, image, grace = _proxy(spec, part, maps) if runs_proxy(spec, part) else _image(spec, part, maps)
    mounts = [mount for _, mounts in mounted for mount in mounts]
    together = {**_scraped(spec, part), **spec.annotations, **workload.annotations, **annotations}
    metadata: dict[str, Any] = {"labels": labels_of(spec, part), **({"annotations": together} if together else {})}
    pod: dict[str, Any] = {
        "serviceAccountName": spec.object_name(part),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": grace,
        "securityContext": _pod_security(workload.security.run_as_user),
        "containers": [
            {
                "name": part,
                "image": image_reference(image, spec.image),
                "imagePullPolicy": image.pull_policy or spec.image.pull_policy,
                **container,
                "ports": _ports(spec, part),
                "resources": resources(spec, part),
                "securityContext": _container_security(workload.security.read_only_root_filesystem),
                "lifecycle": {"preStop": {"sleep": {"seconds": PRE_STOP_SECONDS}}},
                "volumeMounts": mounts,
            }
        ],
        "volumes": [volume for volume, _ in mounted],
    }
    if secrets := pull_secrets(image, spec.image):
        pod["imagePullSecrets"] = [{"name": name} for name in secrets]
    if workload.min_replicas > 1:
        pod["topologySpreadConstraints"] = _spread(selector_of(spec, part))
    if workload.node_selector:
        pod["nodeSelector"] = workload.node_selector
    if workload.tolerations:
        pod["tolerations"] = [one.model_dump(exclude_none=True) for one in workload.tolerations]
    return {"metadata": metadata, "spec": pod}


def _ports(spec: StackSpec, part: str) -> list[dict[str, Any]]:
    ports = {PORT: workload_of(spec, part).port}
    if runs_proxy(spec, part):
        ports[MANAGEMENT] = spec.gateway.management.port
    return [{"name": name, "containerPort": port, "protocol": "TCP"} for name, port in ports.items()]


def _scraped(spec: StackSpec, part: str) -> dict[str, str]:
    """Annotations by which a Prometheus without operator finds pods (its usual `kubernetes-pods` job)."""
    if not runs_proxy(spec, part) or not spec.gateway.metrics.enabled:
        return {}
    port = str(spec.gateway.management.port)
    return {"prometheus.io/scrape": "true", "prometheus.io/port": port, "prometheus.io/path": "/metrics"}


def _proxy(spec: StackSpec, part: str, maps: Mapping[str, str]) -> tuple[dict[str, Any], list[Volume], ImageSpec, int]:
    """The bundled image, as gateway or round a stdio server."""
    workload, image = workload_of(spec, part), spec.proxy.image
    if image is None:
        raise ValueError(f"{spec.source}: proxy.image: required, {part!r} runs it")
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
    env = [{"name": "HOME", "value": TMP}, *_variables(plain)]
    if secrets:
        env.append({"name": SECRETS_DIR, "value": volumes.SECRETS_DIR})
        mounted.append(volumes.variables(secrets))
    if part == GATEWAY and (keys := spec.api_keys()):
        mounted.append(volumes.api_keys(keys))
    if session_keys := spec.session_keys():
        mounted.append(volumes.session_keys(session_keys))
        env.append({"name": POD_IP, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}}})
    if isinstance(workload, ServerSpec):
        mounted += _own_volumes(spec, part, workload, maps)
    container = {
        "command": ["mcp-stack-proxy"],
        "args": [
            *("serve", "--config", f"{volumes.CONFIG_DIR}/{CONFIG_FILE}"),
            *("--listen", f"0.0.0.0:{workload.port}", "--management", f"0.0.0.0:{spec.gateway.management.port}"),
        ],
        "env": env,
        **proxy_probes(workload.probes),
    }
    drain = math.ceil(spec.gateway.limits.drain_seconds)
    return container, mounted, image, max(30, PRE_STOP_SECONDS + drain + MARGIN_SECONDS)


def _image(spec: StackSpec, part: str, maps: Mapping[str, str]) -> tuple[dict[str, Any], list[Volume], ImageSpec, int]:
    """Somebody's image that speaks MCP over HTTP."""
    server = spec.servers[part]
    if server.image is None:
        raise ValueError(f"{part!r} has no image, so it has no pod")
    container: dict[str, Any] = {}
    if server.command:
        container["command"] = [_literal(word) for word in server.command]
    if server.args:
        container["args"] = [_literal(word) for word in server.args]
    references = {name: value for name, value in server.env.items() if isinstance(value, SecretRef)}
    env = [
        _secret_variable(spec, part, name, references[name]) if name in references else _variable(name, value)
        for name, value in server.env.items()
    ]
    if env:
        container["env"] = env
    if server.env_from:
        container["envFrom"] = [
            {
                **({"prefix": one.prefix} if one.prefix else {}),
                **(
                    {"secretRef": {"name": spec.secret(part, one.secret).object if one.secret else one.existing_secret}}
                    if one.secret or one.existing_secret
                    else {"configMapRef": {"name": one.existing_config_map}}
                ),
            }
            for one in server.env_from
        ]
    container.update(server_probes(server.probes))
    mounted = [volumes.scratch(0, TMP), *_own_volumes(spec, part, server, maps)]
    return container, mounted, server.image, PRE_STOP_SECONDS + server.grace_seconds


def _own_volumes(spec: StackSpec, part: str, server: ServerSpec, maps: Mapping[str, str]) -> Iterable[Volume]:
    for index, path in enumerate(server.writable, 1):
        yield volumes.scratch(index, path)
    secret_of = {file.secret: spec.secret(part, file.secret) for file in server.files.values() if file.secret}
    yield from volumes.files(server.files, maps.get("files"), secret_of)


def _variables(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [_variable(name, value) for name, value in values.items()]


def _variable(name: str, value: Any) -> dict[str, Any]:
    return {"name": name, "value": _literal(value) if isinstance(value, str) else value}


def _secret_variable(spec: StackSpec, part: str, name: str, reference: SecretRef) -> dict[str, Any]:
    secret = spec.secret(part, reference.secret)
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret.object, "key": secret.key}}}


def _literal(text: str) -> str:
    """`text` so that Kubernetes passes it on as it stands, instead of expanding `$(NAME)` in it."""
    return text.replace("$(", "$$(")


def _pod_security(user: int) -> dict[str, Any]:
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": user,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def _container_security(read_only: bool) -> dict[str, Any]:
    return {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": read_only, "capabilities": {"drop": ["ALL"]}}


def _spread(selector: Mapping[str, str]) -> list[dict[str, Any]]:
    """Over zones, then nodes, as well as it goes: a demand would block rollouts where replicas outnumber nodes."""
    return [
        {"maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {"matchLabels": dict(selector)}}
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]
