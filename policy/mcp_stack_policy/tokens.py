"""Tokens of the Kubernetes API, only where they are used."""

from .model import Found, Policy, Program, Settings
from .pods import pods_of
from .resources import Object, dig, items


def _tokens(item: Object, program: Program, settings: Settings) -> Found:
    pods = pods_of(item)
    if pods is None or item.partial:
        return
    account = dig(pods.spec, "serviceAccountName") or dig(pods.spec, "serviceAccount") or "default"
    found = program.find("ServiceAccount", item.namespace, account)
    mounts = dig(pods.spec, "automountServiceAccountToken")
    if mounts is None and found is not None:
        mounts = dig(found.manifest, "automountServiceAccountToken")
    if mounts in (None, True) and not _bound(program, item.namespace, account):
        path = f"{pods.path}.automountServiceAccountToken"
        yield path, f"the token of ServiceAccount {account!r} is mounted, and nothing in the program binds a role to that account"


def _bound(program: Program, namespace: str, account: object) -> bool:
    return any(
        (dig(subject, "kind"), dig(subject, "name"), dig(subject, "namespace") or binding.namespace)
        == ("ServiceAccount", account, namespace)
        for binding in program.of("RoleBinding", "ClusterRoleBinding")
        for subject in items(binding.manifest, "subjects")
    )


MOUNTED_TOKENS = Policy(
    name="mounted-tokens",
    title="Pods that do not call the Kubernetes API hold no token for it.",
    remedy="set it to false, or bind the role that the pods need",
    check=_tokens,
    level="advisory",
    severity="medium",
    whole=True,
)
