"""The namespace of a stack: restricted pods, and no traffic that nobody declared."""

from ..spec import SHARED, StackSpec
from .identity import Manifest, assemble, shared_labels

POD_SECURITY = {
    f"pod-security.kubernetes.io/{mode}{suffix}": level
    for mode in ("enforce", "audit", "warn")
    for suffix, level in (("", "restricted"), ("-version", "latest"))
}
"""The strictest pod security standard, for every pod that ever runs here."""

WHEN_DELETED = "mcp-stack/when-destroyed"
"""Annotation that says what becomes of the namespace, for those who read a diff of objects, in which nothing else would show it."""

RETAIN = "Retain"


def namespace(spec: StackSpec) -> Manifest:
    """The stack's Namespace."""
    annotations = {**spec.annotations, **spec.namespace_annotations, WHEN_DELETED: RETAIN if spec.keeps_namespace else "Delete"}
    return assemble(
        "v1 Namespace", spec.namespace, None, {**spec.namespace_labels, **shared_labels(spec), **POD_SECURITY}, annotations, {}
    )


def retained(manifest: Manifest) -> bool:
    """Whether an object outlives its stack: volumes with backups, and the namespace where it holds any."""
    if manifest["kind"] == "PersistentVolumeClaim":
        return True
    return manifest["kind"] == "Namespace" and manifest["metadata"].get("annotations", {}).get(WHEN_DELETED) == RETAIN


def default_deny(spec: StackSpec) -> Manifest:
    """Denies every pod of the namespace what no other policy allows. Only for a namespace that is ours alone."""
    return assemble(
        "networking.k8s.io/v1 NetworkPolicy",
        spec.object_name(SHARED),
        spec.namespace,
        shared_labels(spec),
        spec.annotations,
        {"spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}},
    )
