"""The network policies of the set, proven: what is declared passes, and nothing else does.

Each pod is judged by its own policies in both directions, against every other workload of the set, pods that nobody has declared,
and every address (`flows.atoms`), for every port. What is declared comes from the stack file; a component that is used alone
declares by its own policy, which no other policy may widen.
"""

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...spec import StackSpec
from ...spec.names import PRODUCT
from ...spec.network import METADATA
from ..flows import ALL, Address, End, Network, Opening, Pod, Spans
from ..flows.atoms import atoms, named_ranges
from ..flows.declared import Block, Flow, Side, declared_flows, own_pods
from ..flows.ends import NAME_LABEL
from ..flows.network import EGRESS, INGRESS
from ..flows.spans import shown, united, without
from ..rendered import KubeObject
from .cluster import Cluster, Pods, items, mapping
from .finding import Finding, error, warning

CHECK = "flows"

PART_OF, INSTANCE, NAME = (f"app.kubernetes.io/{name}" for name in ("part-of", "instance", "name"))

CREDENTIALS = tuple(ipaddress.ip_network(cidr) for cidr in METADATA)

ELSEWHERE = Pod("a pod of a namespace that nobody names", "elsewhere")

Allowed = Callable[[str, End], Spans]
"""Direction and the other end to the ports that are declared between the two."""


def flows(cluster: Cluster, spec: StackSpec | None) -> Iterator[Finding]:
    """Declared flows that do not pass, and whatever passes without having been declared."""
    scene = _Scene(cluster)
    found: list[Flow] = declared_flows(spec) if spec is not None else []
    own = own_pods(spec) if spec is not None else []
    for flow in found:
        yield from _passes(scene, flow, own)
    for pods, pod in scene.pods.items():
        if spec is not None and any(one.covers(pod) for one in own):
            yield from _nothing_else(scene, pods, _by_flows(found, pod), found, f"no key of {spec.source} declares it")
        elif pods.labels.get(PART_OF) == PRODUCT and INSTANCE in pods.labels:
            yield from _alone(scene, pods)
        else:
            yield from _credentials(scene, pods)
    if spec is not None and spec.create_namespace:
        yield from _newcomer(scene, spec)


class _Scene:
    """The set as its policies see it."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.policies = list(cluster.of("NetworkPolicy"))
        self.network = Network(self.policies)
        self.pods = {pods: self._pod(pods) for pods in cluster.pods}
        self.twins = {pod: self._pod(pods, "another pod of ") for pods, pod in self.pods.items()}

    def _pod(self, pods: Pods, prefix: str = "") -> Pod:
        return Pod(
            f"{prefix}{pods.owner.title}",
            pods.namespace,
            pods.labels,
            self.labels_of(pods.namespace),
            {
                (str(port["name"]), str(port.get("protocol") or "TCP")): int(port["containerPort"])
                for container in pods.running
                for port in items(container.spec, "ports")
                if "name" in port and "containerPort" in port
            },
        )

    def labels_of(self, namespace: str) -> dict[str, object]:
        """Labels of a namespace, as far as the set says."""
        found = self.cluster.find("Namespace", "", namespace)
        return dict(mapping(found.plain, "metadata", "labels")) if found else {}

    def known(self, side: Side) -> list[Pod]:
        """Pods of the set that a side of a flow stands for."""
        return [pod for pod in self.pods.values() if side.covers(pod)]

    def others(self, pod: Pod, declared: Iterable[Flow]) -> list[End]:
        """Everyone that `pod` could have to do with."""
        strangers = {pod.namespace: Pod(f"a pod of namespace {pod.namespace} without labels", pod.namespace)}
        governing = {*self.network.governing(pod, INGRESS), *self.network.governing(pod, EGRESS)}
        cut = {*CREDENTIALS, *(one for policy in governing for one in named_ranges(mapping(policy.plain, "spec")))}
        witnesses: list[End] = [one for policy in governing for one in _meant(policy)]
        for flow in declared:
            for side in (flow.source, flow.target):
                if isinstance(side, Block):
                    outer, inner = side.ranges()
                    cut |= {outer, *inner}
                elif not self.known(side):
                    witnesses += side.witnesses()
                    name = side.namespace
                    strangers[name] = Pod(f"a pod of namespace {name} without labels", name, {}, self.labels_of(name))
        known = [self.twins[other] if other is pod else other for other in self.pods.values()]
        return [*known, ELSEWHERE, *strangers.values(), *witnesses, *atoms(cut)]


def _meant(policy: KubeObject) -> Iterator[Pod]:
    """One pod for each peer of a policy, with the labels that it asks for, so that no rule stands for nobody."""
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for rule in items(policy.plain, "spec", direction):
            for peer in items(rule, side):
                spaces = dict(mapping(peer, "namespaceSelector", "matchLabels"))
                name = str(spaces.pop(NAME_LABEL, "elsewhere" if "namespaceSelector" in peer else policy.namespace))
                labels = mapping(peer, "podSelector", "matchLabels")
                if "ipBlock" not in peer:
                    yield Pod(f"a pod of namespace {name} that {policy.title} means", name, labels, spaces)


def _passes(scene: _Scene, flow: Flow, ours: Sequence[Side]) -> Iterator[Finding]:
    """A declared flow, between all pods of the set that it stands for; whoever is not in the set is taken to do its part.

    Where `clients` or `egress` name a namespace or labels that some part of the stack has, too, that part may, and need not: what
    it does itself is declared at its own place.
    """
    sources = scene.known(flow.source) or flow.source.witnesses()
    targets = (scene.known(flow.target) if flow.exact else []) or flow.target.witnesses()
    for source in sources:
        for one in targets:
            target = scene.twins[source] if isinstance(source, Pod) and one is source else one
            for own, side, direction, other in ((source, flow.source, EGRESS, target), (one, flow.target, INGRESS, source)):
                if not isinstance(own, Pod) or own not in scene.twins:
                    continue
                if side not in ours and any(part.covers(own) for part in ours):
                    continue
                lacking = without(flow.ports, scene.network.side(own, direction, other))
                if lacking:
                    policy = _narrowest(scene.network.governing(own, direction))
                    message = (
                        f"{source} must reach {target} on {shown(lacking)} (`{flow.why}`), and is refused; add a rule that lets it"
                    )
                    yield error(CHECK, policy, f"spec.{direction.lower()}", message)


def _narrowest(policies: list[KubeObject]) -> KubeObject:
    """The policy that is most about its pods: a rule for them belongs there, and not into the one that denies by default."""
    return max(policies, key=lambda policy: len(mapping(policy.plain, "spec", "podSelector", "matchLabels")))


def _by_flows(found: Iterable[Flow], pod: Pod) -> Allowed:
    out = [flow for flow in found if flow.source.covers(pod)]
    into = [flow for flow in found if flow.target.covers(pod)]

    def allowed(direction: str, other: End) -> Spans:
        if direction == EGRESS:
            return united(*(flow.ports for flow in out if flow.target.covers(other)))
        return united(*(flow.ports for flow in into if flow.source.covers(other)))

    return allowed


@dataclass(slots=True)
class _Excess:
    """What one rule lets through although nothing declares it."""

    opening: Opening
    ports: Spans
    ends: list[End]


def _nothing_else(scene: _Scene, pods: Pods, allowed: Allowed, declared: Iterable[Flow], reason: str) -> Iterator[Finding]:
    pod = scene.pods[pods]
    mine = [flow for flow in declared if flow.source.covers(pod) or flow.target.covers(pod)]
    others = scene.others(pod, mine)
    for direction in (INGRESS, EGRESS):
        if not scene.network.governing(pod, direction):
            what = "everyone may call them" if direction == INGRESS else "they may call everything"
            yield error(
                CHECK, pods.owner, pods.path, f"no NetworkPolicy governs the {direction.lower()} of these pods, so {what}; add one"
            )
            continue
        for excess in _excesses(scene, pod, direction, others, allowed):
            yield _told(pod, direction, excess, reason)


def _excesses(scene: _Scene, pod: Pod, direction: str, others: Iterable[End], allowed: Allowed) -> list[_Excess]:
    """One for each rule, with everyone that it lets through."""
    found: dict[tuple[str, str], _Excess] = {}
    for other in others:
        opened = scene.network.side(pod, direction, other)
        if not opened or not (surplus := without(opened, allowed(direction, other))):
            continue
        for opening in scene.network.openings(pod, direction, other):
            if without(opening.ports, without(ALL, surplus)):
                key = (opening.policy.title, opening.path)
                found.setdefault(key, _Excess(opening, surplus, [])).ends.append(other)
    return list(found.values())


def _told(pod: Pod, direction: str, excess: _Excess, reason: str) -> Finding:
    secret = next((end for one in CREDENTIALS for end in excess.ends if isinstance(end, Address) and end.ip in one), None)
    first = secret or excess.ends[0]
    who = f"{first}, the metadata service," if secret and direction == EGRESS else f"{first}"
    more = f" and {len(excess.ends) - 1} more" if len(excess.ends) > 1 else ""
    ways = f"{pod} reach {who}" if direction == EGRESS else f"{who} reach {pod}"
    message = f"lets {ways}{more} on {shown(excess.ports)}, and {reason}; narrow the rule, or declare the flow"
    return error(CHECK, excess.opening.policy, excess.opening.path, message)


def _alone(scene: _Scene, pods: Pods) -> Iterator[Finding]:
    """A component outside of a stack: its own policy says what is declared, and those of its neighbours add nothing to it."""
    labels = {key: pods.labels.get(key) for key in (INSTANCE, NAME)}
    own = [
        policy
        for policy in scene.policies
        if policy.namespace == pods.namespace and dict(mapping(policy.plain, "spec", "podSelector", "matchLabels")) == labels
    ]
    if not own:
        yield error(CHECK, pods.owner, pods.path, "has no NetworkPolicy of its own, so nothing says who may call it; add one")
        return
    network, pod = Network(own), scene.pods[pods]
    yield from _nothing_else(
        scene, pods, lambda direction, other: network.side(pod, direction, other), [], f"{own[0].title} does not declare it"
    )
    yield from _credentials(scene, pods)


def _credentials(scene: _Scene, pods: Pods) -> Iterator[Finding]:
    """Pods whose egress is restricted, and not as far as to keep them from the node's credentials."""
    pod = scene.pods[pods]
    if not scene.network.governing(pod, EGRESS):
        return
    told: set[tuple[str, str]] = set()
    for end in (Address(one[0]) for one in CREDENTIALS):
        for opening in scene.network.openings(pod, EGRESS, end):
            place = (opening.policy.title, opening.path)
            if place not in told:
                told.add(place)
                what = (
                    f"lets {pod} reach {end}, the metadata service of a cloud, which hands out credentials of the node; except it"
                )
                yield warning(CHECK, opening.policy, opening.path, what)


def _newcomer(scene: _Scene, spec: StackSpec) -> Iterator[Finding]:
    """A namespace of our own denies what nobody has thought of."""
    pod = Pod("a pod that comes later", spec.namespace, {}, scene.labels_of(spec.namespace))
    for direction in (INGRESS, EGRESS):
        if not scene.network.governing(pod, direction):
            what = (
                f"no NetworkPolicy denies by default the {direction.lower()} of pods that come later; add one that selects all pods"
            )
            yield Finding(CHECK, f"Namespace {spec.namespace}", "", what)


__all__ = ["flows"]
