"""Arguments of the components as TypedDicts, written from the models of the stack file: one schema, two forms.

Pulumi's analyser of component packages reads plain TypedDicts only: no pydantic models, no unions, no `Literal` (their values
arrive as plain dictionaries, and are checked against the models). `python -m mcp_stack.spec.arguments` writes the modules of
`mcp_stack/args/`; a test keeps them current.
"""

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from mcp_stack_proxy import config as proxy_config

from . import stores
from .gateway import GatewaySpec
from .server import KEYS_OF_KIND, ServerSpec
from .stack import StackFile

WIDTH = 132

WRITTEN_BY = "Written by `python -m mcp_stack.spec.arguments`; change the models, not this."

_VALUES = (
    "secret_values",
    "pulumi.Input[dict[str, pulumi.Input[str]]]",
    "Values of the secrets that name a `config` key, by that key.",
)
_STACK = ("stack", "str", "Prefix of the objects' names; the Pulumi stack's name by default.")
_SOURCE = ("source", "str", "Where these arguments come from, for error messages.")
_NAMESPACE = ("namespace", "str", "Existing Kubernetes namespace. `mcp-{stack}` by default.")

_STORES = ("secret_stores", "dict[str, SecretStoreArgs]", "Where secrets come from that name a `store`.")


@dataclass(frozen=True, slots=True)
class Root:
    """A component's arguments: fields of `models` (later ones win) without `without`, and some of its own."""

    name: str
    doc: str
    models: tuple[type[BaseModel], ...]
    without: frozenset[str]
    own: tuple[tuple[str, str, str], ...]


_CONTEXT = frozenset({"environment", "domain", "labels", "annotations", "image", "proxy", "exposure"})

ROOTS = (
    Root("McpStackArgs", "MCP servers, and the gateway in front of them.", (StackFile,), frozenset(), (_STACK, _SOURCE, _VALUES)),
    Root(
        "McpServerArgs",
        "One MCP server that runs in the cluster: `image` (speaks HTTP) or `command` (speaks stdio; the proxy image wraps it).",
        (ServerSpec,),
        frozenset({"enabled", "namespace", "in_gateway", "tools", "validation", "limits", "local", "url", "headers"}),
        (
            ("server", "str", "Name of the server; the component's name by default."),
            _STACK,
            _NAMESPACE,
            ("environment", "str", "Environment, part of an exposed host except in `production`. The stack's name by default."),
            ("domain", "str", "Domain of an exposed host."),
            _STORES,
            ("proxy_image", "ImageArgs", "The bundled proxy image, which runs a `command`."),
            (
                "trust_network",
                "bool",
                "States that only trusted clients reach a wrapped `command`, where nothing checks who calls.",
            ),
            ("limits", "LimitsArgs", "Bounds on size and time of a wrapped `command`."),
            ("management", "ManagementArgs", "Port of health and metrics of a wrapped `command`."),
            ("metrics", "MetricsArgs", "What the proxy round a `command` counts."),
            ("audit", "AuditArgs", "What the proxy round a `command` records of each call."),
            _SOURCE,
            _VALUES,
        ),
    ),
    Root(
        "McpGatewayArgs",
        "One endpoint for MCP servers that run anywhere.",
        (GatewaySpec,),
        frozenset({"enabled"}),
        (
            ("servers", "dict[str, RemoteServerArgs]", "Servers by name, each with its `url`."),
            ("secrets", "dict[str, SecretArgs]", "Secrets that the gateway or several servers read."),
            _STORES,
            _STACK,
            _NAMESPACE,
            ("environment", "str", "Environment, part of an exposed host except in `production`. The stack's name by default."),
            ("domain", "str", "Domain of an exposed host."),
            ("proxy_image", "ImageArgs", "The bundled proxy image, which the gateway runs."),
            _SOURCE,
            _VALUES,
        ),
    ),
    Root(
        "SecretSyncArgs",
        "Secrets from stores, from encrypted configuration, and of somebody else.",
        (StackFile,),
        frozenset(StackFile.model_fields) - {"secrets", "secret_stores", "environment", "labels", "annotations"},
        (_STACK, _NAMESPACE, _SOURCE, _VALUES),
    ),
)

REMOTE = Root(
    "RemoteServerArgs",
    "A server of a gateway, wherever it runs.",
    (ServerSpec,),
    frozenset(ServerSpec.model_fields) - (KEYS_OF_KIND["url"] - {"enabled"}),
    (),
)


def _modules(*names: str) -> tuple[str, ...]:
    """Full names of modules of the room of stores."""
    return tuple(f"{stores.__name__}.{name}" for name in names)


ROOMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "proxy": ("What arguments say about the proxy's own work.", (f"{proxy_config.__name__}.",)),
    "secrets": ("What arguments say about secrets.", _modules("remote", "secret", "target")),
    "credentials": ("What arguments of stores refer to.", _modules("credentials")),
    "infisical": ("What arguments say about Infisical.", _modules("infisical", "infisical_operator")),
    "stores": ("What arguments say about stores of secrets.", _modules("")),
}
"""Modules of arguments by the models that they are written from, first come, first served; whatever else goes to `parts`."""

Nested = dict[str, tuple[type[BaseModel], str]]
"""Name of a TypedDict -> the model that it is written from, and its text."""


def argument_modules() -> dict[str, str]:
    """Text of each module of `mcp_stack/args/` by file name."""
    nested: Nested = {}
    remote, roots = _root(REMOTE, nested), [_root(root, nested) for root in ROOTS]
    names = [root.name for root in ROOTS]
    rooms: dict[str, dict[str, str]] = {room: {} for room in (*ROOMS, "parts")}
    for name, (model, text) in nested.items():
        rooms[_room_of(model)][name] = text
    rooms["parts"][REMOTE.name] = remote
    modules: dict[str, str] = {}
    for room, doc in {**{room: doc for room, (doc, _) in ROOMS.items()}, "parts": "What arguments consist of."}.items():
        body = "\n\n\n".join(rooms[room].values())
        modules[f"{room}.py"] = _module(doc, "", _imports({other: rooms[other] for other in rooms if other != room}, body), body)
    body = "\n\n\n".join(roots)
    return modules | {
        "components.py": _module("Arguments of the components.", "import pulumi\n\n", _imports(rooms, body), body),
        "__init__.py": f'"""Arguments of the components. {WRITTEN_BY}"""\n\n'
        f"from .components import {', '.join(sorted(names))}\n\n__all__ = {json.dumps(sorted(names))}\n",
    }


def _room_of(model: type[BaseModel]) -> str:
    """Module that the TypedDict for `model` stands in."""
    return next((room for room, (_, packages) in ROOMS.items() if model.__module__.startswith(packages)), "parts")


def _module(doc: str, packages: str, own: str, body: str) -> str:
    typing = ", ".join(name for name in ("Any", "NotRequired", "TypedDict") if re.search(rf"\b{name}\b", body))
    imports = f"{packages}{own}".strip()
    head = f'"""{doc} {WRITTEN_BY}"""\n\nfrom typing import {typing}\n'
    return head + (f"\n{imports}\n" if imports else "") + f"\n\n{body}\n"


def _imports(rooms: Mapping[str, Iterable[str]], body: str) -> str:
    """Imports of what `body` refers to, in order of the rooms' names."""
    used = {room: sorted(name for name in names if re.search(rf"\b{name}\b", body)) for room, names in sorted(rooms.items())}
    return "\n".join(_wrapped(f"from .{room} import ({', '.join(names)})") for room, names in used.items() if names)


def _wrapped(statement: str) -> str:
    """An import in the form that the formatter gives it: one name a line."""
    head, _, names = statement.partition("(")
    return "\n".join([f"{head}(", *(f"    {name.strip()}," for name in names.removesuffix(")").split(",")), ")"])


def _root(root: Root, nested: Nested) -> str:
    lines: list[str] = []
    taken = {name for name, _, _ in root.own}
    for model in root.models:
        for name, field in model.model_fields.items():
            if name not in root.without and name not in taken:
                lines += _field(name, _type(field.annotation, nested), field.description or "", required=field.is_required())
    for name, kind, doc in root.own:
        lines += _field(name, kind, doc, required=name == "servers")
    return "\n".join([f"class {root.name}(TypedDict):", *_docstring(root.doc), "", *lines])


def _nested(model: type[BaseModel], nested: Nested) -> str:
    """Name of the TypedDict for `model`, which is added to `nested` after those that it refers to."""
    name = f"{model.__name__.removesuffix('Spec')}Args"
    if name not in nested:
        lines: list[str] = []
        for field_name, field in model.model_fields.items():
            lines += _field(field_name, _type(field.annotation, nested), field.description or "", required=field.is_required())
        doc = " ".join((model.__doc__ or "").split())
        nested[name] = model, "\n".join([f"class {name}(TypedDict):", *_docstring(doc), "", *lines])
    return name


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
