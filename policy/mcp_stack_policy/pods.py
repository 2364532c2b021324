"""Pods, wherever an object describes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .model import Program
from .resources import Object, Plain, dig, items, mapping

_TEMPLATES = {
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"), ("spec", "template")),
    "ReplicationController": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "Pod": (),
}
"""Where a kind keeps the description of its pods."""

SERVING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"})
"""Kinds whose pods run until they are told to stop."""


@dataclass(frozen=True, slots=True)
class Container:
    """One container, and its place in the object."""

    spec: Plain
    path: str
    init: bool


@dataclass(frozen=True, eq=False, slots=True)
class Pods:
    """The pods of one object: all alike."""

    object: Object
    path: str
    """Path of their spec."""
    labels: Plain
    spec: Plain

    def containers(self) -> Iterator[Container]:
        """Init containers first."""
        for key in ("initContainers", "containers"):
            for index, one in enumerate(items(self.spec, key)):
                spec = mapping(one)
                yield Container(spec, f"{self.path}.{key}[{spec.get('name', index)}]", key == "initContainers")


def pods_of(item: Object) -> Pods | None:
    """Pods that `item` describes."""
    keys = _TEMPLATES.get(item.kind)
    if keys is None or item.group not in ("", "apps", "batch"):
        return None
    template = mapping(item.manifest, *keys)
    return Pods(item, ".".join([*keys, "spec"]), mapping(template, "metadata", "labels"), mapping(template, "spec"))


def all_pods(program: Program) -> list[Pods]:
    """Pods of every object of a program."""
    return program.once(_all_pods)


def _all_pods(program: Program) -> list[Pods]:
    return [pods for item in program.objects if (pods := pods_of(item)) is not None]


def behind(program: Program, service: Object) -> list[Pods]:
    """Pods that `service` calls."""
    wanted = mapping(service.manifest, "spec", "selector")
    return [
        pods
        for pods in all_pods(program)
        if wanted
        and pods.object.namespace == service.namespace
        and all(dig(pods.labels, key) == value for key, value in wanted.items())
    ]


def command_of(container: Container) -> list[Any]:
    """Words of its command line."""
    return [*items(container.spec, "command"), *items(container.spec, "args")]
