"""Rights on the Kubernetes API: as few as are used, by those who use them. How wide one reaches is for the policies to judge."""

from collections.abc import Iterator

from ..rendered import KubeObject
from .cluster import Cluster, Pods, dig, items, mapping
from .finding import Finding, error

CHECK = "rights"

ROLES = ("Role", "ClusterRole")
BINDINGS = ("RoleBinding", "ClusterRoleBinding")

Account = tuple[str, str]
"""Namespace and name."""


def rights(cluster: Cluster) -> Iterator[Finding]:
    """Roles that nobody has, rights that nobody uses, and tokens that give no right."""
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
