"""Rights in the Kubernetes API: named, and no more than needed."""

from .model import Found, Policy, Program, Settings
from .resources import Object, dig, items

ROLES = ("Role", "ClusterRole")

RISING = ("escalate", "bind", "impersonate")
"""Verbs that give their holder the rights of others."""

EVERYBODY = ("system:authenticated", "system:unauthenticated", "system:anonymous", "system:serviceaccounts")

READING = frozenset({"get", "list", "watch", "*"})


def _wildcards(item: Object, program: Program, settings: Settings) -> Found:
    for index, rule in enumerate(items(item.manifest, "rules") if item.kind in ROLES else []):
        at = f"rules[{index}]"
        for key in ("verbs", "resources", "apiGroups", "nonResourceURLs"):
            if "*" in items(rule, key):
                yield f"{at}.{key}", "`*` gives every one of them, those of later versions of the API, too"
        if rising := [verb for verb in items(rule, "verbs") if verb in RISING]:
            yield f"{at}.verbs", f"{', '.join(rising)} let their holder take the rights of others"
    if item.kind in ("RoleBinding", "ClusterRoleBinding"):
        if dig(item.manifest, "roleRef", "name") == "cluster-admin":
            yield "roleRef", "binds cluster-admin, which may do everything"
        for index, subject in enumerate(items(item.manifest, "subjects")):
            if dig(subject, "name") in EVERYBODY:
                yield f"subjects[{index}]", f"gives rights to {dig(subject, 'name')}"


RBAC_WILDCARDS = Policy(
    name="rbac-wildcards",
    title="Roles name what they give, and to whom.",
    remedy="name the verbs, resources and accounts that are needed",
    check=_wildcards,
    level="mandatory",
    severity="high",
)


def _secrets(item: Object, program: Program, settings: Settings) -> Found:
    for index, rule in enumerate(items(item.manifest, "rules") if item.kind in ROLES else []):
        reads = READING & {verb for verb in items(rule, "verbs") if isinstance(verb, str)}
        if not reads or "secrets" not in items(rule, "resources"):
            continue
        if item.kind == "ClusterRole" and _everywhere(item, program):
            yield f"rules[{index}]", "reads Secrets of every namespace"
        elif not items(rule, "resourceNames"):
            yield f"rules[{index}].resourceNames", "missing, so it reads every Secret of a namespace"
    if item.kind == "ClusterSecretStore" and not item.partial and not items(item.manifest, "spec", "conditions"):
        yield "spec.conditions", "missing, so every namespace of the cluster reads what the store's credentials read"


def _everywhere(role: Object, program: Program) -> bool:
    """Whether a ClusterRole is bound for the whole cluster; one that nobody here binds may be."""
    bindings = [
        binding.kind
        for binding in program.of("RoleBinding", "ClusterRoleBinding")
        if (dig(binding.manifest, "roleRef", "kind"), dig(binding.manifest, "roleRef", "name")) == ("ClusterRole", role.name)
    ]
    return not bindings or "ClusterRoleBinding" in bindings


SECRET_SCOPE = Policy(
    name="secret-scope",
    title="Whoever reads Secrets reads those that it needs.",
    remedy="use a Role with `resourceNames`, or a store of the namespace",
    check=_secrets,
    level="mandatory",
    severity="high",
    whole=True,
)
