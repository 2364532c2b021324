"""The package's schema as programs in other languages read it: what Pulumi's analyser can't read of Python, from the models.

The analyser knows no `Literal`, no unions and one way to write a name. Editors show values, alternatives and keys in the
program's own spelling where the schema has them. What arrives at a component stays the same.
"""

import re
from collections.abc import Iterator, Mapping
from inspect import get_annotations
from types import NoneType
from typing import Annotated, Any, Literal, cast, get_args, get_origin

from pydantic import BaseModel

from mcp_stack_proxy.config.described import descriptions

from .arguments import models_of_arguments
from .variables import ConfigMapKey, Reference

Schema = dict[str, Any]
"""A package's schema, or a part of it (pulumi.com/docs/iac/guides/building-extending/packages/schema)."""

TEXT: Schema = {"type": "string"}

VARIABLE, CONFIG_MAP_KEY = "Variable", "ConfigMapKey"
"""Types that stand for what the models take and the analyser sees as anything."""

LATE: Mapping[str, Schema] = {"digest": TEXT, "password": TEXT | {"secret": True}}
"""Keys of an `ImageBuild` that take outputs."""

_ANY = "pulumi.json#/Any"


def refined(schema: Schema, arguments: Mapping[str, str]) -> Schema:
    """`schema` with names, values, alternatives and words for every language; `arguments` are names of TypedDicts by component."""
    name, models = schema["name"], models_of_arguments()
    made: Schema = {}
    for token, one in schema["types"].items():
        made |= _with_values(name, one["properties"], models[token.rpartition(":")[2]])
    for token, one in schema["resources"].items():
        made |= _with_values(name, one["inputProperties"], models[arguments[token.rpartition(":")[2]]])
    schema["types"] |= made | _references(name)
    taken = {token.rpartition(":")[2] for token in schema["resources"]}
    renamed = {token: f"{name}:index:{_plain(token.rpartition(':')[2], taken)}" for token in schema["types"]}
    schema["types"] = {renamed[token]: one for token, one in schema["types"].items()}
    return _worded(schema, {f"#/types/{old}": f"#/types/{new}" for old, new in renamed.items()}, _keys(schema))


def _plain(name: str, taken: set[str]) -> str:
    """A type's name without `Args`, which each language adds by itself; Go has types and components in one place."""
    bare = name.removesuffix("Args")
    return f"{bare}Settings" if bare in taken else bare


def _with_values(package: str, properties: Schema, models: tuple[type[BaseModel], ...]) -> Schema:
    """Puts into `properties` what their models say of values, and gives back the types that it takes."""
    made: Schema = {}
    for model in models:
        for field, info in model.model_fields.items():
            prop = properties.get(_camel(field))
            if prop is None:
                continue
            if values := _literals(info.annotation):
                token = f"{package}:index:{_owner(model, field)}{_pascal(field)}"
                made[token] = {
                    **TEXT,
                    "description": descriptions(model)[field],
                    "enum": [{"name": _pascal(value), "value": value} for value in values],
                }
                _put(prop, {"$ref": f"#/types/{token}"})
            elif field == "env":
                values = [TEXT, {"$ref": f"#/types/{package}:index:{VARIABLE}"}]
                prop["additionalProperties"] = {"oneOf": values, "description": prop["description"]}
            elif prop.get("$ref") == _ANY:
                _put(prop, LATE[field])
                prop.pop("plain")
            elif prop.get("additionalProperties", {}).get("$ref") == _ANY:
                prop["additionalProperties"] = {**TEXT, "description": prop["description"]}
    return made


def _put(prop: Schema, kind: Schema) -> None:
    """Has `prop`, or the items of a list, be of `kind`."""
    inner = prop.get("items", prop)
    for key in ("type", "$ref"):
        inner.pop(key, None)
    inner |= kind


def _literals(annotation: Any) -> list[str]:
    """Values of a `Literal`, of an optional one, or of one that a list consists of."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return [cast("str", value) for value in inner]
    if origin in (Annotated, list):
        return _literals(inner[0])
    some = [one for one in inner if one is not NoneType]
    return _literals(some[0]) if origin is not dict and len(some) == 1 else []


def _owner(model: type[BaseModel], field: str) -> str:
    """Name of the model that has had `field` first, so that it gives its name to one type only."""
    owners = [one for one in model.__mro__ if field in get_annotations(one)]
    return owners[-1].__name__.removesuffix("Spec")


def _references(package: str) -> Schema:
    """Types of what a variable may be beside a text."""
    keys: Schema = {}
    for one in get_args(Reference):
        ((key, text),) = descriptions(one).items()
        keys[_camel(key)] = {**TEXT, "plain": True, "description": f"{one.__doc__} {text}"}
    keys["configMap"] |= {"type": "object", "$ref": f"#/types/{package}:index:{CONFIG_MAP_KEY}"}
    parts = {_camel(name): {**TEXT, "plain": True, "description": text} for name, text in descriptions(ConfigMapKey).items()}
    return {
        f"{package}:index:{VARIABLE}": {
            "type": "object",
            "description": "Where the value of a variable comes from: exactly one of these.",
            "properties": keys,
        },
        f"{package}:index:{CONFIG_MAP_KEY}": {
            "type": "object",
            "description": ConfigMapKey.__doc__,
            "properties": parts,
            "required": sorted(parts),
        },
    }


def _keys(schema: Schema) -> set[str]:
    """Keys of all arguments."""
    parts = [
        one.get("inputProperties", one.get("properties", {})) for kind in ("resources", "types") for one in schema[kind].values()
    ]
    return {key for part in parts for key in part}


def _worded(value: Any, references: Mapping[str, str], keys: set[str], key: str = "") -> Any:
    """`value` with types under their new names, and descriptions on one line whose keys are spelled as programs write them."""
    if isinstance(value, dict):
        found = cast("Schema", value)
        return {name: _worded(inner, references, keys, name) for name, inner in found.items()}
    if isinstance(value, list):
        return [_worded(inner, references, keys) for inner in cast("list[Any]", value)]
    if key == "$ref":
        return references.get(value, value)
    if key == "description" and isinstance(value, str):
        return "".join(_spelled(" ".join(value.split()), keys))
    return value


def _spelled(text: str, keys: set[str]) -> Iterator[str]:
    """`text` with `` `secret_stores` `` as `` `secretStores` ``, where that is a key."""
    for index, part in enumerate(text.split("`")):
        code = re.sub(r"[a-z]+(?:_[a-z]+)+", lambda one: _camel(one[0]) if _camel(one[0]) in keys else one[0], part)
        yield f"`{code}`" if index % 2 else part


def _camel(name: str) -> str:
    return re.sub("_(.)", lambda one: one[1].upper(), name)


def _pascal(name: str) -> str:
    return "".join(f"{part[:1].upper()}{part[1:]}" for part in re.split(r"\W|_", name))


def variables_of(env: Any) -> Any:
    """Variables of a program in another language, whose keys are spelled `configMap`, as the models have them."""
    if not isinstance(env, dict):
        return env
    keys = {_camel(key): key for one in get_args(Reference) for key in one.model_fields}
    return {
        name: {keys.get(key, key): inner for key, inner in cast("Schema", value).items()} if isinstance(value, dict) else value
        for name, value in cast("Schema", env).items()
    }
