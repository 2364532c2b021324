"""What a variable may hold: a text, a declared secret, a key of somebody else's ConfigMap, or what a pod knows of itself."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BeforeValidator, ValidationError, WithJsonSchema

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.strict import problems_of

from .names import DnsName, SecretKey, VariableName
from .secrets import SecretRef

FIELDS = (
    *("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"),
    *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"),
)
"""What Kubernetes hands to variables of a pod, beside single labels and annotations ("Downward API")."""

_SINGLE = re.compile(r"metadata\.(labels|annotations)\['[^']+'\]")


def _field(path: str) -> str:
    if path not in FIELDS and not _SINGLE.fullmatch(path):
        known = ", ".join((*FIELDS, "metadata.labels['KEY']", "metadata.annotations['KEY']"))
        raise ValueError(f"{path!r} is nothing that a pod is told of itself; it is told: {known}")
    return path


class ConfigMapKey(Strict):
    """A key of a ConfigMap."""

    name: DnsName
    """ConfigMap in the stack's namespace that somebody else provides."""
    key: SecretKey
    """Its key."""


class ConfigMapRef(Strict):
    """The value of a key of a ConfigMap, when the pod starts."""

    config_map: ConfigMapKey
    """Its name, and the key."""


class FieldRef(Strict):
    """What a pod knows of itself."""

    field: Annotated[str, AfterValidator(_field)]
    """`metadata.name`, `status.podIP`."""


Reference = SecretRef | ConfigMapRef | FieldRef

_REFERENCES: dict[str, type[Reference]] = {"secret": SecretRef, "config_map": ConfigMapRef, "field": FieldRef}

_WAYS = "write a text, `{secret: name}`, `{config_map: {name: …, key: …}}` or `{field: metadata.name}`"


def _env_value(value: Any) -> object:
    """Text, a reference, or something that only a program can give: a value known after deployment (a Pulumi output)."""
    if isinstance(value, Reference | str):
        return value
    if isinstance(value, Mapping):
        given = cast("Mapping[str, Any]", value)
        key = next(iter(given), "")
        if len(given) != 1 or key not in _REFERENCES or not isinstance(given[key], Mapping if key == "config_map" else str):
            raise ValueError(_WAYS)
        return _reference(_REFERENCES[key], given)
    if isinstance(value, bool | int | float) or value is None:
        what = "nothing" if value is None else "a boolean" if isinstance(value, bool) else "a number"
        raise ValueError(f"{what} is no text; put it in quotes")
    if callable(getattr(value, "apply", None)):
        return value
    raise ValueError(_WAYS)


def _reference(model: type[Reference], given: Mapping[str, Any]) -> Reference:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        found = "; ".join(f"{problem.path}: {problem.message}" for problem in problems_of(model, error))
        raise ValueError(found) from None


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


EnvValue = Annotated[
    Any,
    BeforeValidator(_env_value),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                _object(secret={"type": "string", "description": "Its name in `secrets`, or `name/KEY`."}),
                _object(config_map=_object(name={"type": "string"}, key={"type": "string"})),
                _object(field={"type": "string", "description": "`metadata.name`, `status.podIP`."}),
            ]
        }
    ),
]
"""`str`, a `Reference`, or a value that a program knows only after deployment."""

Env = dict[VariableName, EnvValue]
