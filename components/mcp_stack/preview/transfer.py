"""A Rendered as JSON and back: how a process that ran other code hands its result over."""

import json
from collections.abc import Mapping
from typing import Any, cast

from .rendered import Rendered
from .resources import Resource
from .values import Secret, Unknown

_SECRET, _UNKNOWN, _MAP = "$secret", "$unknown", "$map"
_TAGS = {_SECRET, _UNKNOWN, _MAP}
_FIELDS = ("urn", "type", "name", "parent", "inputs", "custom", "remote", "read", "provider", "aliases", "options")


def dump(rendered: Rendered) -> str:
    """`rendered` as text. It holds secrets: it is for a pipe or a private file."""
    return json.dumps(
        {
            "project": rendered.project,
            "stack": rendered.stack,
            "resources": [{name: _packed(getattr(resource, name)) for name in _FIELDS} for resource in rendered.resources],
            "outputs": _packed(rendered.outputs),
            "warnings": list(rendered.warnings),
        }
    )


def load(text: str) -> Rendered:
    """What `dump` wrote."""
    data = json.loads(text)
    resources = tuple(_resource({name: _unpacked(value) for name, value in fields.items()}) for fields in data["resources"])
    return Rendered(data["project"], data["stack"], resources, _unpacked(data["outputs"]), tuple(data["warnings"]))


def _resource(fields: dict[str, Any]) -> Resource:
    aliases = tuple(fields.pop("aliases"))
    return Resource(**fields, aliases=aliases)


def _packed(value: Any) -> Any:
    if isinstance(value, Secret):
        return {_SECRET: _packed(value.value)}
    if isinstance(value, Unknown):
        return {_UNKNOWN: True}
    if isinstance(value, Mapping):
        packed = {key: _packed(inner) for key, inner in cast("Mapping[str, Any]", value).items()}
        return {_MAP: packed} if _TAGS & set(packed) else packed
    if isinstance(value, list | tuple):
        return [_packed(inner) for inner in cast("list[Any]", value)]
    return value


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        if set(fields) == {_SECRET}:
            return Secret(_unpacked(fields[_SECRET]))
        if set(fields) == {_UNKNOWN}:
            return Unknown()
        if set(fields) == {_MAP}:
            fields = fields[_MAP]
        return {key: _unpacked(inner) for key, inner in fields.items()}
    return [_unpacked(inner) for inner in cast("list[Any]", value)] if isinstance(value, list) else value
