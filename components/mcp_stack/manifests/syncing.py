"""Everything by which secrets come from stores.

Roles tell `create` what waits for what: `secret-`, then `store-`, `sync-`, and `push-`.
"""

from collections.abc import Callable
from typing import Any

from ..spec import Secret, StackSpec
from .identity import Manifest, labels_of, shared_labels, workload_of
from .stores import external_secret, generator, operator_store, push_secret, secret_store, static_secret, store_credentials


def store_objects(spec: StackSpec, value_of: Callable[[str], Any]) -> dict[str, Manifest]:
    """Stores of the stack by role, each after the Secret that it logs in with; nothing for those of somebody else."""
    objects: dict[str, Manifest] = {}
    for name, store in sorted(spec.secret_stores.items()):
        if (credentials := store_credentials(spec, name, value_of)) is not None:
            objects[f"secret-store.{name}"] = credentials
        if store.infisical_operator is not None:
            made = operator_store(spec, name)
            objects |= {f"store-{name}": made["connection"], f"store-{name}-auth": made["auth"]}
        elif store.generated is not None:
            objects[f"store-{name}"] = generator(spec, name)
        elif store.existing is None:
            objects[f"store-{name}"] = secret_store(spec, name)
    return objects


def synced_secrets(spec: StackSpec, server: str | None, prefix: str = "") -> dict[str, Manifest]:
    """What asks stores for the secrets of `server`, or of the whole stack, and what writes them into stores, by role."""
    declared = spec.shared_secrets if server is None else spec.servers[server].secrets
    labels = shared_labels(spec) if server is None else labels_of(spec, server)
    own = {} if server is None else workload_of(spec, server).annotations
    labelled = labels, {**spec.annotations, **own}
    objects: dict[str, Manifest] = {}
    for name, secret in sorted(declared.items()):
        if secret.push is not None:
            source = _source(spec, server, name, secret.push.of)
            made = push_secret(spec, spec.secret_object(server, name), source, secret.push, labelled)
            objects[f"push-{prefix}{name}"] = made
        if secret.store is None:
            continue
        operator = spec.secret_stores[secret.store].infisical_operator is not None
        build = static_secret if operator else external_secret
        objects[f"sync-{prefix}{name}"] = build(spec, spec.secret_object(server, name), secret, labelled)
    return objects


def _source(spec: StackSpec, server: str | None, name: str, key: str | None) -> Secret:
    """Secret and key that hold what is written into a store: a single value, or the one of a set at `key`."""
    return spec.secret(server or "", f"{name}/{key}" if key else name)
