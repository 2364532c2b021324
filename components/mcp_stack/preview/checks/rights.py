"""Rights on the Kubernetes API: as few as are used, by those who use them, on objects that are named."""

from collections.abc import Iterator
from typing import Any

from ..rendered import KubeObject
from .cluster import Cluster, Pods, dig, items, mapping
from .finding import Finding, error

CHECK = "rights"

ROLES = ("Role", "ClusterRole")
BINDINGS = ("RoleBinding", "ClusterRoleBinding")

UNNAMED = frozenset({"create", "list", "watch", "deletecollection"})
"""Verbs that cannot be bound to the name of an object, or only in ways that clients seldom ask in."""

TELLING = frozenset({"secrets", "pods", "pods/exec", "serviceaccounts/token"})
"""Resources that lead to credentials, or to a shell, where any of them may be touched."""

Account = tuple[str, str]
"""Namespace and name."""


def rights(cluster: Cluster) -> Iterator[Finding]:
    """Roles that nobody has, rights that nobody uses, tokens that give no right, and rules that are too wide."""
    bound = set[tuple[str, str, str]]()
    holders = set[Account]()
    tokens = {_account(pods) for pods in cluster.pods if _token(cluster, pods)}
    for binding in cluster.of(*BINDINGS):
        role = mapping(binding.plain, "roleRef")
        kind = str(role.get("kind"))
        bound.add((kind, binding.namespace if kind == "Role" else "", str(role.get("name"))))
        for index, subject in enumerate(items(binding.plain, "subjects")):
            if dig(subject, "kind") == "ServiceAccount":
                account = (str(dig(subject, "namespace") or binding.namespace), str(dig(subject, "name")))
                holders.add(account)
                yield from _used(cluster, binding, account, tokens, f"subjects[{index}]")
    for role in cluster.of(*ROLES):
        if role.kind == "Role" and ("Role", role.namespace, role.name) not in bound:  # ClusterRoles are for others, too
            yield error(CHECK, role, "", "no binding of the stack gives it to anybody; bind it, or leave it out")
        yield from _rules(role)
    for pods in cluster.pods:
        if pods.spec.get("automountServiceAccountToken") is True and _account(pods) not in holders:
            message = "true, but no binding of the stack gives the account any right; set it to false"
            yield error(CHECK, pods.owner, f"{pods.path}.automountServiceAccountToken", message)


def _account(pods: Pods) -> Account:
    return pods.namespace, str(pods.spec.get("serviceAccountName") or "default")


def _token(cluster: Cluster, pods: Pods) -> bool:
    """Whether the pods get a token: they say so themselves, else their account does, else they do."""
    own = pods.spec.get("automountServiceAccountToken")
    if own is None and (account := cluster.find("ServiceAccount", *_account(pods))) is not None:
        own = account.plain.get("automountServiceAccountToken")
    return own is not False


def _used(cluster: Cluster, binding: KubeObject, account: Account, tokens: set[Account], path: str) -> Iterator[Finding]:
    """An account of the stack whose rights nobody can use. Those of others are theirs to judge."""
    if cluster.find("ServiceAccount", *account) is not None and account not in tokens:
        message = f"no pod of the stack has a token of ServiceAccount {account[1]}, so nobody can use these rights; leave them out"
        yield error(CHECK, binding, path, message)


def _rules(role: KubeObject) -> Iterator[Finding]:
    for index, rule in enumerate(items(role.plain, "rules")):
        path = f"rules[{index}]"
        for key in ("verbs", "resources", "apiGroups"):
            if "*" in items(rule, key):
                yield error(CHECK, role, f"{path}.{key}", "'*' is everything there is and ever will be; name what is used")
        yield from _unnamed(role, rule, path)


def _unnamed(role: KubeObject, rule: Any, path: str) -> Iterator[Finding]:
    """Rights on any object of a kind, where they could be on named ones."""
    if items(rule, "resourceNames"):
        return
    telling = sorted(TELLING.intersection(items(rule, "resources")))
    verbs = [verb for verb in items(rule, "verbs") if verb not in UNNAMED] if not telling else items(rule, "verbs")
    if telling:
        message = f"{', '.join(verbs)} on every one of {', '.join(telling)} of the {_reach(role)}; name the objects"
        yield error(CHECK, role, f"{path}.resourceNames", message)
    elif role.kind == "Role" and verbs:
        kinds = ", ".join(map(str, items(rule, "resources")))
        yield error(CHECK, role, f"{path}.resourceNames", f"{', '.join(verbs)} on every one of {kinds}; name the objects")


def _reach(role: KubeObject) -> str:
    return "namespace" if role.kind == "Role" else "cluster"
