"""The proxy in the pods of a server that speaks HTTP itself, as a native sidecar (KEP-753) in front of it.

An init container with `restartPolicy: Always`: the server's container starts when its startup probe, which asks the proxy alone,
has passed, and it ends after that one.
"""

from collections.abc import Mapping
from typing import Any

from ..spec import StackSpec
from ..spec.containers import TMP, ContainerSecuritySpec
from ..spec.front import CONTAINER
from ..spec.image import ImageSpec, image_reference
from ..spec.probes import ProbesSpec
from ..spec.proxy_config import POD_IP
from ..spec.scaling import ResourcesSpec
from . import volumes
from .config_map import CONFIG_FILE
from .hardening import container_security
from .identity import front_of
from .probes import MANAGEMENT, PROXY, proxy_probes
from .resources import filled
from .shutdown import early_drain
from .volumes import Volume

DEFAULTS = ({"cpu": "100m", "memory": "128Mi", "ephemeral-storage": "32Mi"}, {"cpu": "500m", "memory": "256Mi"})
"""Requests and limits (seed 000's sidecar)."""


def front(spec: StackSpec, part: str, maps: Mapping[str, str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Entry of `initContainers` of the pods of `part`, and its volumes."""
    own, image = front_of(spec, part), proxy_image(spec, part)
    if own is None:
        raise ValueError(f"no proxy is in front of {part!r}")
    keys, known = key_files(spec, part)
    mounted = [volumes.scratch(0, TMP), volumes.config(maps["config"]), *keys]
    ports = {PROXY: own.port, MANAGEMENT: spec.gateway.management.port}
    main = {
        "image": image_reference(image, spec.image),
        "imagePullPolicy": image.pull_policy or spec.image.pull_policy,
        "command": ["mcp-stack-proxy"],
        "args": serving(spec, own.port),
        "env": [{"name": "HOME", "value": TMP}, *known],
        **proxy_probes(ProbesSpec()),
        "ports": [{"name": name, "containerPort": port, "protocol": "TCP"} for name, port in ports.items()],
        "lifecycle": early_drain(spec, part),
        "volumeMounts": [mount for _, mounts in mounted for mount in mounts],
    }
    return native_sidecar(main, own.resources), [apart(volume) for volume, _ in mounted]


def native_sidecar(main: Mapping[str, Any], written: ResourcesSpec, user: int | None = None) -> dict[str, Any]:
    """The proxy's container `main` as one of a pod that is not its own: restricted whatever that may do, its volumes named apart.

    `user`: its own; the pod's where there is none.
    """
    return {
        **main,
        "name": CONTAINER,
        "restartPolicy": "Always",
        "resources": filled(written, DEFAULTS, directories=1),
        "securityContext": {
            **container_security(ContainerSecuritySpec(run_as_user=user)),
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [{**mount, "name": f"{CONTAINER}-{mount['name']}"} for mount in main["volumeMounts"]],
    }


def apart(volume: Mapping[str, Any]) -> dict[str, Any]:
    """`volume` under a name of our own. Keys are readable without the pod's group, which may be somebody else's; no other container
    mounts them."""
    named = {**volume, "name": f"{CONTAINER}-{volume['name']}"}
    if "projected" in volume:
        named["projected"] = {**volume["projected"], "defaultMode": 0o444}
    return named


def proxy_image(spec: StackSpec, part: str) -> ImageSpec:
    """The bundled image."""
    if spec.proxy.image is None:
        raise ValueError(f"{spec.source}: proxy.image: required, {part!r} runs it")
    return spec.proxy.image


def serving(spec: StackSpec, port: int) -> list[str]:
    """Arguments of a proxy that listens on `port`."""
    return [
        *("serve", "--config", f"{volumes.CONFIG_DIR}/{CONFIG_FILE}"),
        *("--listen", f"0.0.0.0:{port}", "--management", f"0.0.0.0:{spec.gateway.management.port}"),
    ]


def key_files(spec: StackSpec, part: str) -> tuple[list[Volume], list[dict[str, Any]]]:
    """Files of keys of the proxy in the pods of `part`, and the variables that go with them."""
    mounted, env = list[Volume](), list[dict[str, Any]]()
    if keys := spec.api_keys(part):
        mounted.append(volumes.api_keys(keys))
    if session_keys := spec.session_keys():
        mounted.append(volumes.session_keys(session_keys))
        env.append({"name": POD_IP, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}}})
    return mounted, env
