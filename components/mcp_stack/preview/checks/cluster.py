"""The objects of a stack, indexed as a cluster would see them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from ..flows.selection import matches
from ..rendered import KubeObject
from ..values import told_later
from .external import External

Plain = Mapping[str, Any]

_TEMPLATES = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "Pod": (),
}
"""Where a kind keeps its pods' description."""


LEAST = {"HorizontalPodAutoscaler": ("minReplicas", 1), "ScaledObject": ("minReplicaCount", 0)}
"""Kinds of autoscalers -> where they keep the fewest replicas, and how many those are by default."""


def dig(value: Any, *keys: str) -> Any:
    """What is below `keys`, or None."""
    for key in keys:
        value = cast("Plain", value).get(key) if isinstance(value, Mapping) else None
    return value


def items(value: Any, *keys: str) -> list[Any]:
    """List below `keys`; empty where there is none."""
    found = dig(value, *keys)
    return cast("list[Any]", found) if isinstance(found, list) else []


def mapping(value: Any, *keys: str) -> Plain:
    """Mapping below `keys`; empty where there is none."""
    found = dig(value, *keys)
    return cast("Plain", found) if isinstance(found, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod, and its place in the object."""

    spec: Plain
    path: str
    init: bool = False

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.spec.get("name", ""))

    @property
    def sidecar(self) -> bool:
        """Whether it runs beside the pod's own containers although it starts before them."""
        return self.init and self.spec.get("restartPolicy") == "Always"


@dataclass(frozen=True, eq=False)
class Pods:
    """The pods of one workload: all alike."""

    owner: KubeObject
    path: str
    """Path of the pods' spec within the owner."""
    labels: Plain
    annotations: Plain
    spec: Plain

    @property
    def namespace(self) -> str:
        """Namespace of the pods."""
        return self.owner.namespace

    @cached_property
    def containers(self) -> list[Container]:
        """Init containers first."""
        found: list[Container] = []
        for field, init in (("initContainers", True), ("containers", False)):
            found += [
                Container(spec, f"{self.path}.{field}[{spec.get('name', index)}]", init)
                for index, spec in enumerate(items(self.spec, field))
            ]
        return found

    @property
    def running(self) -> list[Container]:
        """Containers that run for the pod's whole life."""
        return [container for container in self.containers if not container.init or container.sidecar]

    @property
    def volumes(self) -> dict[str, Plain]:
        """Volumes by name."""
        return {str(volume.get("name")): volume for volume in items(self.spec, "volumes")}

    @property
    def numbers(self) -> set[int]:
        """Port numbers that containers declare."""
        return {
            int(port["containerPort"])
            for container in self.running
            for port in items(container.spec, "ports")
            if "containerPort" in port
        }

    @property
    def named_ports(self) -> dict[str, int]:
        """Declared ports by name."""
        return {
            str(port["name"]): int(port["containerPort"])
            for container in self.running
            for port in items(container.spec, "ports")
            if "name" in port and "containerPort" in port
        }

    def has_port(self, port: Any) -> bool:
        """Whether a container listens on `port`, a number or a name."""
        return port in self.named_ports if isinstance(port, str) else port in self.numbers


class Cluster:
    """Objects by kind, pods by workload."""

    def __init__(self, objects: Iterable[KubeObject], external: External) -> None:
        self.objects = tuple(objects)
        self.external = external
        self.pods = tuple(pods for item in self.objects if (pods := _pods(item)) is not None)
        self._named = {(item.kind, item.namespace, item.name): item for item in reversed(self.objects)}
        self._labelled: dict[tuple[str, str], list[Pods]] = {}
        for pods in self.pods:
            for label in ["", *_pairs(pods.labels)]:
                self._labelled.setdefault((pods.namespace, label), []).append(pods)

    def of(self, *kinds: str) -> Iterator[KubeObject]:
        """Objects of these kinds."""
        return (item for item in self.objects if item.kind in kinds)

    def find(self, kind: str, namespace: str, name: str) -> KubeObject | None:
        """The object, where the stack has it. What is told only after deployment names none: others are told so, too."""
        return None if told_later(name) else self._named.get((kind, namespace, name))

    def exists(self, kind: str, namespace: str, name: str) -> bool:
        """Whether the stack has the object, or declares that somebody else does."""
        return self.find(kind, namespace, name) is not None or self.external.has(kind, namespace, name)

    def selected(self, namespace: str, selector: Any) -> list[Pods]:
        """Pods of `namespace` that a label selector matches. An empty one matches all, a missing one none."""
        if selector is None:
            return []
        labels = ["", *_pairs(mapping(selector, "matchLabels"))]
        fewest = min((self._labelled.get((namespace, label), []) for label in labels), key=len)
        return [pods for pods in fewest if matches(selector, pods.labels)]

    @cached_property
    def policies(self) -> Mapping[Pods, list[KubeObject]]:
        """Network policies by the pods that they select."""
        return self._by_pods("NetworkPolicy", lambda item: dig(item.plain, "spec", "podSelector") or {})

    @cached_property
    def services(self) -> Mapping[Pods, list[KubeObject]]:
        """Services by the pods that they call."""
        return self._by_pods("Service", lambda item: plain_selector(dig(item.plain, "spec", "selector")))

    def _by_pods(self, kind: str, selector: Callable[[KubeObject], Any]) -> Mapping[Pods, list[KubeObject]]:
        found: dict[Pods, list[KubeObject]] = {pods: [] for pods in self.pods}
        for item in self.of(kind):
            for pods in self.selected(item.namespace, selector(item)):
                found[pods].append(item)
        return found

    def autoscaler(self, item: KubeObject) -> KubeObject | None:
        """The autoscaler of a workload."""
        for scaler in self.of(*LEAST):
            target = mapping(scaler.plain, "spec", "scaleTargetRef")
            if (scaler.namespace, target.get("kind", "Deployment"), target.get("name")) == (item.namespace, item.kind, item.name):
                return scaler
        return None

    def fewest(self, pods: Pods) -> int:
        """Replicas that a workload never falls below."""
        scaler = self.autoscaler(pods.owner)
        value = dig(scaler.plain, "spec", LEAST[scaler.kind][0]) if scaler else dig(pods.owner.plain, "spec", "replicas")
        return value if isinstance(value, int) else LEAST[scaler.kind][1] if scaler else 1


def _pairs(labels: Plain) -> list[str]:
    return [f"{key}={value}" for key, value in labels.items()]


def _pods(item: KubeObject) -> Pods | None:
    keys = _TEMPLATES.get(item.kind)
    if keys is None:
        return None
    template = mapping(item.plain, *keys)
    return Pods(
        item,
        ".".join([*keys, "spec"]),
        mapping(template, "metadata", "labels"),
        mapping(template, "metadata", "annotations"),
        mapping(template, "spec"),
    )


def plain_selector(labels: Any) -> Plain | None:
    """A Service's selector, which is a map of labels, as a label selector; None where it selects nothing."""
    return {"matchLabels": labels} if labels else None
