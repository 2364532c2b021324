"""What a stack takes for granted in its cluster: kinds, fields, and objects of somebody else, each with what uses it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..preview.checks import Cluster, External
from ..preview.checks.cluster import dig, items, mapping
from ..preview.checks.external import ANYWHERE
from ..preview.checks.references import needed, provided_keys
from ..preview.rendered import KubeObject
from .features import FEATURES, Feature

BUILT_IN = frozenset({"", "apps", "autoscaling", "batch", "networking.k8s.io", "policy", "rbac.authorization.k8s.io"})
"""Groups that every cluster serves."""

CORE = {
    "Namespace": ("", "v1", "namespaces"),
    "Secret": ("", "v1", "secrets"),
    "ConfigMap": ("", "v1", "configmaps"),
    "PersistentVolumeClaim": ("", "v1", "persistentvolumeclaims"),
    "ServiceAccount": ("", "v1", "serviceaccounts"),
    "StatefulSet": ("apps", "v1", "statefulsets"),
    "StorageClass": ("storage.k8s.io", "v1", "storageclasses"),
    "IngressClass": ("networking.k8s.io", "v1", "ingressclasses"),
    "PriorityClass": ("scheduling.k8s.io", "v1", "priorityclasses"),
    "RuntimeClass": ("node.k8s.io", "v1", "runtimeclasses"),
    "GatewayClass": ("gateway.networking.k8s.io", "v1", "gatewayclasses"),
    "Gateway": ("gateway.networking.k8s.io", "v1", "gateways"),
    "Issuer": ("cert-manager.io", "v1", "issuers"),
    "ClusterIssuer": ("cert-manager.io", "v1", "clusterissuers"),
    "SecretStore": ("external-secrets.io", "v1", "secretstores"),
    "ClusterSecretStore": ("external-secrets.io", "v1", "clustersecretstores"),
}
"""Where objects are read that a stack may name: group, version and plural of their kind."""

CLASSES = frozenset({"StorageClass", "IngressClass", "PriorityClass", "RuntimeClass", "GatewayClass", "ClusterIssuer"})
"""Kinds of which a cluster has a few, so that whoever names a wrong one is told the right ones."""

ISSUERS = {"cert-manager.io/issuer": "Issuer", "cert-manager.io/cluster-issuer": "ClusterIssuer"}
"""Annotations by which an Ingress asks cert-manager for its certificate."""

DEFAULT = ""
"""In place of a StorageClass's name: whichever is the cluster's default."""

Plain = Mapping[str, Any]

Named = tuple[str, str, str]
"""Kind, namespace (empty where it has none), name."""

Served = tuple[str, str, str]
"""Group, version, kind."""


@dataclass(slots=True)
class Use:
    """Who needs an object, and which of its keys."""

    users: dict[str, None] = field(default_factory=dict[str, None])
    keys: dict[str, None] = field(default_factory=dict[str, None])


@dataclass(frozen=True, slots=True)
class Needs:
    """Everything, in order of first use."""

    kinds: Mapping[Served, list[str]]
    """Kinds that not every cluster serves, with titles of objects."""
    interfaces: Mapping[tuple[str, str], list[str]]
    """Group and version of interfaces that are asked, not written: metrics of autoscalers."""
    objects: Mapping[Named, Use]
    features: Mapping[Feature, list[str]]


def needs_of(objects: Iterable[KubeObject], external: External | None = None) -> Needs:
    """Needs of the stack that `objects` make. `external`: what it declares to be somebody else's."""
    cluster = Cluster(objects, external or External())
    pods = {found.owner: found for found in cluster.pods}
    kinds: dict[Served, list[str]] = {}
    features: dict[Feature, list[str]] = {}
    interfaces: dict[tuple[str, str], list[str]] = {}
    for item in cluster.objects:
        if item.group not in BUILT_IN:
            kinds.setdefault((item.group, item.api_version.rpartition("/")[2], item.kind), []).append(item.title)
        for feature in FEATURES:
            if feature.used(item, pods.get(item)):
                features.setdefault(feature, []).append(item.title)
        for interface in _interfaces(item):
            interfaces.setdefault(interface, []).append(item.title)
    return Needs(kinds, interfaces, _objects(cluster), features)


def _interfaces(item: KubeObject) -> Iterator[tuple[str, str]]:
    """Where an autoscaler gets its numbers (kubernetes.io, "Support for metrics APIs"). KEDA brings what its own triggers need."""
    kinds: set[str] = set()
    if item.kind == "HorizontalPodAutoscaler":
        kinds = {str(dig(one, "type")) for one in items(item.plain, "spec", "metrics")}
    if item.kind == "ScaledObject" and any(dig(one, "type") in ("cpu", "memory") for one in items(item.plain, "spec", "triggers")):
        kinds = {"Resource"}
    if kinds & {"Resource", "ContainerResource"}:
        yield "metrics.k8s.io", "v1beta1"
    if kinds & {"Pods", "Object"}:
        yield "custom.metrics.k8s.io", "v1beta1"
    if "External" in kinds:
        yield "external.metrics.k8s.io", "v1beta1"


def _objects(cluster: Cluster) -> dict[Named, Use]:
    found: dict[Named, Use] = {}
    for name, user, key in (*_of_pods(cluster), *_of_others(cluster)):
        one = found.setdefault(name, Use())
        one.users[user] = None
        if key is not None:
            one.keys[key] = None
    for kind, namespace, name in sorted(cluster.external.objects):
        if kind in CORE and namespace != ANYWHERE and cluster.find(kind, namespace, name) is None:
            found.setdefault((kind, namespace, name), Use())
    return found


def _of_pods(cluster: Cluster) -> Iterator[tuple[Named, str, str | None]]:
    for pods in cluster.pods:
        user = pods.owner.title
        for wanted in needed(pods):
            if not _ours(cluster, wanted.kind, pods.namespace, wanted.name):
                yield (wanted.kind, pods.namespace, wanted.name), user, wanted.key
        for key, kind in (("priorityClassName", "PriorityClass"), ("runtimeClassName", "RuntimeClass")):
            if pods.spec.get(key):
                yield (kind, "", str(pods.spec[key])), user, None


def _of_others(cluster: Cluster) -> Iterator[tuple[Named, str, str | None]]:
    for item in cluster.objects:
        for kind, namespace, name in _named_by(item):
            if not _ours(cluster, kind, namespace, name):
                yield (kind, namespace, name), item.title, None


def _ours(cluster: Cluster, kind: str, namespace: str, name: str) -> bool:
    """Whether the stack makes the object, or one whose controller does."""
    made = provided_keys(cluster, kind, namespace, name) is not None or cluster.find(kind, namespace, name) is not None
    return made and not cluster.external.has(kind, namespace, name)


def _named_by(item: KubeObject) -> Iterator[Named]:
    """Objects that `item` names and that are not part of pods."""
    look = NAMED_BY.get(item.kind)
    if look is not None:
        yield from look(item, mapping(item.plain, "spec"))
    for claim in _claims(item):
        wanted = claim.get("storageClassName")
        if wanted != "" and not claim.get("volumeName"):  # an empty class asks for a volume that exists
            yield "StorageClass", "", DEFAULT if wanted is None else str(wanted)


def _ingress(item: KubeObject, spec: Plain) -> Iterator[Named]:
    if spec.get("ingressClassName"):
        yield "IngressClass", "", str(spec["ingressClassName"])
    annotations = mapping(item.plain, "metadata", "annotations")
    issuers = {ISSUERS[key]: str(annotations[key]) for key in ISSUERS if key in annotations}
    for kind, name in issuers.items():
        yield kind, item.namespace if kind == "Issuer" else "", name
    if not issuers:
        yield from (("Secret", item.namespace, str(one["secretName"])) for one in items(spec, "tls") if "secretName" in one)


def _gateway(item: KubeObject, spec: Plain) -> Iterator[Named]:
    yield "GatewayClass", "", str(spec.get("gatewayClassName"))
    for listener in items(spec, "listeners"):
        for one in items(listener, "tls", "certificateRefs"):
            yield "Secret", str(dig(one, "namespace") or item.namespace), str(dig(one, "name"))


def _route(item: KubeObject, spec: Plain) -> Iterator[Named]:
    for parent in items(spec, "parentRefs"):
        yield "Gateway", str(dig(parent, "namespace") or item.namespace), str(dig(parent, "name"))


def _certificate(item: KubeObject, spec: Plain) -> Iterator[Named]:
    kind = str(dig(spec, "issuerRef", "kind") or "Issuer")
    yield kind, "" if kind == "ClusterIssuer" else item.namespace, str(dig(spec, "issuerRef", "name"))


def _synced(item: KubeObject, spec: Plain) -> Iterator[Named]:
    if spec.get("secretStoreRef"):
        kind = str(dig(spec, "secretStoreRef", "kind") or "SecretStore")
        yield kind, "" if kind == "ClusterSecretStore" else item.namespace, str(dig(spec, "secretStoreRef", "name"))


NAMED_BY: Mapping[str, Callable[[KubeObject, Plain], Iterator[Named]]] = {
    "Ingress": _ingress,
    "Gateway": _gateway,
    "HTTPRoute": _route,
    "Certificate": _certificate,
    "ExternalSecret": _synced,
}
"""What finds the names, by kind."""


def _claims(item: KubeObject) -> list[Plain]:
    templates = [mapping(one, "spec") for one in items(item.plain, "spec", "volumeClaimTemplates")]
    return [mapping(item.plain, "spec")] if item.kind == "PersistentVolumeClaim" else templates
