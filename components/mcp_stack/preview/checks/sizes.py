"""Objects that the API server has room for."""

from collections.abc import Iterator, Mapping

from ..rendered import KubeObject
from .cluster import Cluster, mapping
from .finding import Finding, error

CHECK = "sizes"

MAX_ANNOTATIONS = 256 * 1024
"""Bytes of all annotations of an object, keys and values (apimachinery, `TotalAnnotationSizeLimitB`)."""

MAX_CONFIG_MAP = 1024 * 1024
"""Bytes of all values of a ConfigMap (`MaxSecretSize` in Kubernetes' core API)."""


def sizes(cluster: Cluster) -> Iterator[Finding]:
    """Annotations and ConfigMaps that are too large. Values of Secrets are not looked at."""
    for item in cluster.objects:
        yield from _annotations(item, "metadata.annotations", mapping(item.plain, "metadata", "annotations"))
        if item.kind == "ConfigMap" and (size := _bytes(mapping(item.plain, "data"))) > MAX_CONFIG_MAP:
            yield error(
                CHECK, item, "data", f"{size} bytes; a ConfigMap holds {MAX_CONFIG_MAP} at most, shorten what it is made of"
            )
    for pods in cluster.pods:
        if pods.owner.kind != "Pod":
            path = pods.path.removesuffix("spec") + "metadata.annotations"
            yield from _annotations(pods.owner, path, pods.annotations)


def _annotations(item: KubeObject, path: str, annotations: Mapping[str, object]) -> Iterator[Finding]:
    size = _bytes(annotations) + sum(len(key) for key in annotations)
    if size > MAX_ANNOTATIONS:
        yield error(CHECK, item, path, f"{size} bytes; an object has {MAX_ANNOTATIONS} at most, keys included; shorten them")


def _bytes(values: Mapping[str, object]) -> int:
    return sum(len(value.encode()) for value in values.values() if isinstance(value, str))
