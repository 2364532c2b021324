"""A pydantic model as a Markdown page: one section per model, one row per key."""

import json
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from mcp_stack_proxy.config import ProxyConfig
from mcp_stack_proxy.config.described import descriptions

_NAMES = {str: "text", int: "number", float: "number", bool: "`true`/`false`"}


def page(root: type[BaseModel], title: str, introduction: str, heading: str) -> str:
    """Page `title` about `root`, whose section is called `heading`; every model below it has a section of its own."""
    sections = [_section(model, heading if model is root else _heading(model)) for model in models_below(root)]
    return f"# {title}\n\n{introduction.strip()}\n\n" + "\n".join(sections)


def models_below(root: type[BaseModel]) -> list[type[BaseModel]]:
    """`root` and all models that its fields lead to, each once, in the order in which a reader meets them."""
    found: list[type[BaseModel]] = [root]
    for model in found:
        for field in model.model_fields.values():
            found += [inner for inner in _models_in(field.annotation) if inner not in found]
    return found


def _section(model: type[BaseModel], heading: str) -> str:
    rows = [_row(name, field, descriptions(model)[name]) for name, field in model.model_fields.items()]
    text = " ".join((model.__doc__ or "").split())
    return "\n".join([f"## {heading}\n", f"{text}\n", "| key | value | default | |", "|---|---|---|---|", *rows, ""])


def _row(name: str, field: FieldInfo, description: str) -> str:
    value = _kind(field.annotation)
    text = " ".join(description.split()).replace("|", "\\|")
    return f"| `{field.alias or name}` | {value} | {_default(field)} | {text} |"


def _default(field: FieldInfo) -> str:
    value = field.default
    if field.is_required() or value is PydanticUndefined:
        return "**required**"
    if value is None or isinstance(value, BaseModel) or value in ({}, []):
        return ""
    return f"`{json.dumps(value)}`"


def _kind(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(arguments[0])
    if origin in (Union, UnionType):
        return " or ".join(_kind(one) for one in arguments if one is not NoneType)
    if origin is Literal:
        return ", ".join(f"`{json.dumps(one)}`" for one in arguments)
    if origin is list:
        return f"list of {_kind(arguments[0])}"
    if origin is dict:
        return f"map to {_kind(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{_heading(annotation)}](#{_heading(annotation).lower().replace(' ', '-')})"
    if annotation is Any:
        return "text, or `{secret: name}`"
    plain = cast("Any", annotation)
    return _NAMES.get(plain, str(plain))


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _heading(model: type[BaseModel]) -> str:
    """`HttpGetSpec` as `Http get`."""
    bare = model.__name__.removesuffix("Spec").removesuffix("Config") if model is not ProxyConfig else "Proxy"
    return "".join(f" {letter.lower()}" if letter.isupper() and index else letter for index, letter in enumerate(bare))
