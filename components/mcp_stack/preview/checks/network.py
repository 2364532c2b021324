"""Networks that deny by default and still work: names resolve, and whoever may call is also let in."""

import ipaddress
from collections.abc import Iterator
from typing import Any

from ..flows.ends import NAME_LABEL
from ..flows.network import EGRESS, INGRESS, directions
from ..flows.selection import matches
from ..rendered import KubeObject
from .cluster import Cluster, Pods, dig, items, mapping
from .finding import Finding, error, warning

CHECK = "network"

DNS = 53


def network(cluster: Cluster) -> Iterator[Finding]:
    """Pods without a policy beside others with one, no way to DNS, doors that open on one side only."""
    policies = list(cluster.of("NetworkPolicy"))
    guarded = {policy.namespace for policy in policies}
    for pods in cluster.pods:
        own = cluster.policies[pods]
        if pods.namespace in guarded and not own:
            yield error(
                CHECK, pods.owner, pods.path, "no NetworkPolicy selects these pods, so everyone may call them; select them, too"
            )
        outward = [policy for policy in own if _governs(policy, EGRESS)]
        if (
            outward
            and any(mapping(rule) for policy in outward for rule in items(policy.plain, "spec", "egress"))
            and not any(_dns(policy) for policy in outward)
        ):
            yield error(
                CHECK,
                pods.owner,
                pods.path,
                f"{outward[0].title} restricts what they may call and leaves out DNS, so no name resolves; allow UDP and TCP 53",
            )
        for policy in outward:
            yield from _one_sided(cluster, pods, policy)
    for policy in policies:
        yield from _peers(cluster, policy)


def _governs(policy: KubeObject, direction: str) -> bool:
    return direction in directions(mapping(policy.plain, "spec"))


def _dns(policy: KubeObject) -> bool:
    """Whether some rule lets UDP 53 out. Many resolvers also need TCP, for long answers."""
    for rule in items(policy.plain, "spec", "egress"):
        ports = items(rule, "ports")
        asked = {str(dig(port, "protocol") or "TCP") for port in ports if dig(port, "port") in (DNS, None)}
        if not ports or "UDP" in asked:
            return True
    return False


def _one_sided(cluster: Cluster, source: Pods, policy: KubeObject) -> Iterator[Finding]:
    """Pods of the stack that `source` may call by its own policy, and whose policies do not let it in."""
    for index, rule in enumerate(items(policy.plain, "spec", "egress")):
        numbers = [dig(port, "port") for port in items(rule, "ports")]
        for target in cluster.pods:
            if target is source or not any(
                _selects(cluster, policy.namespace, peer, target) for peer in items(rule, "to") if "podSelector" in peer
            ):
                continue
            inward = [found for found in cluster.policies[target] if _governs(found, INGRESS)]
            for number in numbers:
                if number is not None and not target.has_port(number):
                    yield error(
                        CHECK,
                        policy,
                        f"spec.egress[{index}]",
                        f"leads to port {number} of {target.owner.title}, which has no such port; name one of its",
                    )
                elif inward and not any(_admits(cluster, found, source, target, number) for found in inward):
                    message = f"{target.owner.title} does not admit {source.owner.title} to port {number}; let it in there"
                    yield error(CHECK, policy, f"spec.egress[{index}]", message)


def _admits(cluster: Cluster, policy: KubeObject, source: Pods, target: Pods, number: Any) -> bool:
    for rule in items(policy.plain, "spec", "ingress"):
        ports = [dig(port, "port") for port in items(rule, "ports")]
        resolved = [target.named_ports.get(port) if isinstance(port, str) else port for port in ports]
        peers = items(rule, "from")
        if (not ports or number in ports or number in resolved) and (
            not peers or any(_selects(cluster, policy.namespace, peer, source) for peer in peers)
        ):
            return True
    return False


def _selects(cluster: Cluster, namespace: str, peer: Any, pods: Pods) -> bool:
    """Whether a peer of a policy in `namespace` stands for `pods`."""
    if dig(peer, "ipBlock") is not None:
        return False
    where, which = dig(peer, "namespaceSelector"), dig(peer, "podSelector")
    if where is None and pods.namespace != namespace:
        return False
    if where is not None and not matches(where, _namespace_labels(cluster, pods.namespace)):
        return False
    return which is None or matches(which, pods.labels)


def _namespace_labels(cluster: Cluster, name: str) -> dict[str, str]:
    found = cluster.find("Namespace", "", name)
    return {**(dict(mapping(found.plain, "metadata", "labels")) if found else {}), NAME_LABEL: name}


def _peers(cluster: Cluster, policy: KubeObject) -> Iterator[Finding]:
    """Namespaces named by a label that nothing sets, and address ranges that are none."""
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(items(policy.plain, "spec", direction)):
            for place, peer in enumerate(items(rule, side)):
                path = f"spec.{direction}[{index}].{side}[{place}]"
                labels = mapping(peer, "namespaceSelector", "matchLabels")
                known = [_namespace_labels(cluster, item.name) for item in cluster.of("Namespace")]
                for key, value in labels.items():
                    if key != NAME_LABEL and not any(found.get(key) == value for found in known):
                        message = f"no namespace of the stack has the label {key}={value}; every namespace has `{NAME_LABEL}`"
                        yield warning(CHECK, policy, f"{path}.namespaceSelector", message)
                yield from _ranges(policy, path, mapping(peer, "ipBlock"))


def _ranges(policy: KubeObject, path: str, block: Any) -> Iterator[Finding]:
    if not block:
        return
    try:
        outer = ipaddress.ip_network(str(block.get("cidr")))
        inner = [ipaddress.ip_network(str(text)) for text in items(block, "except")]
    except ValueError as fault:
        yield error(CHECK, policy, f"{path}.ipBlock", f"{fault}; write a range such as 10.20.0.0/16")
        return
    for found in inner:
        if found.version != outer.version or found == outer or not found.subnet_of(outer):  # pyright: ignore[reportArgumentType]
            yield error(CHECK, policy, f"{path}.ipBlock.except", f"{found} does not lie within {outer}; the API server refuses it")
