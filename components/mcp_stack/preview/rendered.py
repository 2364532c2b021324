"""What a stack would put into a cluster: Kubernetes objects, in a stable order."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from .resources import Resource, Run
from .values import masked

_ORDER = (
    "Namespace", "CustomResourceDefinition", "ServiceAccount", "Secret", "ConfigMap", "ClusterRole", "ClusterRoleBinding", "Role",
    "RoleBinding", "PersistentVolumeClaim", "Service", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob",
)  # fmt: skip
"""Kinds in the order in which they can be applied; all others follow."""

CLUSTER_SCOPED = frozenset(
    {
        "Namespace",
        "CustomResourceDefinition",
        "ClusterRole",
        "ClusterRoleBinding",
        "PersistentVolume",
        "StorageClass",
        "IngressClass",
    }
    | {"GatewayClass", "PriorityClass", "RuntimeClass", "Node", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}
    | {
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
    }
    | {"APIService", "CSIDriver", "ClusterSecretStore", "ClusterExternalSecret", "ClusterIssuer", "ClusterNetworkPolicy"}
    | {"ClusterTriggerAuthentication"}
)
"""Kinds that live in no namespace."""

_FIRST_KEYS = ("apiVersion", "kind", "metadata")

_FIRST_FIELDS = ("name", "namespace")
"""What tells which object, container or port is meant, before what it is like."""

_HASH = re.compile(r"-[0-9a-f]{8,64}$")


@dataclass(frozen=True, eq=False)
class KubeObject:
    """One object. `manifest` may hold Secret and Unknown; `masked` and `revealed` make plain data of it."""

    manifest: Mapping[str, Any]
    urn: str = ""
    """URN of the resource behind it."""
    aliases: tuple[str, ...] = ()
    provider: Mapping[str, Any] | None = None
    """Inputs of its provider."""

    @cached_property
    def plain(self) -> dict[str, Any]:
        """The manifest with secrets redacted: what checks read."""
        return masked(self.manifest)

    @property
    def kind(self) -> str:
        """`Deployment`."""
        return str(self.manifest.get("kind", ""))

    @property
    def api_version(self) -> str:
        """`apps/v1`."""
        return str(self.manifest.get("apiVersion", ""))

    @property
    def group(self) -> str:
        """`apps`; empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def name(self) -> str:
        """`metadata.name`."""
        return str(self.plain.get("metadata", {}).get("name", ""))

    @property
    def namespace(self) -> str:
        """`metadata.namespace`; empty for what lives in none."""
        return str(self.plain.get("metadata", {}).get("namespace") or "")

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What a cluster tells objects apart by; the version of the API is not part of it."""
        return self.group, self.kind, self.namespace, self.name

    @property
    def title(self) -> str:
        """`Deployment mcp/github`, for messages."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def base_name(self) -> str:
        """Name without the digest that an immutable ConfigMap carries of its own content."""
        return _HASH.sub("", self.name) if self.manifest.get("immutable") is True else self.name


@dataclass(frozen=True)
class Rendered:
    """A stack, evaluated."""

    project: str
    stack: str
    resources: tuple[Resource, ...]
    outputs: Mapping[str, Any]
    warnings: tuple[str, ...] = ()

    @cached_property
    def objects(self) -> tuple[KubeObject, ...]:
        """Kubernetes objects, by kind in the order of application, then namespace and name."""
        by_urn = {resource.urn: resource for resource in self.resources}
        found = [_object(resource, by_urn) for resource in self.resources if is_object(resource)]
        return tuple(sorted(found, key=_place))

    @property
    def unseen(self) -> tuple[Resource, ...]:
        """What a plugin expands into objects that no evaluation without it can know: Helm charts and the like."""
        return tuple(
            resource
            for resource in self.resources
            if resource.remote or resource.type.startswith(("kubernetes:helm.sh/", "kubernetes:yaml/", "kubernetes:kustomize/"))
        )

    @property
    def looked_up(self) -> tuple[Resource, ...]:
        """What the program reads from the cluster, so what has to be there."""
        return tuple(resource for resource in self.resources if resource.read)


def rendered(project: str, stack: str, run: Run) -> Rendered:
    """The evaluation of `stack`."""
    return Rendered(project, stack, run.resources, run.outputs, run.warnings)


def is_object(resource: Resource) -> bool:
    """Whether `resource` is one Kubernetes object: neither component, provider, chart, list nor patch."""
    inputs = resource.inputs
    return (
        resource.custom
        and not resource.read
        and resource.type.startswith("kubernetes:")
        and "kind" in inputs
        and "apiVersion" in inputs
        and not resource.type.endswith("Patch")
    )


def ordered(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """`manifest` with its keys in the customary order, names first below them; null values, which say nothing, are dropped."""
    keys = [key for key in _FIRST_KEYS if key in manifest] + sorted(set(manifest) - set(_FIRST_KEYS))
    return {key: _sorted(manifest[key]) for key in keys if manifest[key] is not None}


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        names = [key for key in _FIRST_FIELDS if key in fields] + sorted(set(fields) - set(_FIRST_FIELDS))
        return {key: _sorted(fields[key]) for key in names if fields[key] is not None}
    return [_sorted(inner) for inner in cast("list[Any]", value)] if isinstance(value, list) else value


def _object(resource: Resource, by_urn: Mapping[str, Resource]) -> KubeObject:
    provider = by_urn.get(resource.provider)
    inputs = dict(resource.inputs)
    default = provider.inputs.get("namespace") if provider else None
    metadata = inputs.get("metadata")
    if default and isinstance(metadata, Mapping) and "namespace" not in metadata and inputs["kind"] not in CLUSTER_SCOPED:
        inputs["metadata"] = {**cast("Mapping[str, Any]", metadata), "namespace": default}
    return KubeObject(ordered(inputs), resource.urn, resource.aliases, provider.inputs if provider else None)


def _place(item: KubeObject) -> tuple[int, str, str, str, str]:
    rank = _ORDER.index(item.kind) if item.kind in _ORDER else len(_ORDER)
    return rank, item.kind, item.group, item.namespace, item.name
