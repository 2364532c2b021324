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

from .alone import ProxyMonitoringSpec, WorkloadAutoscalingSpec, WorkloadDisruptionSpec
from .build import ImageBuildSpec
from .exposure import ExposureSpec, StackExposure
from .gateway import GatewaySpec
from .server import KEYS_OF_KIND, ServerSpec
from .stack import StackFile
from .upstream import UpstreamSpec

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


def _doc(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


_CONTEXT = frozenset({"environment", "domain", "labels", "annotations", "image", "proxy", "exposure"})

ROOTS = (
    Root("McpStackArgs", "MCP servers, and the gateway in front of them.", (StackFile,), frozenset(), (_STACK, _SOURCE, _VALUES)),
    Root(
        "McpServerArgs",
        "One MCP server that runs in the cluster: `image` (speaks HTTP) or `command` (speaks stdio; the proxy image wraps it).",
        (ServerSpec,),
        frozenset({"enabled", "formerly", "namespace", "in_gateway", "tools", "validation", "limits", "local", "url", "headers"}),
        (
            ("server", "str", "Name of the server; the component's name by default."),
            _STACK,
            _NAMESPACE,
            ("environment", "str", "Environment, part of an exposed host except in `production`. The stack's name by default."),
            ("domain", "str", "Domain of an exposed host."),
            _STORES,
            ("network", "NetworkArgs", "Where the cluster's own services are that its pods call."),
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
            ("monitoring", "MonitoringArgs", "Scraping, alerts and a dashboard for the proxy round a `command`."),
            _SOURCE,
            _VALUES,
        ),
    ),
    Root(
        "ServiceExposureArgs",
        "A way from outside to a Service that is there already.",
        (StackExposure, ExposureSpec),
        frozenset({"enabled", "controller_namespaces"}),
        (
            ("service", "str", "The Service, in the namespace of the objects that are made."),
            ("port", "int", "Port of the Service."),
            ("server", "str", "What `{server}` in `host_pattern` stands for; the component's name by default."),
            ("health_path", "str", "Page that says whether a pod is well, for load balancers that ask by themselves."),
            _STACK,
            _NAMESPACE,
            ("environment", "str", "Environment, part of a host except in `production`. The stack's name by default."),
            ("domain", "str", "Domain of the host."),
            _SOURCE,
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
            ("network", "NetworkArgs", "Where the cluster's own services are that its pods call."),
            ("proxy_image", "ImageArgs", "The bundled proxy image, which the gateway runs."),
            ("monitoring", "MonitoringArgs", "Scraping, alerts and a dashboard for the gateway."),
            _SOURCE,
            _VALUES,
        ),
    ),
    Root(
        "McpProxyArgs",
        "The proxy before one MCP server: `url` (pods of its own) or `sidecar` (the pods of a workload).",
        (GatewaySpec, UpstreamSpec),
        frozenset({"enabled"}),
        (
            ("server", "str", "Name of the server; the component's name by default."),
            ("secrets", "dict[str, SecretArgs]", "Secrets that it reads."),
            _STACK,
            _NAMESPACE,
            ("environment", "str", "Environment, part of an exposed host except in `production`. The stack's name by default."),
            ("domain", "str", "Domain of an exposed host."),
            ("network", "NetworkArgs", "Where the cluster's own services are that its pods call."),
            ("proxy_image", "ImageArgs", "The bundled proxy image."),
            ("monitoring", "MonitoringArgs", "Scraping, alerts and a dashboard. Not beside `sidecar`."),
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
    Root("WorkloadAutoscalingArgs", _doc(WorkloadAutoscalingSpec), (WorkloadAutoscalingSpec,), frozenset({"enabled"}), ()),
    Root("WorkloadDisruptionArgs", _doc(WorkloadDisruptionSpec), (WorkloadDisruptionSpec,), frozenset(), ()),
    Root("ProxyMonitoringArgs", _doc(ProxyMonitoringSpec), (ProxyMonitoringSpec,), frozenset(), ()),
    Root("ImageBuildArgs", "An image to build and push, or one that has been pushed.", (ImageBuildSpec,), frozenset(), (_SOURCE,)),
)

REMOTE = Root(
    "RemoteServerArgs",
    "A server of a gateway, wherever it runs.",
    (ServerSpec,),
    frozenset(ServerSpec.model_fields) - (KEYS_OF_KIND["url"] - {"enabled"}),
    (),
)


Nested = dict[str, tuple[type[BaseModel], str]]
"""Name of a TypedDict -> the model that it is written from, and its text."""


def argument_modules() -> dict[str, str]:
    """Text of each module of `mcp_stack/args/` by file name: one for each module of the models, one for all of the proxy's."""
    nested: Nested = {}
    remote, roots = _root(REMOTE, nested), [_root(root, nested) for root in ROOTS]
    texts = {name: text for name, (_, text) in nested.items()} | {REMOTE.name: remote}
    rooms = {name: _room(model) for name, (model, _) in nested.items()} | {REMOTE.name: _room(ServerSpec)}
    names = [root.name for root in ROOTS]
    modules: dict[str, str] = {}
    for room in dict.fromkeys(rooms.values()):
        body = "\n\n\n".join(texts[name] for name in texts if rooms[name] == room)
        doc = "What arguments say about the proxy's own work." if room == PROXY else f"What arguments consist of: {room}."
        packages = "import pulumi\n\n" if "pulumi." in body else ""
        modules[f"{room}.py"] = _module(doc, packages, _imports(rooms, body, room), body)
    body = "\n\n\n".join(roots)
    return {
        **modules,
        "components.py": _module("Arguments of the components.", "import pulumi\n\n", _imports(rooms, body), body),
        "__init__.py": f'"""Arguments of the components. {WRITTEN_BY}"""\n\n'
        f"{_imported('components', names)}\n\n__all__ = {_listed(names)}\n",
    }


LATE: frozenset[tuple[type[BaseModel], str]] = frozenset({(ServerSpec, "url")})
"""Keys beside `env` whose values may be outputs: `inputs.py` puts what stands for them into `env`."""

PROXY = "proxy"
"""Module of what the proxy's own configuration has, too."""


def _room(model: type[BaseModel]) -> str:
    """Module of `mcp_stack/args/` that holds the TypedDict for `model`."""
    return PROXY if model.__module__.startswith(f"{proxy_config.__name__}.") else model.__module__.rpartition(".")[2]


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
                lines += _field(name, _kind(model, name, nested), field.description or "", required=field.is_required())
    for name, kind, doc in root.own:
        lines += _field(name, kind, doc, required=name in ("servers", "service") or (name, kind) == ("port", "int"))
    return "\n".join([f"class {root.name}(TypedDict):", *_docstring(root.doc), "", *lines])


def _nested(model: type[BaseModel], nested: Nested) -> str:
    """Name of the TypedDict for `model`, which is added to `nested` after those that it refers to."""
    name = f"{model.__name__.removesuffix('Spec')}Args"
    if name not in nested:
        lines: list[str] = []
        for field_name, field in model.model_fields.items():
            lines += _field(field_name, _kind(model, field_name, nested), field.description or "", required=field.is_required())
        doc = " ".join((model.__doc__ or "").split())
        nested[name] = model, "\n".join([f"class {name}(TypedDict):", *_docstring(doc), "", *lines])
    return name


def _kind(model: type[BaseModel], name: str, nested: Nested) -> str:
    """Type of a key; one that a program may know only after deployment takes an output, too."""
    kind = _type(model.model_fields[name].annotation, nested)
    return f"pulumi.Input[{kind}]" if (model, name) in LATE else kind


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
