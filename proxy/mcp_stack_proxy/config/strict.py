"""Base of every configuration model: unknown keys are refused, and every fault is reported with its path."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails

from .described import descriptions
from .errors import ConfigError, Problem


class Strict(BaseModel):
    """Frozen, no unknown keys, attribute docstrings become the schema's descriptions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The schema with `descriptions`, which are read when it is asked for, not at each start."""
        schema = handler(core_schema)
        properties: dict[str, Any] = handler.resolve_ref_schema(schema).get("properties", {})
        for name, text in descriptions(cls).items():
            field = cls.model_fields[name]
            for key in properties.keys() & {name, field.alias, field.serialization_alias}:
                properties[key].setdefault("description", text)
        return schema


Model = TypeVar("Model", bound=BaseModel)


def validate(model: type[Model], data: object, source: str, prefix: str = "") -> Model:
    """`data` as `model`, or a ConfigError that names all faults, `source` and each path below `prefix`."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigError(source, problems_of(model, error, prefix)) from None


def problems_of(model: type[BaseModel], error: ValidationError, prefix: str = "") -> list[Problem]:
    """Faults of a pydantic error as paths and sentences, in the order of the input."""
    found: list[Problem] = []
    for detail in error.errors(include_url=False):
        problem = Problem(join(prefix, *_public(detail["loc"])), _sentence(model, detail))
        if problem not in found:
            found.append(problem)
    return found


def join(prefix: str, *parts: str | int) -> str:
    """Path as a reader writes it: `servers.github.args[0]`; a key that holds a dot is quoted."""
    path = prefix
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            piece = f'"{part}"' if "." in part else part
            path += f".{piece}" if path else piece
    return path


def _public(location: tuple[int | str, ...]) -> Iterator[str | int]:
    """Location without the internals that pydantic adds for map keys and tagged alternatives."""
    return (part for part in location if part != "[key]" and not (isinstance(part, str) and "[" in part))


def _sentence(model: type[BaseModel], detail: ErrorDetails) -> str:
    kind, value = detail["type"], detail["input"]
    if kind == "extra_forbidden":
        return _unknown(model, detail["loc"])
    if kind == "missing":
        return "required, but missing"
    if kind == "value_error":
        return detail["msg"].removeprefix("Value error, ")
    if value is None:
        return "holds nothing; give it a value, or leave the key out"
    hidden = not MAY_BE_SECRET.isdisjoint(detail["loc"])
    message = "expected a mapping of keys" if kind in _MAPPINGS else detail["msg"][0].lower() + detail["msg"][1:]
    if kind == "string_type" and isinstance(value, bool | int | float):
        shown = _kind(value) if hidden else str(value).lower()
        return f"{shown} is no text; put it in quotes"
    return f"{_kind(value)}: {message}" if hidden else f"{_shown(value)}: {message}"


_KINDS: dict[type, str] = {
    str: "a text",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    dict: "a mapping",
    list: "a list",
}
"""What stands for a value that may be a secret."""


def _kind(value: object) -> str:
    return next((name for kind, name in _KINDS.items() if type(value) is kind), "a value")


_MAPPINGS = {"dict_type", "model_type", "model_attributes_type"}
"""Faults of pydantic that would name a class of ours."""

MAY_BE_SECRET = {"env", "headers", "secrets", "files", "keys", "hash"}
"""Keys below which a value is never repeated, only its type."""


def _shown(value: object) -> str:
    """Value for an error message: short, and never a whole mapping, which might hold a secret further down."""
    if isinstance(value, Mapping | list):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _unknown(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    key, known = str(location[-1]), sorted(_keys_at(model, location[:-1]))
    near = get_close_matches(key, known, n=1)
    if near:
        return f"unknown key, did you mean `{near[0]}`?"
    return f"unknown key, known here: {', '.join(known)}" if known else "unknown key"


def _keys_at(model: type[BaseModel], location: tuple[int | str, ...]) -> set[str]:
    """Keys that the schema knows at `location`; follows optional, list and map types."""
    kinds: list[Any] = [model]
    for part in location:
        below: list[Any] = []
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                fields = {field.alias or name: field for name, field in kind.model_fields.items()}
                if part in fields:
                    below += _alternatives(fields[str(part)].annotation)
                elif part == kind.__name__:
                    below.append(kind)
            elif (arguments := get_args(kind)) and get_origin(kind) in (dict, list, tuple):
                below += _alternatives(arguments[-1] if arguments[-1] is not ... else arguments[0])
        kinds = below or kinds
    return {
        field.alias or name
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        for name, field in kind.model_fields.items()
    }


def _alternatives(annotation: Any) -> list[Any]:
    """Members of a union, or the type itself; `Annotated` is looked through."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return [inner for argument in get_args(annotation) for inner in _alternatives(argument)]
    if hasattr(annotation, "__metadata__"):
        return _alternatives(annotation.__origin__)
    return [annotation]
