"""What pods read, mount and run as is there: in the stack, or declared to be somebody else's."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..rendered import CLUSTER_SCOPED, KubeObject
from .cluster import Cluster, Container, Pods, dig, items, mapping
from .finding import MISSING, Finding, error
from .written import written_keys

CHECK = "references"


@dataclass(frozen=True, slots=True)
class Reference:
    """A Secret or ConfigMap that a pod needs; `key` where it needs one of its keys."""

    kind: str
    name: str
    path: str
    key: str | None = None


def references(cluster: Cluster) -> Iterator[Finding]:
    """Secrets, ConfigMaps and their keys, accounts, claims, volumes and namespaces that do not exist."""
    yield from _namespaces(cluster)
    yield from _subjects(cluster)
    for pods in cluster.pods:
        for reference in needed(pods):
            yield from _missing(cluster, pods.owner, reference)
        yield from _account(cluster, pods)
        yield from _mounts(pods)
        yield from _claims(cluster, pods)


def needed(pods: Pods) -> Iterator[Reference]:
    """Every Secret and ConfigMap without which the pods do not start."""
    for index, secret in enumerate(items(pods.spec, "imagePullSecrets")):
        yield Reference("Secret", str(dig(secret, "name")), f"{pods.path}.imagePullSecrets[{index}]")
    for container in pods.containers:
        yield from _variables(container)
    for name, volume in pods.volumes.items():
        path = f"{pods.path}.volumes[{name}]"
        yield from _volume(mapping(volume, "secret"), "Secret", "secretName", f"{path}.secret")
        yield from _volume(mapping(volume, "configMap"), "ConfigMap", "name", f"{path}.configMap")
        for index, source in enumerate(items(volume, "projected", "sources")):
            yield from _volume(mapping(source, "secret"), "Secret", "name", f"{path}.projected.sources[{index}].secret")
            yield from _volume(mapping(source, "configMap"), "ConfigMap", "name", f"{path}.projected.sources[{index}].configMap")


def _variables(container: Container) -> Iterator[Reference]:
    for field, kind in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
        for variable in items(container.spec, "env"):
            source = mapping(variable, "valueFrom", field)
            if source and not source.get("optional"):
                yield Reference(
                    kind, str(source.get("name")), f"{container.path}.env[{variable.get('name')}]", str(source.get("key"))
                )
    for field, kind in (("secretRef", "Secret"), ("configMapRef", "ConfigMap")):
        for index, source in enumerate(items(container.spec, "envFrom")):
            found = mapping(source, field)
            if found and not found.get("optional"):
                yield Reference(kind, str(found.get("name")), f"{container.path}.envFrom[{index}]")


def _volume(source: Any, kind: str, field: str, path: str) -> Iterator[Reference]:
    if not source or source.get("optional"):
        return
    name = str(source.get(field))
    yield Reference(kind, name, path)
    for item in items(source, "items"):
        yield Reference(kind, name, f"{path}.items", str(item.get("key")))


def _missing(cluster: Cluster, owner: KubeObject, wanted: Reference) -> Iterator[Finding]:
    keys = provided_keys(cluster, wanted.kind, owner.namespace, wanted.name)
    if keys is None:
        message = f"{wanted.kind} {owner.namespace}/{wanted.name} {MISSING}"
        if wanted.key is None or not wanted.path.endswith(".items"):
            yield error(CHECK, owner, wanted.path, message)
    elif wanted.key is not None and keys and wanted.key not in keys:
        known = ", ".join(sorted(keys))
        yield error(CHECK, owner, wanted.path, f"{wanted.kind} {wanted.name} has no key {wanted.key!r}; it has: {known}")


def provided_keys(cluster: Cluster, kind: str, namespace: str, name: str) -> set[str] | None:
    """Keys of a Secret or ConfigMap; empty where it exists and its keys are not known; None where it does not exist."""
    found = cluster.find(kind, namespace, name)
    if found is not None:
        return {key for field in ("data", "stringData", "binaryData") for key in mapping(found.plain, field)}
    if cluster.external.has(kind, namespace, name):
        return set()
    return written_keys(cluster, namespace, name) if kind == "Secret" else None


def _account(cluster: Cluster, pods: Pods) -> Iterator[Finding]:
    name = str(pods.spec.get("serviceAccountName") or "default")
    if name != "default" and not cluster.exists("ServiceAccount", pods.namespace, name):
        yield error(
            CHECK,
            pods.owner,
            f"{pods.path}.serviceAccountName",
            f"ServiceAccount {pods.namespace}/{name} {MISSING}",
        )


def _mounts(pods: Pods) -> Iterator[Finding]:
    known = set(pods.volumes)
    known |= {str(dig(claim, "metadata", "name")) for claim in items(pods.owner.plain, "spec", "volumeClaimTemplates")}
    used: set[str] = set()
    for container in pods.containers:
        paths: set[str] = set()
        for mount in items(container.spec, "volumeMounts"):
            name, where = str(mount.get("name")), str(mount.get("mountPath"))
            used.add(name)
            if name not in known:
                yield error(
                    CHECK,
                    pods.owner,
                    f"{container.path}.volumeMounts[{where}]",
                    f"{name!r} is no volume of the pod; add it to volumes",
                )
            if where in paths:
                yield error(CHECK, pods.owner, f"{container.path}.volumeMounts[{where}]", "is mounted twice; keep one")
            paths.add(where)
    for name in sorted(set(pods.volumes) - used):
        yield error(CHECK, pods.owner, f"{pods.path}.volumes[{name}]", "is mounted nowhere; mount it, or remove it")


def _claims(cluster: Cluster, pods: Pods) -> Iterator[Finding]:
    for name, volume in pods.volumes.items():
        claim = dig(volume, "persistentVolumeClaim", "claimName")
        if claim is not None and not (
            cluster.exists("PersistentVolumeClaim", pods.namespace, claim) or claim in _of_stateful_sets(cluster, pods.namespace)
        ):
            yield error(
                CHECK,
                pods.owner,
                f"{pods.path}.volumes[{name}]",
                f"PersistentVolumeClaim {pods.namespace}/{claim} {MISSING}",
            )


def _of_stateful_sets(cluster: Cluster, namespace: str) -> set[str]:
    """Claims that StatefulSets make for their pods, each by the name of its template and of its pod."""
    return {
        f"{dig(claim, 'metadata', 'name')}-{one.name}-{number}"
        for one in cluster.of("StatefulSet")
        if one.namespace == namespace
        for claim in items(one.plain, "spec", "volumeClaimTemplates")
        for number in range(int(dig(one.plain, "spec", "replicas") or 1))
    }


def _namespaces(cluster: Cluster) -> Iterator[Finding]:
    told: set[str] = {"default"}
    for item in cluster.objects:
        if item.kind in CLUSTER_SCOPED:
            continue
        if not item.namespace:
            yield error(CHECK, item, "metadata.namespace", "missing: it would land in the namespace of whoever deploys; name one")
        elif item.namespace not in told and not cluster.exists("Namespace", "", item.namespace):
            told.add(item.namespace)
            yield error(
                CHECK,
                item,
                "metadata.namespace",
                f"namespace {item.namespace!r} {MISSING}",
            )


def _subjects(cluster: Cluster) -> Iterator[Finding]:
    """Accounts and roles that bindings name."""
    for binding in cluster.of("RoleBinding", "ClusterRoleBinding"):
        for index, subject in enumerate(items(binding.plain, "subjects")):
            namespace, name = str(subject.get("namespace", binding.namespace)), str(subject.get("name"))
            if (
                subject.get("kind") == "ServiceAccount"
                and name != "default"
                and not cluster.exists("ServiceAccount", namespace, name)
            ):
                yield error(
                    CHECK,
                    binding,
                    f"subjects[{index}]",
                    f"ServiceAccount {namespace}/{name} {MISSING}",
                )
        role = mapping(binding.plain, "roleRef")
        namespace = binding.namespace if role.get("kind") == "Role" else ""
        if role.get("kind") == "Role" and not cluster.exists("Role", namespace, str(role.get("name"))):
            yield error(
                CHECK,
                binding,
                "roleRef",
                f"Role {namespace}/{role.get('name')} {MISSING}",
            )
