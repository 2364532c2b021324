"""From the builders' plain objects to Pulumi resources."""

from functools import cache
from importlib.metadata import version
from types import MappingProxyType

import pulumi

from .manifests import Manifest, Objects, retained
from .stand_ins import Later, settled

_LATER = ("deployment", "stateful-set", "backup-job", "backup-proof")
"""Beginnings of roles that wait for their part's other objects: no pod looks for a map or an account that is still to come."""

_NOTHING: tuple[str, ...] = ()
_AFTER = {"store": ("secret-", "store-"), "sync": ("store-",), "push": ("secret-", "store-", "sync-")}
"""Beginnings of roles that others wait for: a store's credentials and connection, and the store of what asks it."""


def create(
    parent: pulumi.ComponentResource, name: str, objects: Objects, later: Later = MappingProxyType({})
) -> dict[str, pulumi.Resource]:
    """A resource `{name}-{role}` below `parent` for each object. Names derive from roles, never from content or hashes.

    `later`: what texts of `objects` stand for.
    """
    made: dict[str, pulumi.Resource] = {}
    first = [role for role in objects if not role.startswith(_LATER) and role != "autoscaler"]
    home = [role for role in objects if objects[role]["kind"] == "Namespace"]
    asking = [role for role, one in objects.items() if one["kind"] == "ScaledObject"]
    for role in sorted(objects, key=lambda one: (one not in home, 2 if one in asking else one.startswith(_LATER))):
        inside = [] if role in home else [made[one] for one in home]  # the API server takes nothing before its namespace
        ours = [made[one] for one in first if role.startswith(_LATER) and one in made and not one.startswith("exposure")]
        needed = [*inside, *(one for one in ours if one not in inside)]
        needed += [made[one] for one in made if one.startswith(_AFTER.get(role.partition("-")[0], _NOTHING))]
        if role in asking:  # KEDA's webhook looks at what it scales, and at how it asks
            needed += [made[one] for one in ("scaler-authentication", "deployment") if one in made]
        kept = True if retained(objects[role]) else None
        options = pulumi.ResourceOptions(parent=parent, depends_on=needed, retain_on_delete=kept)
        made[role] = _resource(f"{name}-{role}", settled(objects[role], later), options)
    return made


_SECRET = ("data", "stringData")
"""Keys of a Secret, which nobody may read in a state."""


@cache
def _version() -> str:
    """Of pulumi_kubernetes, which is the version of the provider that the engine is to load."""
    return version("pulumi-kubernetes")


def _resource(name: str, manifest: Manifest, options: pulumi.ResourceOptions) -> pulumi.Resource:
    """What the kind's class in pulumi_kubernetes registers, without the class: those of `core.v1` alone take a third of a second to
    import, and look each key of each object up in their types, for names that the builders write as the API does (a test compares
    both). Older versions of a kind are no aliases: nothing of ours was ever made by one.
    """
    api, kind = manifest["apiVersion"], manifest["kind"]
    hidden = _SECRET if (api, kind) == ("v1", "Secret") else _NOTHING
    own = pulumi.ResourceOptions(version=_version(), additional_secret_outputs=list(hidden) or None)
    body = {key: pulumi.Output.secret(value) if key in hidden else value for key, value in manifest.items()}
    token = f"kubernetes:{'core/v1' if api == 'v1' else api}:{kind}"
    return pulumi.CustomResource(token, name, body, pulumi.ResourceOptions.merge(options, own))
