"""All objects of a stack. Each has a role within its part, which is stable whatever its name is."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..spec import GATEWAY, StackSpec, cluster_address, config_text, front_config, gateway_config, wrapper_config
from ..spec.stores import SecretSpec
from .audit import audit_claim
from .autoscaling import autoscaler
from .backups import backup_objects
from .certificates import wildcard_certificates
from .config_map import CONFIG_FILE, config_map, file_data
from .containers import files_role
from .deployment import deployment
from .disruption import disruption_budget
from .exposure import exposure
from .gateways import gateway_objects_of
from .identity import Manifest, workload_of
from .keda import trigger_authentication
from .monitoring import monitor, overview
from .namespace import default_deny, namespace
from .network import network_policy
from .secrets import CHECKSUM, server_secret, shared_secret
from .service import headless_service, service
from .service_account import service_account
from .stateful_set import stateful_set
from .syncing import store_objects, synced_secrets

Objects = dict[str, Manifest]
"""Objects of one part by role, in the order in which they are needed."""

ValueOf = Callable[[str], Any]
"""Key of the stack file -> the secret value that it holds."""


def shared_objects(spec: StackSpec, value_of: ValueOf) -> Objects:
    """What belongs to no single server: the namespace, secrets that several read, alerts and dashboard."""
    return namespace_objects(spec) | shared_secrets(spec, value_of) | shared_exposure(spec) | overview(spec)


def namespace_objects(spec: StackSpec) -> Objects:
    """The namespace, where it is ours, and what holds for all of it."""
    return {"namespace": namespace(spec), "default-deny": default_deny(spec)} if spec.create_namespace else {}


def shared_secrets(spec: StackSpec, value_of: ValueOf) -> Objects:
    """Stores, and secrets that several servers or the gateway read."""
    ours = {f"secret-{name}": shared_secret(spec, name, value_of(config)) for name, config in _ours(spec.shared_secrets)}
    return {**store_objects(spec, value_of), **ours, **synced_secrets(spec, None)}


def shared_exposure(spec: StackSpec) -> Objects:
    """What several ways from outside share: the stack's own Gateway, and wildcard certificates."""
    return {**wildcard_certificates(spec), **gateway_objects_of(spec)}


def gateway_objects(spec: StackSpec, checksum: Any = None) -> Objects:
    """The gateway. `checksum` stands for the values of our secrets that it reads."""
    text = config_text(gateway_config(spec, cluster_address(spec)))
    return _workload(spec, GATEWAY, {"config": {CONFIG_FILE: text}}, checksum)


def server_objects(spec: StackSpec, name: str, value_of: ValueOf, checksum: Any = None) -> Objects:
    """Server `name`; nothing for one that runs elsewhere. `checksum` stands for the values of our secrets that it reads."""
    server = spec.servers[name]
    if server.kind == "url":
        return {}
    secrets = {f"secret-{key}": server_secret(spec, name, key, value_of(config)) for key, config in _ours(server.secrets)}
    texts: dict[str, dict[str, str]] = {}
    if server.kind == "command":
        texts["config"] = {CONFIG_FILE: config_text(wrapper_config(spec, name))}
    elif server.front is not None:
        texts["config"] = {CONFIG_FILE: config_text(front_config(spec, name))}
    if files := file_data(server.files):
        texts["files"] = files
    return {**secrets, **synced_secrets(spec, name), **_workload(spec, name, texts, checksum), **backup_objects(spec, name)}


def url_server_secrets(spec: StackSpec, name: str, value_of: ValueOf) -> Objects:
    """Own secrets of a server that runs elsewhere; the gateway reads them."""
    ours = {
        f"secret-{name}-{key}": server_secret(spec, name, key, value_of(config))
        for key, config in _ours(spec.servers[name].secrets)
    }
    return {**ours, **synced_secrets(spec, name, f"{name}-")}


def manifests_for(spec: StackSpec, value_of: ValueOf = lambda _: "[secret]", checksum: Any = "[checksum]") -> list[Manifest]:
    """Every object of the stack, in order of creation."""
    groups = [shared_objects(spec, value_of)]
    groups += [url_server_secrets(spec, name, value_of) for name, server in spec.servers.items() if server.kind == "url"]
    groups += [server_objects(spec, name, value_of, checksum if reads_ours(spec, name) else None) for name in spec.servers]
    if spec.gateway.enabled:
        groups.append(gateway_objects(spec, checksum if reads_ours(spec, GATEWAY) else None))
    return [one for group in groups for one in group.values()]


def reads_ours(spec: StackSpec, part: str) -> bool:
    """Whether the pods of `part` read a Secret that we create."""
    return any(secret.config is not None for secret in spec.secrets_of(part))


def _workload(spec: StackSpec, part: str, texts: dict[str, dict[str, str]], checksum: Any) -> Objects:
    workload = workload_of(spec, part)
    beside = {files_role(one): file_data(one.files) for one in workload.init_containers}
    maps = {role: config_map(spec, part, role, data) for role, data in (texts | beside).items() if data}
    names = {role: one["metadata"]["name"] for role, one in maps.items()}
    pod_annotations = {} if checksum is None else {CHECKSUM: checksum}
    found: dict[str, Manifest | None] = {
        "account": service_account(spec, part) if workload.service_account is None else None,
        "network": network_policy(spec, part),
        **maps,
        "audit-claim": audit_claim(spec) if part == GATEWAY else None,
        "service": service(spec, part),
        **_pods(spec, part, names, pod_annotations),
        "scaler-authentication": trigger_authentication(spec, part),
        "autoscaler": autoscaler(spec, part),
        "budget": disruption_budget(spec, part),
        **exposure(spec, part),
        "monitor": monitor(spec, part),
    }
    return {role: one for role, one in found.items() if one is not None}


def _pods(spec: StackSpec, part: str, maps: Mapping[str, str], annotations: Mapping[str, Any]) -> Objects:
    """What keeps the pods of `part` running."""
    storage = spec.servers[part].storage if part in spec.servers else None
    if storage is None:
        return {"deployment": deployment(spec, part, maps, annotations)}
    return {
        "headless": headless_service(spec, part),
        "stateful-set": stateful_set(spec, part, storage, maps, annotations),
    }


def _ours(secrets: Mapping[str, SecretSpec]) -> Iterator[tuple[str, str]]:
    return ((name, secret.config) for name, secret in sorted(secrets.items()) if secret.config is not None)
