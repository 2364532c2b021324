"""Variables of containers, as Kubernetes takes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..spec import SecretRef, StackSpec
from ..spec.secrets import EnvFrom
from ..spec.variables import ConfigMapRef, FieldRef


def variables(spec: StackSpec, owner: str, env: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Entries of `env`, whose secrets are those that `owner` sees, in the order in which they are written."""
    return [variable(spec, owner, name, value) for name, value in env.items()]


def variable(spec: StackSpec, owner: str, name: str, value: Any) -> dict[str, Any]:
    """One entry: a text, a reference, or a value that a program knows only later."""
    match value:
        case str():
            return {"name": name, "value": literal(value)}
        case SecretRef():
            secret = spec.secret(owner, value.secret)
            return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret.object, "key": secret.key}}}
        case ConfigMapRef():
            return {"name": name, "valueFrom": {"configMapKeyRef": value.config_map.model_dump()}}
        case FieldRef():
            return {"name": name, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": value.field}}}
        case _:
            return {"name": name, "value": value}


def sources(spec: StackSpec, owner: str, env_from: Sequence[EnvFrom]) -> list[dict[str, Any]]:
    """Objects whose keys become variables; declared sets of secrets are those that `owner` sees."""
    return [{**({"prefix": one.prefix} if one.prefix else {}), **_source(spec, owner, one)} for one in env_from]


def _source(spec: StackSpec, owner: str, one: EnvFrom) -> dict[str, Any]:
    if one.secret:
        return {"secretRef": {"name": spec.secret(owner, one.secret).object}}
    if one.existing_secret:
        return {"secretRef": {"name": one.existing_secret}}
    return {"configMapRef": {"name": one.existing_config_map}}


def literal(text: str) -> str:
    """`text` so that Kubernetes passes it on as it stands, instead of expanding `$(NAME)` in it."""
    return text.replace("$(", "$$(")
