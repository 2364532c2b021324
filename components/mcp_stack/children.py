"""From the builders' plain objects to Pulumi resources."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from .manifests import Manifest, Objects, retained
from .stand_ins import Later, settled

_LATER = ("deployment", "stateful-set", "backup-job", "backup-proof")
"""Beginnings of roles that wait for their part's other objects: no pod looks for a map or an account that is still to come."""

_NOTHING: tuple[str, ...] = ()
_AFTER = {"store": ("secret-", "store-"), "sync": ("store-",), "push": ("secret-", "store-", "sync-")}
"""Beginnings of roles that others wait for: a store's credentials and connection, and the store of what asks it."""


def create(
    parent: pulumi.ComponentResource, name: str, objects: Objects, later: Later = MappingProxyType({})
) -> dict[str, pulumi.Resource]:
    """A resource `{name}-{role}` below `parent` for each object. Names derive from roles, never from content or hashes.

    `later`: what texts of `objects` stand for.
    """
    made: dict[str, pulumi.Resource] = {}
    first = [role for role in objects if not role.startswith(_LATER) and role != "autoscaler"]
    home = [role for role in objects if objects[role]["kind"] == "Namespace"]
    asking = [role for role, one in objects.items() if one["kind"] == "ScaledObject"]
    for role in sorted(objects, key=lambda one: (one not in home, 2 if one in asking else one.startswith(_LATER))):
        inside = [] if role in home else [made[one] for one in home]  # the API server takes nothing before its namespace
        ours = [made[one] for one in first if role.startswith(_LATER) and one in made and not one.startswith("exposure")]
        needed = [*inside, *(one for one in ours if one not in inside)]
        needed += [made[one] for one in made if one.startswith(_AFTER.get(role.partition("-")[0], _NOTHING))]
        if role in asking:  # KEDA's webhook looks at what it scales, and at how it asks
            needed += [made[one] for one in ("scaler-authentication", "deployment") if one in made]
        kept = True if retained(objects[role]) else None
        options = pulumi.ResourceOptions(parent=parent, depends_on=needed, retain_on_delete=kept)
        made[role] = _resource(f"{name}-{role}", settled(objects[role], later), options)
    return made


_KINDS: Mapping[str, Callable[[], Callable[..., pulumi.Resource]]] = {
    "v1 Namespace": lambda: k8s.core.v1.Namespace,
    "v1 Secret": lambda: k8s.core.v1.Secret,
    "v1 ConfigMap": lambda: k8s.core.v1.ConfigMap,
    "v1 ServiceAccount": lambda: k8s.core.v1.ServiceAccount,
    "v1 PersistentVolumeClaim": lambda: k8s.core.v1.PersistentVolumeClaim,
    "v1 Service": lambda: k8s.core.v1.Service,
    "apps/v1 Deployment": lambda: k8s.apps.v1.Deployment,
    "apps/v1 StatefulSet": lambda: k8s.apps.v1.StatefulSet,
    "batch/v1 CronJob": lambda: k8s.batch.v1.CronJob,
    "autoscaling/v2 HorizontalPodAutoscaler": lambda: k8s.autoscaling.v2.HorizontalPodAutoscaler,
    "policy/v1 PodDisruptionBudget": lambda: k8s.policy.v1.PodDisruptionBudget,
    "networking.k8s.io/v1 NetworkPolicy": lambda: k8s.networking.v1.NetworkPolicy,
    "networking.k8s.io/v1 Ingress": lambda: k8s.networking.v1.Ingress,
}
"""Classes of the API's own kinds, each loaded when the first of its objects is made. All others are CustomResources."""


def _resource(name: str, manifest: Manifest, options: pulumi.ResourceOptions) -> pulumi.Resource:
    version, kind = manifest["apiVersion"], manifest["kind"]
    body: Mapping[str, Any] = {_snake(key): value for key, value in manifest.items() if key not in ("apiVersion", "kind")}
    known = _KINDS.get(f"{version} {kind}")
    if known is None:
        return k8s.apiextensions.CustomResource(name, version, kind, opts=options, **body)
    return known()(name, **body, opts=options)


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
