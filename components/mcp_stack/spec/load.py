"""From the data of a stack file to a StackSpec, or to one ConfigError with everything that is wrong."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError

from mcp_stack_proxy.config import ConfigError, Problem, ProxyConfig
from mcp_stack_proxy.config.strict import join, problems_of

from .exposure import ExposureDefaults
from .gateway import GatewaySpec
from .hosts import host_of
from .merge import merge, times_of
from .names import GATEWAY, default_namespace, is_stack_name
from .proxy_config import cluster_address, front_config, gateway_config, wrapper_config
from .remains import remains
from .rules import problems_of_stack, subject_of
from .server import KEYS_OF_KIND, ServerSpec
from .stack import StackFile, StackSpec

Raw = Mapping[str, Any]


def stack_file_name(stack: str) -> str:
    """File that holds the configuration of `stack`."""
    return f"Pulumi.{stack}.yaml"


def load_spec(
    data: object,
    stack: str,
    source: str | None = None,
    *,
    cluster: bool = True,
    called: str = GATEWAY,
    sidecar: bool = False,
    has_config: Callable[[str], bool] | None = None,
    offered: bool = False,
) -> StackSpec:
    """The stack that `data` (the value of `mcp-stack:stack`) describes.

    `source` names the file for messages, `Pulumi.{stack}.yaml` by default. Without `cluster` what only a cluster needs may be
    missing. `called` is the gateway's name; as a `sidecar` it shares its pods with the one server that it calls. `has_config` tells
    whether the stack file has a secret key, where that can be known. `offered`: its secrets are for others, so nothing in it need
    use them. ConfigError names every problem.
    """
    source = source or stack_file_name(stack)
    if not is_stack_name(stack):
        rule = "lower-case letters, digits and single dashes, starting with a letter"
        raise ConfigError(source, [Problem("", f"stack name {stack!r} cannot prefix names of objects: {rule}")])
    problems: list[Problem] = []
    try:
        file = StackFile.model_validate(data)
    except ValidationError as error:
        problems = problems_of(StackFile, error)
        data = remains(StackFile, data)
        if data is None:
            raise ConfigError(source, problems) from None
        file = StackFile.model_validate(data)
    raw = cast("Raw", data)
    spec = _resolve(raw, file, stack, source, problems, called)
    faulty = {subject_of(problem.path) for problem in problems}
    faulty |= {
        ".".join(problem.path.split(".")[:2]).partition("[")[0] for problem in problems if problem.path.startswith("defaults.")
    }
    problems += _keys_that_do_nothing(raw, file)
    problems += problems_of_stack(
        spec, file, faulty=faulty, cluster=cluster, sidecar=sidecar, has_config=has_config, offered=offered
    )
    if not problems:
        problems += _proxy_problems(spec)
    if problems:
        raise ConfigError(source, dict.fromkeys(problems))
    return spec


def problems_beside(found: Sequence[Problem], data: object, stack: str, *, cluster: bool = True) -> list[Problem]:
    """`found` when a stack file was read, and what else is wrong with the `data` that came of it: all at once."""
    told = {problem.path for problem in found}
    try:
        load_spec(data, stack, cluster=cluster)
    except ConfigError as error:
        return [*found, *(problem for problem in error.problems if problem.path not in told)]
    return list(found)


def _keys_that_do_nothing(raw: Raw, file: StackFile) -> list[Problem]:
    """Keys of a server that its kind cannot use."""
    return [
        Problem(join("servers", name, key), f"does nothing for a server with `{server.kind}`; remove it")
        for name, server in file.servers.items()
        for key in raw["servers"][name]
        if key not in KEYS_OF_KIND[server.kind]
    ]


def _resolve(raw: Raw, file: StackFile, stack: str, source: str, problems: list[Problem], called: str) -> StackSpec:
    """The file with every default filled in. What only shows after merging is added to `problems`."""
    environment = file.environment or stack
    exposure: Raw = _inherited(raw.get("exposure") or {})
    defaults: Raw = raw.get("defaults") or {}

    def way(own: Raw, part: str) -> dict[str, Any]:
        usual = ExposureDefaults.model_fields["via"].default
        same_way = own.get("via", exposure.get("via", usual)) == exposure.get("via", usual)
        base = {key: value for key, value in exposure.items() if key != "tls" or "tls" not in own}  # one certificate or the other
        merged = merge(base if same_way else {}, own)
        if "host" not in merged:
            merged["host"] = host_of(part, environment, file.domain, file.exposure.host_pattern)
        return merged

    def exposed(entry: Raw, part: str) -> dict[str, Any]:
        first, further = entry.get("exposure"), cast("Raw", entry.get("exposures") or {})
        ways = {"exposures": {name: way(one, part) for name, one in further.items()}} if further else {}
        return {**entry, **ways, **({"exposure": way(first, part)} if first is not None else {})}

    servers: dict[str, ServerSpec] = {}
    for name, server in sorted(file.servers.items()):
        if not server.enabled:
            continue
        own: Raw = raw["servers"][name]
        inherited = {key: value for key, value in defaults.items() if server.inherits(key)}
        if server.kind == "command" and "probes" in inherited:
            inherited["probes"] = times_of(inherited["probes"])
        if "autoscaling" in own and server.autoscales:
            inherited.pop("replicas", None)
        try:
            servers[name] = ServerSpec.model_validate(exposed(merge(inherited, own), name))
        except ValidationError as error:
            problems += problems_of(ServerSpec, error, join("servers", name))
    gateway = file.gateway
    try:
        gateway = GatewaySpec.model_validate(exposed(raw.get("gateway") or {}, called))
    except ValidationError as error:
        problems += problems_of(GatewaySpec, error, "gateway")
    return StackSpec(
        stack=stack,
        source=source,
        environment=environment,
        domain=file.domain,
        namespace=file.namespace.name or default_namespace(stack),
        create_namespace=file.namespace.create,
        namespace_when_deleted=file.namespace.when_deleted,
        namespace_labels=file.namespace.labels,
        namespace_annotations=file.namespace.annotations,
        labels=file.labels,
        annotations=file.annotations,
        image=file.image,
        proxy=file.proxy,
        exposure=file.exposure,
        shared_secrets=file.secrets,
        secret_stores=file.secret_stores,
        network=file.network,
        monitoring=file.monitoring,
        gateway=gateway,
        servers=servers,
        called=called,
    )


def _inherited(exposure: Raw) -> Raw:
    """Keys of the stack's `exposure` that each way from outside takes over."""
    return {key: value for key, value in exposure.items() if key in ExposureDefaults.model_fields}


def _proxy_problems(spec: StackSpec) -> list[Problem]:
    """What the proxy itself would refuse at start."""
    problems: list[Problem] = []
    configs = {
        join("servers", name): wrapper_config(spec, name) for name, server in spec.servers.items() if server.kind == "command"
    }
    configs |= {join("servers", name, "proxy"): front_config(spec, name) for name, server in spec.servers.items() if server.front}
    if spec.gateway.enabled:
        configs["gateway"] = gateway_config(spec, cluster_address(spec))
    for place, config in configs.items():
        try:
            ProxyConfig.model_validate(config)
        except ValidationError as error:
            for problem in problems_of(ProxyConfig, error):
                inside = problem.path.startswith("servers")
                problems.append(
                    Problem(
                        problem.path if inside and place == "gateway" else place if inside else join(place, problem.path),
                        problem.message,
                    )
                )
    return problems
