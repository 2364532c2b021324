"""What is asked of a store, and what is written into one: what this backend cannot do, before its controller says so."""

from collections.abc import Iterator

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..stack import StackSpec
from ..stores import GENERATORS, VALUE, SecretSpec, SecretStoreSpec
from ..stores.pushed import PushSpec
from .operator import OURS, operator_problems

NEEDS_NAME = ("aws", "gcp")
"""Backends whose `find` refuses to list everything."""

NEEDS_PROPERTY = ("kubernetes", "vault")
"""Backends whose keys hold members: a Secret its own keys, a path of Vault a set of fields."""

LOGIN = ("username", "password")
"""Values that images are pulled with."""


def asking_problems(spec: StackSpec, secret: SecretSpec, place: str) -> Iterator[Problem]:
    """What the stores of `secret` cannot give or take. Stores that nobody declares are for others to name."""
    if (store := spec.secret_stores.get(secret.store or "")) is not None:
        yield from _askable(secret, store, place)
    if secret.push is not None and secret.push.store in spec.secret_stores:
        yield from _pushable(spec, secret, secret.push, spec.secret_stores[secret.push.store], join(place, "push"))
    if secret.target.registry is not None:
        given = _values(spec, secret)
        lacking = [] if given is None else [name for name in LOGIN if name not in given]
        if lacking:
            what = f"made of the values {' and '.join(f'`{name}`' for name in LOGIN)}, and {lacking[0]!r} is not among them"
            yield Problem(join(place, "target", "registry"), f"{what}; they are: {', '.join(sorted(given or ()))}")


def keys_in(spec: StackSpec, secret: SecretSpec) -> frozenset[str] | None:
    """Keys of the Secret of `secret`; None where only its store knows them."""
    store = spec.secret_stores.get(secret.store or "")
    if secret.is_generated and store is not None and secret.target.registry is None and secret.target.template is None:
        return store.generated
    return secret.keys


def _values(spec: StackSpec, secret: SecretSpec) -> frozenset[str] | None:
    """Keys of what the store gives, before anything is made of it; None where only it knows them."""
    store = spec.secret_stores.get(secret.store or "")
    if secret.is_generated:
        return store.generated if store is not None else None
    return None if secret.data_from else frozenset(secret.data)


def _askable(secret: SecretSpec, store: SecretStoreSpec, place: str) -> Iterator[Problem]:
    """What this backend cannot give."""
    if store.generated is not None:
        yield from _generated(secret, store, place)
        return
    if secret.is_generated:
        yield Problem(place, "give either `remote` (one value), or `data` or `data_from` (a set)")
    if store.infisical_operator is not None:
        yield from operator_problems(secret, place)
    for index, one in enumerate(secret.data_from):
        at = join(place, "data_from", index, "find")
        if one.find is not None and one.find.tags and store.infisical is not None:
            yield Problem(join(at, "tags"), "Infisical by External Secrets finds by name and path alone; use `name`, or `path`")
        if one.find is not None and store.backend in NEEDS_NAME and not (one.find.name or one.find.tags):
            yield Problem(at, f"`{store.backend}` lists nothing without a `name` or `tags`; `name: .` fits every key")


def _generated(secret: SecretSpec, store: SecretStoreSpec, place: str) -> Iterator[Problem]:
    """A generator is asked for nothing, and makes other values each time."""
    for name in ("remote", "data", "data_from"):
        if getattr(secret, name):
            yield Problem(join(place, name), f"does nothing, `{store.backend}` keeps nothing that could be asked for; remove it")
    if secret.refresh.policy == "Periodic" and "interval" not in secret.refresh.model_fields_set:
        hint = "`refresh: {policy: CreatedOnce}`, or an `interval`" if store.password is not None else "an `interval`, such as 30m"
        what = "each read makes other values, which is not what a default should decide"
        yield Problem(join(place, "refresh", "interval"), f"required, {what}; give {hint}")
    elif secret.refresh.policy != "Periodic" and store.password is None:
        yield Problem(
            join(place, "refresh", "policy"), f"{secret.refresh.policy!r}, and tokens end after hours; give an `interval`"
        )


def _pushable(spec: StackSpec, secret: SecretSpec, push: PushSpec, store: SecretStoreSpec, place: str) -> Iterator[Problem]:
    """What this backend cannot take."""
    if store.backend in GENERATORS:
        yield Problem(join(place, "store"), f"{push.store!r} keeps nothing, it makes values of its own; name another")
    elif store.infisical_operator is not None:
        yield Problem(join(place, "store"), OURS)
    elif store.backend in NEEDS_PROPERTY and push.property is None:
        what = f"required, a key of `{store.backend}` holds members and no value"
        yield Problem(join(place, "property"), f"{what}; name one, such as `{VALUE}`")
    if push.store == secret.store:
        yield Problem(join(place, "store"), f"{push.store!r} is where the value comes from; name another, or remove `push`")
    if (keys := keys_in(spec, secret)) is not None and push.of is not None and push.of not in keys:
        yield Problem(join(place, "of"), f"no key {push.of!r} is in the set; it has: {', '.join(sorted(keys))}")
