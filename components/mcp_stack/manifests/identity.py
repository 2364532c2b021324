"""What every object has: kind, name, namespace, labels. Objects are plain dictionaries, as the API takes them."""

from collections.abc import Mapping
from typing import Any

from ..spec import GATEWAY, GatewaySpec, ServerSpec, StackSpec
from ..spec.front import FrontSpec
from ..spec.names import part_labels, selector, stack_labels

Manifest = dict[str, Any]


def workload_of(spec: StackSpec, part: str) -> ServerSpec | GatewaySpec:
    """The server `part`, or the gateway."""
    return spec.gateway if part == GATEWAY else spec.servers[part]


def selector_of(spec: StackSpec, part: str) -> dict[str, str]:
    """Labels that select exactly the pods of `part`."""
    return selector(spec.stack, spec.known_as(part))


def labels_of(spec: StackSpec, part: str) -> dict[str, str]:
    """Labels of the objects and pods of `part`. Own labels cannot replace ours: the schema refuses these keys."""
    own = workload_of(spec, part).labels
    component = {"app.kubernetes.io/component": "gateway" if part == GATEWAY else "server"}
    return {**spec.labels, **own, **part_labels(spec.stack, spec.known_as(part)), **component}


def runs_proxy(spec: StackSpec, part: str) -> bool:
    """Whether the pods of `part` run the bundled image, as their main container or in front of it."""
    return part == GATEWAY or spec.servers[part].runs_proxy


def front_of(spec: StackSpec, part: str) -> FrontSpec | None:
    """The proxy in front of server `part`, in its own pods."""
    return None if part == GATEWAY else spec.servers[part].front


def shared_labels(spec: StackSpec) -> dict[str, str]:
    """Labels of what belongs to the whole stack."""
    return {**spec.labels, **stack_labels(spec.stack)}


def manifest(
    spec: StackSpec,
    part: str,
    kind: str,
    body: Mapping[str, Any],
    *,
    name: str | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Manifest:
    """Object of `kind` ("apps/v1 Deployment") that belongs to `part`, named like it unless `name` says otherwise.

    `body`: what stands beside `metadata`.
    """
    together = {**spec.annotations, **workload_of(spec, part).annotations, **(annotations or {})}
    return assemble(kind, name or spec.object_name(part), spec.namespace, labels_of(spec, part), together, body)


def assemble(
    kind: str,
    name: str,
    namespace: str | None,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    body: Mapping[str, Any],
) -> Manifest:
    """Object from its parts; empty ones are left out of the metadata."""
    version, _, bare = kind.rpartition(" ")
    metadata: dict[str, Any] = {"name": name, "namespace": namespace, "labels": dict(labels), "annotations": dict(annotations)}
    return {"apiVersion": version, "kind": bare, "metadata": {key: value for key, value in metadata.items() if value}, **body}
