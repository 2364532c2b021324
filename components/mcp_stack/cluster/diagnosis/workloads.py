"""Pods that are not even made, and volumes that do not come."""

from collections.abc import Iterator

from ...preview.checks.cluster import dig
from .causes import Cause, first
from .found import Diagnosis, one_line
from .world import Live, World, conditions, label_of, name_of, title_of

MADE = (
    Cause("exceeded quota", "the namespace's quota is used up; raise it, or lower `resources` and replicas"),
    Cause(
        "podsecurity",
        "the namespace's pod security refuses the pod; see what it names, or its label `pod-security.kubernetes.io/enforce`",
    ),
    Cause("priorityclass", "create the PriorityClass, or mend `priority_class`"),
    Cause("runtimeclass", "create the RuntimeClass, or mend `runtime_class`"),
    Cause("serviceaccount", "the account is gone; `pulumi up --refresh` makes it again"),
    Cause(
        "limitrange|maximum (cpu|memory)|minimum (cpu|memory)", "the namespace's LimitRange refuses its `resources`; mend either"
    ),
    Cause("admission webhook|denied the request", "a policy of the cluster refuses it; do as it says, or ask who runs it"),
)

CLAIMED = (
    Cause(
        "storageclass.* not found|no storage class|storage class is not",
        "mend `storage.claims.*.storage_class`, or give the cluster a default StorageClass",
    ),
    Cause("no persistent volumes available", "nothing makes volumes of that class; name one with a provisioner"),
    Cause("quota|exceeded", "the storage quota is used up; raise it"),
    Cause("provision|provisioner", "the provisioner fails; look at the pods of its CSI driver"),
)


def workloads(world: World) -> Iterator[Diagnosis]:
    """Deployments and StatefulSets whose pods are refused, and rollouts that are given up."""
    for one in (*world.of("Deployment"), *world.of("StatefulSet")):
        stuck = conditions(one.get("status")).get("Progressing")
        if refused := _refused(world, one):
            place = f"-n {dig(one, 'metadata', 'namespace')} {str(one.get('kind')).lower()} {name_of(one)}"
            step = first(MADE, refused, f"`kubectl describe {place}` shows the rest")
            yield Diagnosis(title_of(one), "FailedCreate", refused, step)
        elif stuck is not None and stuck.get("reason") == "ProgressDeadlineExceeded":
            step = "the former pods go on; see what is said of the new ones, or go back: `pulumi up` of the former revision"
            yield Diagnosis(title_of(one), label_of(stuck), one_line(stuck.get("message")), step)


def _refused(world: World, one: Live) -> str:
    """Why no pod is made. A Deployment has a condition for it, a StatefulSet nothing but events."""
    failed = conditions(one.get("status")).get("ReplicaFailure")
    if failed is not None and failed.get("status") == "True":
        return one_line(failed.get("message"))
    unmade = one.get("kind") == "StatefulSet" and not dig(one, "status", "replicas")
    return next(iter(world.warnings(one, "FailedCreate")), "") if unmade else ""


def claims(world: World) -> Iterator[Diagnosis]:
    """Volumes that nobody provides."""
    for one in world.of("PersistentVolumeClaim"):
        if dig(one, "status", "phase") in ("Bound", None):
            continue
        said = world.warnings(one)
        if not said and dig(one, "status", "phase") == "Pending" and dig(one, "spec", "storageClassName") is not None:
            continue  # it waits for its pod, which has a finding if it does not come
        message = said[0] if said else "the claim names no class and the cluster has no default one"
        step = first(CLAIMED, message, "name a StorageClass that the cluster has: `storage_class`")
        yield Diagnosis(title_of(one), str(dig(one, "status", "phase")), message, step)
