"""Arguments of a component to a checked spec. What is wrong is one message, without a traceback."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar, cast

import pulumi
from pulumi.output import Unknown

from mcp_stack_proxy.config import ConfigError, Problem, validate

from .args import ImageBuildArgs, McpGatewayArgs, McpProxyArgs, McpServerArgs, McpStackArgs, SecretSyncArgs, ServiceExposureArgs
from .given import require_given
from .late import explained, with_late_url, with_late_urls
from .manifests import checksum, reads_ours
from .spec import GATEWAY, SHARED, StackSpec, load_spec, stack_file_name
from .spec.alone import Alone, load_alone
from .spec.build import ImageBuildSpec
from .spec.upstream import SidecarSpec, load_upstream, places_of
from .stand_ins import Later, settled, stand_ins

Values = Mapping[str, pulumi.Input[str]] | pulumi.Output[Mapping[str, str]]
"""Secret values by their key in the stack file. An engine may send a map that holds a secret as a secret as a whole."""

_CONTEXT = ("stack", "source", "secret_values")
_SURROUNDINGS = ("environment", "domain", "network", "monitoring")

T = TypeVar("T")
Separate = TypeVar("Separate", bound=Alone)


@dataclass(frozen=True, slots=True)
class Part:
    """A server or the gateway of a checked stack, and the values of its secrets."""

    spec: StackSpec
    name: str
    values: Values
    places: Mapping[str, str] = field(default_factory=dict[str, str])
    """Paths of the stack file -> paths of a single component's own arguments."""
    later: Later = field(default_factory=dict[str, pulumi.Output[str]])
    """What texts of `spec` stand for."""

    def told(self, value: Any) -> pulumi.Output[Any]:
        """`value`, made from `spec`, as an output of the component."""
        return pulumi.Output.from_input(settled(value, self.later))

    def value_of(self, key: str) -> pulumi.Output[str]:
        """Secret value for `key` of the stack file."""
        if isinstance(self.values, pulumi.Output):
            return pulumi.Output.secret(self.values.apply(partial(_value, self.spec.source, key)))
        return pulumi.Output.secret(self.values[key])

    def checksum(self) -> pulumi.Output[str] | None:
        """What changes when a Secret of ours that the pods read does; None where they read none."""
        if not reads_ours(self.spec, self.name):
            return None
        keys = [secret.config for secret in self.spec.secrets_of(self.name) if secret.config is not None]
        return pulumi.Output.all(*(self.value_of(key) for key in keys)).apply(checksum)


def stack_of(args: McpStackArgs) -> tuple[StackSpec, Values, Later]:
    """The stack that `args` describe, the values of its secrets, and what texts of it stand for."""
    require_given(args, "McpStack")
    stack, values = _stack_and_values(args)
    data = with_late_urls(_without(args, set(_CONTEXT)))
    given, later = stand_ins(data, partial(_shown, args.get("source", "McpStack"), {}))
    return _checked(lambda: load_spec(given, stack, args.get("source"), has_config=_knows(values)), data), values, later


def server_of(name: str, args: McpServerArgs) -> Part:
    """The one server that `args` describe, as a stack of its own."""
    require_given(args, f"McpServer {name!r}")
    stack, values = _stack_and_values(args)
    server = args.get("server", name)
    outside = {*_CONTEXT, *_SURROUNDINGS, "server", "namespace", "proxy_image", "secret_stores", *_PROXY_KEYS}
    gateway = {"enabled": False, **{key: value for key, value in args.items() if key in _PROXY_KEYS}}
    stores = {"secret_stores": _known(args.get("secret_stores", {}))}
    data = {**_surroundings(args, stack), **stores, "gateway": gateway, "servers": {server: _without(args, outside)}}
    source, places = args.get("source", f"McpServer {name!r}"), {f"servers.{server}": "", **_PLACES}
    return _part(data, stack, source, server, values, places)


def gateway_of(name: str, args: McpGatewayArgs) -> Part:
    """The gateway that `args` describe, in front of servers that run elsewhere."""
    require_given(args, f"McpGateway {name!r}", ["servers"])
    stack, values = _stack_and_values(args)
    outside = {*_CONTEXT, *_SURROUNDINGS, "namespace", "proxy_image", "servers", "secrets", "secret_stores"}
    data = with_late_urls(
        {
            **_surroundings(args, stack),
            "gateway": _without(args, outside),
            "servers": _known(args["servers"]),
            "secrets": _known(args.get("secrets", {})),
            "secret_stores": _known(args.get("secret_stores", {})),
        }
    )
    source = args.get("source", f"McpGateway {name!r}")
    return _part(data, stack, source, GATEWAY, values, _PLACES)


def proxy_of(name: str, args: McpProxyArgs) -> tuple[Part, SidecarSpec | None]:
    """The proxy that `args` describe, in front of one server, and the workload that it joins."""
    require_given(args, f"McpProxy {name!r}")
    stack, values = _stack_and_values(args)
    server, source = args.get("server", name), args.get("source", f"McpProxy {name!r}")
    data = with_late_url(server, _without(args, {*_CONTEXT, *_SURROUNDINGS, "server", "namespace", "proxy_image", "secrets"}))
    around = {**_surroundings(args, stack), "secrets": _known(args.get("secrets", {}))}
    places = {f"servers.{server}": "", **_PLACES}
    given, later = stand_ins({**around, **data}, partial(_shown, source, places))
    own, surroundings = ({key: given[key] for key in one} for one in (data, around))
    load = partial(load_upstream, own, surroundings, server, stack, source, moved, _knows(values))
    spec, sidecar = _checked(load, {**around, **data})
    return Part(spec, GATEWAY, values, places_of(server, sidecar=sidecar is not None), later), sidecar


def exposure_of(name: str, args: ServiceExposureArgs) -> Part:
    """The way from outside that `args` describe, as that of a server whose pods are somebody else's."""
    require_given(args, f"Exposure {name!r}", ["port", "service"])
    stack, server = args.get("stack") or pulumi.get_stack(), args.get("server", name)
    outside = {*_CONTEXT, *_SURROUNDINGS, "server", "namespace", "service", "port", "health_path", *_ONCE}
    exposed = {
        "image": {"repository": "elsewhere", "tag": "0"},
        "port": args["port"],
        "clients": [{"cidr": "0.0.0.0/0"}],  # whoever has the pods says who reaches them
        "exposure": _without(args, outside),
        **({"probes": {"readiness": {"http_get": {"path": args["health_path"]}}}} if "health_path" in args else {}),
    }
    once = {key: value for key, value in _known(dict(args)).items() if key in _ONCE}
    data = {**_surroundings(args, stack), "gateway": {"enabled": False}, "exposure": once, "servers": {server: exposed}}
    places = {
        f"servers.{server}.exposure": "",
        f"servers.{server}.probes.readiness.http_get.path": "health_path",
        f"servers.{server}": "",
        "exposure": "",
        **_PLACES,
    }
    source = args.get("source", f"Exposure {name!r}")
    return _part(data, stack, source, server, {}, places)


def image_of(name: str, args: ImageBuildArgs) -> ImageBuildSpec:
    """The image that `args` describe."""
    require_given(args, f"ImageBuild {name!r}")
    source = args.get("source", f"ImageBuild {name!r}")
    data = _without(args, {"source"})
    return _checked(lambda: validate(ImageBuildSpec, data, source), data)


def secrets_of(name: str, args: SecretSyncArgs) -> Part:
    """The secrets and stores that `args` describe, for whoever needs them."""
    require_given(args, f"SecretSync {name!r}")
    stack, values = _stack_and_values(args)
    namespace = {"create": False, **({"name": _known(args["namespace"])} if "namespace" in args else {})}
    data = {**_without(args, {*_CONTEXT, "namespace"}), "namespace": namespace, "gateway": {"enabled": False}}
    source = args.get("source", f"SecretSync {name!r}")
    return _part(data, stack, source, SHARED, values, _PLACES, offered=True)


def alone(model: type[Separate], kind: str, name: str, args: Mapping[str, Any]) -> tuple[Separate, Later]:
    """The checked arguments of the component `name` that belongs to no stack, and what texts of them stand for."""
    source = f"{kind} {name!r}"
    require_given(args, source)
    data = _without(args, set())
    given, later = stand_ins(data, partial(_shown, source, {}))
    return _checked(lambda: load_alone(model, given, source, name), data), later


def stack_args(config: pulumi.Config) -> McpStackArgs:
    """Arguments of the stack whose file `config` comes from: its `stack` key, and every secret that this names."""
    source = stack_file_name(pulumi.get_stack())
    data = _checked(lambda: _described(config, source), {})
    spec = _checked(lambda: load_spec(data, pulumi.get_stack(), source, has_config=lambda key: config.get(key) is not None))
    values: dict[str, pulumi.Input[str]] = {key: config.require_secret(key) for key in sorted(spec.config_keys())}
    return McpStackArgs(**data, source=source, secret_values=values)


def _described(config: pulumi.Config, source: str) -> dict[str, Any]:
    """What the file says under the project's own key; ConfigError where that is no mapping, in the words of a stack file."""
    key, text = f"{config.name}:stack", config.get("stack")
    if text is None:
        why = f"which describes the stack of the project {config.name!r} (Pulumi.yaml): `{key}: {{servers: …}}`"
        raise ConfigError(source, [Problem("config", f"has no key `{key}`, {why}")])
    try:
        data = json.loads(text)
    except ValueError:
        data = text
    if not isinstance(data, dict):
        raise ConfigError(source, [Problem(f"config.{key}", "describes the stack, and is no mapping: `{servers: …}` is one")])
    return cast("dict[str, Any]", data)


_ONCE = ("gateway", "host_pattern")
"""Arguments of a way from outside that a stack has once for all of them."""

_PROXY_KEYS = ("limits", "management", "metrics", "audit", "log")
"""Arguments of a single server for the proxy round it; a stack has them with its gateway."""

_PLACES = {"gateway": "", "proxy.image": "proxy_image", "namespace.name": "namespace"}
"""Paths of the stack that a single component stands for -> paths of its own arguments."""


def _knows(values: Values) -> Callable[[str], bool] | None:
    """Tells whether there is a value for a key, where that can be known."""
    return None if isinstance(values, pulumi.Output) else values.__contains__


def _value(source: str, key: str, values: Mapping[str, str]) -> str:
    if key not in values:
        raise pulumi.RunError(f"{source}: secret_values holds no {key!r}")
    return values[key]


def _part(
    data: Mapping[str, Any],
    stack: str,
    source: str,
    name: str,
    values: Values,
    places: Mapping[str, str],
    *,
    offered: bool = False,
) -> Part:
    """The part `name` of the stack that `data` describe."""
    given, later = stand_ins(data, partial(_shown, source, places))

    def load() -> StackSpec:
        try:
            return load_spec(given, stack, source, has_config=_knows(values), offered=offered)
        except ConfigError as error:
            raise ConfigError(source, (moved(problem, places) for problem in explained(error, data).problems)) from None

    return Part(_checked(load), name, values, places, later)


def _shown(source: str, places: Mapping[str, str], path: str) -> str:
    """`path` of the stack that stands for a component's arguments, as their author knows it."""
    return f"{source}: {moved(Problem(path, ''), places).path}"


def moved(problem: Problem, places: Mapping[str, str]) -> Problem:
    """`problem` at the place where the author of a component's arguments knows it."""
    for place, instead in places.items():
        if problem.path == place or problem.path.startswith((f"{place}.", f"{place}[")):
            return Problem((instead + problem.path.removeprefix(place)).removeprefix("."), problem.message)
    return problem


def _surroundings(args: Mapping[str, Any], stack: str) -> dict[str, Any]:
    namespace = {"create": False, **({"name": args["namespace"]} if "namespace" in args else {})}
    proxy = {"proxy": {"image": args["proxy_image"]}} if "proxy_image" in args else {}
    return _known({"namespace": namespace, **proxy, **{key: args[key] for key in _SURROUNDINGS if key in args}})


def _without(args: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: _known(value) for key, value in args.items() if key not in keys}


def _stack_and_values(args: Mapping[str, Any]) -> tuple[str, Values]:
    return args.get("stack") or pulumi.get_stack(), _known(args.get("secret_values", {}))


def _known(value: Any) -> Any:
    """`value` with what is unknown in a preview as an Output: component packages hand it over bare."""
    if isinstance(value, Unknown):
        return pulumi.Output.from_input(cast("Any", value))
    if isinstance(value, dict):
        return {key: _known(inner) for key, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_known(inner) for inner in cast("list[Any]", value)]
    return value


def _checked(load: Callable[[], T], data: object = None) -> T:
    """What `load` makes of `data`; its ConfigError as the error that Pulumi prints without a traceback."""
    try:
        return load()
    except ConfigError as error:
        raise pulumi.RunError(str(explained(error, data))) from error
