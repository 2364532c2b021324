"""What a policy is, and what it sees."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, cast

from .resources import Object, dig, items, mapping

T = TypeVar("T")

Level = Literal["mandatory", "advisory", "disabled"]

Severity = Literal["low", "medium", "high", "critical"]

Settings = Mapping[str, Any]
"""Values of a policy's options."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One place that breaks a policy. `path` is empty for the object as a whole."""

    object: Object
    path: str
    message: str


Found = Iterator[tuple[str, str]]
"""Path and message of what is wrong with one object."""

Check = Callable[[Object, "Program", Settings], Found]


@dataclass(frozen=True, slots=True)
class Option:
    """Something about a policy that a user may set: JSON Schema, with the default in it."""

    schema: Mapping[str, Any]

    @property
    def default(self) -> Any:
        """Value where nobody sets it."""
        return self.schema["default"]


EXEMPT = Option(
    {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Objects that it does not hold for, as `Kind namespace/name`, with `*` for any part.",
    }
)


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule for objects of a program."""

    name: str
    title: str
    """What has to hold, as a sentence."""
    remedy: str
    """What to do about it, as a clause that follows a message."""
    check: Check
    level: Level
    """What a violation does, unless a configuration says otherwise: `mandatory` stops an update."""
    severity: Severity
    whole: bool = False
    """Whether it has to see the other objects of the program, too."""
    own: Mapping[str, Option] = field(default_factory=dict[str, Option])

    @property
    def options(self) -> Mapping[str, Option]:
        """Its own options, and the one that all policies have."""
        return {**self.own, "exempt": EXEMPT}

    def defaults(self) -> dict[str, Any]:
        """Settings where nobody sets anything."""
        return {name: option.default for name, option in self.options.items()}


class Program:
    """Kubernetes objects of a program, as far as they are known."""

    def __init__(self, objects: Iterable[Object]) -> None:
        self.objects = tuple(objects)
        self._known: dict[Callable[[Program], Any], Any] = {}

    def once(self, find: "Callable[[Program], T]") -> T:
        """What `find` says of the program. It is asked once: policies look at one object after the other, and a look at all the
        others for each of them takes minutes where there are hundreds.
        """
        if find not in self._known:
            self._known[find] = find(self)
        return cast("T", self._known[find])

    def of(self, *kinds: str) -> Iterator[Object]:
        """Objects of these kinds."""
        found = self.once(_by_kind)
        return (one for kind in kinds for one in found.get(kind, ()))

    def find(self, kind: str, namespace: str, name: Any) -> Object | None:
        """The object, where the program has it."""
        return next((one for one in self.of(kind) if (one.name, one.namespace) == (name, namespace)), None)

    def autoscaler(self, workload: Object) -> Object | None:
        """HorizontalPodAutoscaler or KEDA's ScaledObject of `workload`."""
        for scaler in self.of("HorizontalPodAutoscaler", "ScaledObject"):
            target = mapping(scaler.manifest, "spec", "scaleTargetRef")
            wanted = (target.get("kind", "Deployment"), target.get("name"))
            if scaler.namespace == workload.namespace and wanted == (workload.kind, workload.name):
                return scaler
        return None

    def replicas(self, workload: Object, bound: Literal["least", "most"]) -> int | None:
        """Pods that `workload` has at least or at most; None where nobody can know."""
        scaler = self.autoscaler(workload)
        if scaler is None:
            found = dig(workload.manifest, "spec", "replicas")
        else:
            keys = {
                "HorizontalPodAutoscaler": ("minReplicas", "maxReplicas"),
                "ScaledObject": ("minReplicaCount", "maxReplicaCount"),
            }
            found = dig(scaler.manifest, "spec", keys[scaler.kind][bound == "most"])
            if found is None and scaler.kind == "ScaledObject":
                found = 0 if bound == "least" else 100
        if found is None:
            return 1
        return found if isinstance(found, int) else None


def _by_kind(program: Program) -> dict[str, list[Object]]:
    found: dict[str, list[Object]] = {}
    for one in program.objects:
        found.setdefault(one.kind, []).append(one)
    return found


def selects(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Whether a label selector matches `labels`. An empty one matches all."""
    if any(dig(labels, key) != value for key, value in mapping(selector, "matchLabels").items()):
        return False
    return all(_holds(one, labels) for one in items(selector, "matchExpressions"))


def _holds(expression: Any, labels: Mapping[str, Any]) -> bool:
    key, values = str(dig(expression, "key")), items(expression, "values")
    present, listed = key in labels, dig(labels, key) in values
    return {"In": listed, "NotIn": not listed, "Exists": present, "DoesNotExist": not present}.get(
        str(dig(expression, "operator")), False
    )
