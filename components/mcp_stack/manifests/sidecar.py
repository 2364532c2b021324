"""The proxy as a native sidecar (KEP-753): an init container that starts before the server's container and ends after it.

Everything comes from the builders of a proxy with pods of its own; only what a pod shares with others is named otherwise here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

from ..spec import GATEWAY, StackSpec, cluster_address, config_text, gateway_config
from ..spec.front import CONTAINER
from ..spec.upstream import SidecarSpec
from .config_map import CONFIG_FILE, config_map, content_digest
from .exposure import exposure
from .front import apart, native_sidecar
from .identity import Manifest, selector_of
from .network import network_policy
from .pod import pod_template
from .probes import PORT, PROXY
from .secrets import CHECKSUM
from .service import service

CONFIGURED = "mcp-stack/proxy-config"
"""Annotation of the pods: what changes when the proxy's configuration does."""


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What a pod needs so that the proxy runs in it."""

    container: Mapping[str, Any]
    """Entry of `initContainers`."""
    volumes: list[Manifest]
    """Entries of `volumes`."""
    annotations: Mapping[str, Any]
    """Annotations of the pod."""
    pull_secrets: list[Manifest] = field(default_factory=list[Manifest])
    """Entries of `imagePullSecrets`."""


NO_LABELS: Mapping[str, str] = MappingProxyType({})


class InjectionError(ValueError):
    """A pod that the sidecar cannot join."""


def sidecar_objects(spec: StackSpec, sidecar: SidecarSpec) -> dict[str, Manifest]:
    """What stands round the workload, by role: the configuration, a Service on the proxy's port, and who may call it.

    The policy says nothing of what the pods may call: that is the server's business, and policies add up.
    """
    selector = dict(sidecar.selector)
    called = service(spec, GATEWAY)
    called["spec"]["selector"] = selector
    for port in called["spec"]["ports"]:
        port["targetPort"] = PROXY if port["targetPort"] == PORT else port["targetPort"]
    policy = network_policy(spec, GATEWAY)
    policy["spec"] = {
        "podSelector": {"matchLabels": selector},
        "policyTypes": ["Ingress"],
        "ingress": [{**rule, "from": [_peer(spec, one, selector) for one in rule["from"]]} for rule in policy["spec"]["ingress"]],
    }
    return {"network": policy, "config": _config(spec), "service": called, **exposure(spec, GATEWAY)}


def sidecar_of(spec: StackSpec, checksum: Any = None) -> Sidecar:
    """The sidecar. `checksum` stands for the values of our secrets that it reads."""
    config = _config(spec)
    marks = {CONFIGURED: content_digest(config["data"]), **({} if checksum is None else {CHECKSUM: checksum})}
    template = pod_template(spec, GATEWAY, {"config": config["metadata"]["name"]}, marks)
    pod, (main,) = template["spec"], template["spec"]["containers"]
    ports = [{**port, "name": PROXY} if port.get("name") == PORT else port for port in main["ports"]]
    own = spec.gateway.security
    given = {**{key: value for key, value in main.items() if key != "lifecycle"}, "ports": ports}
    container = native_sidecar(given, spec.gateway.resources, None if own.assigned_user else own.run_as_user)
    objects = {*spec.annotations, *spec.gateway.annotations}
    annotations = {key: value for key, value in template["metadata"]["annotations"].items() if key not in objects}
    return Sidecar(container, [apart(one) for one in pod["volumes"]], annotations, pod.get("imagePullSecrets", []))


def injected(template: Mapping[str, Any], sidecar: Sidecar, selector: Mapping[str, str] = NO_LABELS) -> Manifest:
    """The pod template `template` with `sidecar` in it; nothing else changes. InjectionError where the two clash, or where its
    labels are not those of `selector`, by which the proxy's Service and policy find the pods.

    It comes last of the init containers: those before it start as they did, and the server's container waits for it.
    """
    if not isinstance(cast("object", template), Mapping):
        raise InjectionError("the template is no mapping: write it with keys as the API has them, without classes of arguments")
    pod = _mapping(template.get("spec"))
    if "init_containers" in pod or "containers" not in pod:
        raise InjectionError("the template needs `spec.containers`, and keys as the API has them (`initContainers`)")
    before, beside = _list(pod.get("initContainers")), _list(pod["containers"])
    _refuse_clashes(pod, [*before, *beside], sidecar)
    spec = {
        **pod,
        "initContainers": [*before, dict(sidecar.container)],
        "volumes": [*_list(pod.get("volumes")), *sidecar.volumes],
    }
    if sidecar.pull_secrets:
        known = _list(pod.get("imagePullSecrets"))
        spec["imagePullSecrets"] = [*known, *(one for one in sidecar.pull_secrets if one not in known)]
    metadata = _mapping(template.get("metadata"))
    _refuse_unselected(_mapping(metadata.get("labels")), selector)
    annotations = {**_mapping(metadata.get("annotations")), **sidecar.annotations}
    return {**template, "metadata": {**metadata, "annotations": annotations}, "spec": spec}


def _refuse_unselected(labels: Mapping[str, Any], selector: Mapping[str, str]) -> None:
    """What is no text yet, or stands elsewhere, may be right."""
    wrong = {key: labels.get(key) for key in selector if labels and isinstance(labels.get(key, ""), str)}
    for key, value in wrong.items():
        if value != selector[key]:
            found = f"is {value!r} in the template" if value else "is missing in the template"
            reason = (
                f"the proxy's Service and policy find its pods by `sidecar.selector`, whose label {key}={selector[key]} {found}"
            )
            raise InjectionError(f"{reason}; make them the same")


def _refuse_clashes(pod: Mapping[str, Any], containers: list[Manifest], sidecar: Sidecar) -> None:
    """Containers of a pod have different names, and share its ports and volumes."""
    if any(one.get("name") == CONTAINER for one in containers):
        raise InjectionError(f"the pod has a container {CONTAINER!r} already: it is injected once, or another one has its name")
    ours = {port["containerPort"]: port.get("name") for port in sidecar.container["ports"]}
    for one in containers:
        for port in _list(one.get("ports")):
            if port.get("containerPort") in ours:
                key = "port" if ours[port["containerPort"]] == PROXY else "management.port"
                taken = f"port {port['containerPort']} is that of container {one.get('name')!r}"
                raise InjectionError(f"{taken}, and containers of a pod share its ports; set another `{key}`")
    names = {volume["name"] for volume in sidecar.volumes}
    for volume in _list(pod.get("volumes")):
        if volume.get("name") in names:
            raise InjectionError(f"the pod has a volume {volume['name']!r} already; give it another name")


def _config(spec: StackSpec) -> Manifest:
    text = config_text(gateway_config(spec, cluster_address(spec)))
    return config_map(spec, GATEWAY, "config", {CONFIG_FILE: text})


def _peer(spec: StackSpec, peer: Manifest, selector: Mapping[str, str]) -> Manifest:
    """`peer`, or the workload's pods where it stands for the proxy's own."""
    own = {"podSelector": {"matchLabels": selector_of(spec, GATEWAY)}}
    return {"podSelector": {"matchLabels": dict(selector)}} if peer == own else peer


def _mapping(value: Any) -> Manifest:
    return cast("Manifest", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Manifest]:
    return list(cast("list[Manifest]", value)) if isinstance(value, list) else []
