"""Arguments of the components as TypedDicts, written from the models of the stack file: one schema, two forms.

Pulumi's analyser of component packages reads plain TypedDicts only: no pydantic models, no unions, no `Literal` (their values
arrive as plain dictionaries, and are checked against the models). `python -m mcp_stack.spec.arguments` writes the modules of
`mcp_stack/args/`; a test keeps them current.
"""

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from mcp_stack_proxy import config as proxy_config
from mcp_stack_proxy.config.described import descriptions

from .alone import ALONE, VolumeBackupSpec, WorkloadAutoscalingSpec
from .backup import S3Spec
from .exposure import ParentRef
from .image import ImageSpec
from .network import Client, Destination
from .roots import REMOTE, ROOTS, Root
from .server import ServerSpec
from .storage import ExistingClaim
from .stores.secret import SecretSpec

WIDTH = 132

WRITTEN_BY = "Written by `python -m mcp_stack.spec.arguments`; change the models, not this."

Nested = dict[str, tuple[type[BaseModel], str]]
"""Name of a TypedDict -> the model that it is written from, and its text."""


def argument_modules() -> dict[str, str]:
    """Text of each module of `mcp_stack/args/` by file name.

    One for each component, one for each module of the models, one for all of the proxy's own.
    """
    nested: Nested = {}
    remote, roots = _root(REMOTE, nested), {root.name: _root(root, nested) for root in ROOTS}
    texts = {name: text for name, (_, text) in nested.items()} | {REMOTE.name: remote} | roots
    rooms = {name: _room(model) for name, (model, _) in nested.items()} | {REMOTE.name: _room(ServerSpec)}
    rooms |= {name: _room_of_root(name) for name in roots}
    modules: dict[str, str] = {}
    for room in dict.fromkeys(rooms.values()):
        names = [name for name in texts if rooms[name] == room]
        body = "\n\n\n".join(texts[name] for name in names)
        doc = "What arguments say about the proxy's own work." if room == PROXY else f"What arguments consist of: {room}."
        if names[0] in roots:
            doc = f"Arguments of a component: {names[0].removesuffix('Args')}."
        packages = "import pulumi\n\n" if "pulumi." in body else ""
        modules[f"{room}.py"] = _module(doc, packages, _imports(rooms, body, room), body)
    everything = "\n".join(sorted(_imported(rooms[name], [name]) for name in roots))
    head = f'"""Arguments of the components. {WRITTEN_BY}"""\n\n'
    return {**modules, "__init__.py": f"{head}{everything}\n\n__all__ = {_listed(roots)}\n"}


@cache
def models_of_arguments() -> Mapping[str, tuple[type[BaseModel], ...]]:
    """The models that each TypedDict is written from, by its name."""
    nested: Nested = {}
    roots = (REMOTE, *ROOTS)
    for root in roots:
        _root(root, nested)
    return {name: (model,) for name, (model, _) in nested.items()} | {root.name: root.models for root in roots}


LATE = frozenset(
    {
        *((ServerSpec, "url"), (S3Spec, "bucket"), (SecretSpec, "existing"), (ExistingClaim, "name")),
        *((ImageSpec, key) for key in ("repository", "tag", "digest")),
        *((ParentRef, key) for key in ("name", "namespace")),
        *((model, "namespace") for model in (Client, Destination, *ALONE)),
        *((WorkloadAutoscalingSpec, "workload"), (VolumeBackupSpec, "existing_claim")),
    }
)
"""Keys beside `env` whose values may be outputs: what stands for them is put into variables of the pods, or becomes known in time
(`mcp_stack.stand_ins`)."""

PROXY = "proxy"
"""Module of what the proxy's own configuration has, too."""


def _room(model: type[BaseModel]) -> str:
    """Module of `mcp_stack/args/` that holds the TypedDict for `model`."""
    return PROXY if model.__module__.startswith(f"{proxy_config.__name__}.") else model.__module__.rpartition(".")[2]


def _room_of_root(name: str) -> str:
    """Module of `mcp_stack/args/` that holds a component's arguments: `mcp_server` for `McpServerArgs`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name.removesuffix("Args")).lower()


def _imports(rooms: Mapping[str, str], body: str, own: str = "") -> str:
    """Imports from the other modules of what `body` refers to."""
    used = [name for name in rooms if rooms[name] != own and re.search(rf"\b{name}\b", body)]
    return "\n".join(_imported(room, (one for one in used if rooms[one] == room)) for room in sorted({rooms[one] for one in used}))


def _imported(module: str, names: Iterable[str]) -> str:
    """Import of `names` in the form that the formatter gives it: on one line where it fits."""
    ordered = sorted(names)
    line = f"from .{module} import {', '.join(ordered)}"
    return line if len(line) <= WIDTH else "\n".join([f"from .{module} import (", *(f"    {name}," for name in ordered), ")"])


def _listed(names: Iterable[str]) -> str:
    """A list of `names` as the formatter writes it."""
    line = json.dumps(sorted(names))
    return line if len(line) + len("__all__ = ") <= WIDTH else "\n".join(["[", *(f'    "{name}",' for name in sorted(names)), "]"])


def _module(doc: str, packages: str, own: str, body: str) -> str:
    typing = ", ".join(name for name in ("Any", "NotRequired", "TypedDict") if re.search(rf"\b{name}\b", body))
    imports = f"{packages}{own}".strip()
    head = f'"""{doc} {WRITTEN_BY}"""\n\nfrom typing import {typing}\n'
    return head + (f"\n{imports}\n" if imports else "") + f"\n\n{body}\n"


def _root(root: Root, nested: Nested) -> str:
    lines: list[str] = []
    taken = {name for name, _, _ in root.own}
    for model in root.models:
        for name, field in model.model_fields.items():
            if name not in root.without | taken:
                taken.add(name)
                lines += _field(name, _kind(model, name, nested), descriptions(model)[name], required=field.is_required())
    for name, kind, doc in root.own:
        lines += _field(name, kind, doc, required=name in ("servers", "service") or (name, kind) == ("port", "int"))
    return "\n".join([f"class {root.name}(TypedDict):", *_docstring(root.doc), "", *lines])


def _nested(model: type[BaseModel], nested: Nested) -> str:
    """Name of the TypedDict for `model`, which is added to `nested` after those that it refers to."""
    name = f"{model.__name__.removesuffix('Spec')}Args"
    if name not in nested:
        lines: list[str] = []
        for field_name, field in model.model_fields.items():
            text = descriptions(model)[field_name]
            lines += _field(field_name, _kind(model, field_name, nested), text, required=field.is_required())
        doc = " ".join((model.__doc__ or "").split())
        nested[name] = model, "\n".join([f"class {name}(TypedDict):", *_docstring(doc), "", *lines])
    return name


def _kind(model: type[BaseModel], name: str, nested: Nested) -> str:
    """Type of a key; one that a program may know only after deployment takes an output, too."""
    if any(name == key and issubclass(model, owner) for owner, key in LATE):
        return "pulumi.Input[str]"
    return _type(model.model_fields[name].annotation, nested)


def _field(name: str, kind: str, doc: str, *, required: bool) -> Iterator[str]:
    yield f"    {name}: {kind}" if required else f"    {name}: NotRequired[{kind}]"
    yield from _docstring(doc)


def _docstring(text: str) -> list[str]:
    quoted = f'"""{" ".join(text.split())}"""'
    return textwrap.wrap(quoted, WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False)


def _type(annotation: Any, nested: Nested) -> str:
    """Type that the analyser accepts for a field's annotation; what it cannot say, the models check."""
    if annotation is Any:
        return "Any"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _nested(annotation, nested)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0], nested)
    if origin is Literal:
        return type(arguments[0]).__name__
    if origin is list:
        return f"list[{_type(arguments[0], nested)}]"
    if origin in (dict, Mapping):
        return f"dict[str, {_type(arguments[1], nested)}]"
    some = [one for one in arguments if one is not NoneType]
    if len(some) == 1:
        return _type(some[0], nested)
    return annotation.__name__


def write(directory: Path) -> None:
    """Put the modules into `directory`."""
    directory.mkdir(exist_ok=True)
    for name, text in argument_modules().items():
        (directory / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).parent.parent / "args")
