"""The proxy before one server: with pods of its own, or as a sidecar in the pods of a workload that somebody has already."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, cast

from pydantic import Field, ValidationError

from mcp_stack_proxy.config import ConfigError, Headers, Problem, ServerLimits, Strict, ToolFilter, Url, Validation
from mcp_stack_proxy.config.strict import problems_of

from .front import FRONT_PORT
from .gateway import GatewaySpec
from .load import load_spec
from .names import Selector
from .network import Destination
from .observing import ManagementSpec
from .probes import Port, Positive
from .stack import StackSpec
from .variables import Env


class SidecarSpec(Strict):
    """The workload whose pods the proxy joins."""

    port: Port
    """Port on which the server's container listens. The proxy calls it on 127.0.0.1; from elsewhere nobody can any more."""
    path: Annotated[str, Field(pattern=r"^/")] = "/mcp"
    """Path of its MCP endpoint."""
    selector: Annotated[Selector, Field(min_length=1)]
    """Labels that select exactly the workload's pods."""
    replicas: Positive = 1
    """Pods that the workload has at most. Several need `sessions`."""


class UpstreamSpec(Strict):
    """The one server, wherever it runs."""

    url: Url | None = None
    """MCP endpoint of the server, for a proxy with pods of its own."""
    sidecar: SidecarSpec | None = None
    """In the place of `url`: the workload in whose pods the proxy runs."""
    headers: Headers = {}
    """Headers of every request to the server, with `${VARIABLE}` for what `env` declares."""
    env: Env = {}
    """Variables for `url` and `headers`."""
    egress: list[Destination] = []
    """For `url`: where the proxy may go instead of the public address that `url` implies."""
    tools: ToolFilter | None = None
    """Which of its tools clients see and may call."""
    validation: Validation | None = None
    """What is checked of calls, by the tools' own schemas."""
    server_limits: ServerLimits | None = None
    """Bounds of the server by itself."""


UPSTREAM = frozenset(UpstreamSpec.model_fields) - {"sidecar"}

IN_A_SIDECAR = frozenset(
    {"annotations", "allowed_hosts", "allowed_origins", "audit", "authentication", "clients", "exposure", "instructions", "labels"}
    | {
        "exposures",
        "limits",
        "log",
        "management",
        "metrics",
        "name",
        "port",
        "probes",
        "resources",
        "service",
        "sessions",
        "trust_network",
    }
    | {"virtual_servers"}
)
"""Keys of a gateway that mean something for one container in a pod of somebody else."""

Moved = Callable[[Problem, Mapping[str, str]], Problem]


def places_of(server: str, *, sidecar: bool) -> dict[str, str]:
    """Paths of the stack that one proxy stands for -> paths of its own arguments."""
    return {
        **({f"servers.{server}.url": "sidecar.path", "gateway.replicas": "sidecar.replicas"} if sidecar else {}),
        f"servers.{server}.limits": "server_limits",
        f"servers.{server}": "",
        "gateway": "",
        "proxy.image": "proxy_image",
        "namespace.name": "namespace",
    }


def load_upstream(
    data: Mapping[str, Any],
    surroundings: Mapping[str, Any],
    name: str,
    stack: str,
    source: str,
    moved: Moved,
    has_config: Callable[[str], bool] | None = None,
) -> tuple[StackSpec, SidecarSpec | None]:
    """The proxy `name` of `stack` as a stack of one server, and the workload that it joins. ConfigError names every problem.

    `data`: the arguments of both models; `surroundings`: the rest of a stack, as its file has it.
    """
    problems: list[Problem] = []
    sidecar: SidecarSpec | None = None
    own = dict(data)
    if (given := own.pop("sidecar", None)) is not None:
        try:
            sidecar = SidecarSpec.model_validate(given)
        except ValidationError as error:
            problems += problems_of(SidecarSpec, error, "sidecar")
        problems += _idle(own, surroundings)
        problems += _shared_port(own, sidecar)
        own["url"] = f"http://127.0.0.1:{sidecar.port}{sidecar.path}" if sidecar else "http://127.0.0.1/mcp"
    elif "url" not in own:
        problems.append(
            Problem("url", "required: the server's endpoint; or give `sidecar`, the workload in whose pods the proxy is to run")
        )
        own["url"] = "http://server.example/mcp"
    upstream = {key: value for key, value in own.items() if key in UPSTREAM}
    if "server_limits" in upstream:
        upstream["limits"] = upstream.pop("server_limits")
    gateway = {"port": FRONT_PORT, **{key: value for key, value in own.items() if key not in UPSTREAM}}
    if given is not None:
        gateway = {key: value for key, value in gateway.items() if key in IN_A_SIDECAR or key not in GatewaySpec.model_fields}
        gateway["service"] = _named(gateway.get("service"))
        gateway["replicas"] = sidecar.replicas if sidecar else 1
    stands = {
        **surroundings,
        "gateway": gateway,
        "servers": {name: {**upstream, "namespace": ""}},
    }
    places = places_of(name, sidecar=given is not None)
    try:
        spec = load_spec(stands, stack, source, called=name, sidecar=given is not None, has_config=has_config)
    except ConfigError as error:
        raise ConfigError(source, [*problems, *(moved(problem, places) for problem in error.problems)]) from None
    if problems:
        raise ConfigError(source, problems)
    return spec, sidecar


def _idle(own: Mapping[str, Any], surroundings: Mapping[str, Any]) -> list[Problem]:
    """Keys that are about pods of its own."""
    found = [key for key in own if key in GatewaySpec.model_fields and key not in IN_A_SIDECAR]
    problems = [Problem(key, "does nothing beside `sidecar`: the pods are the workload's; say it there") for key in found]
    if "url" in own:
        problems.append(Problem("url", "contradicts `sidecar`, which says where the server listens; remove one of them"))
    if "egress" in own:
        problems.append(Problem("egress", "does nothing beside `sidecar`: the server is in the same pod; remove it"))
    if "monitoring" in surroundings:
        what = "give the component `Monitoring` the same `selector`, with `via: pod-monitor`"
        problems.append(Problem("monitoring", f"cannot be had beside `sidecar`, whose pods are the workload's; {what}"))
    return problems


def _shared_port(own: Mapping[str, Any], sidecar: SidecarSpec | None) -> list[Problem]:
    """The server's port, where the proxy listens on it."""
    management = own.get("management")
    given = cast("dict[str, Any]", management) if isinstance(management, dict) else {}
    listens = {
        "port": own.get("port", FRONT_PORT),
        "management.port": given.get("port", ManagementSpec.model_fields["port"].default),
    }
    why = "and containers of a pod share its ports; choose another for one of them"
    return [
        Problem("sidecar.port", f"{port} is the proxy's own `{key}`, {why}")
        for key, port in listens.items()
        if sidecar is not None and port == sidecar.port
    ]


def _named(service: Any) -> Any:
    """`service` with the port's name of seed 000's chart, where it has none."""
    if service is None:
        return {"port_name": "proxy"}
    return {"port_name": "proxy", **cast("dict[str, Any]", service)} if isinstance(service, dict) else service
