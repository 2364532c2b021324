"""The proxy's configuration: one function for the gateway, one for the wrapper of a stdio server, one text for both.

A cluster mounts the text as a ConfigMap, a local run writes it to a file; only the addresses of the servers differ.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import yaml

from mcp_stack_proxy.config import KEYS_FILE, SESSION_KEYS_FILE, ProxyConfig
from mcp_stack_proxy.config.server_limits import OF_CONNECTIONS

from .audit import GatewayAuditSpec
from .front import FrontSpec
from .names import GATEWAY, key_variable, service_hosts, wrapped_path
from .observing import AuditSpec
from .server import ServerSpec
from .stack import StackSpec
from .workload import Reachable

AUTHORITY_DIR = "/authority"
"""Where the gateway's image gets certificates of an authority of one's own."""

KEYS_DIR = "/keys"
"""Where the gateway's container has the file of API keys, alone in its directory."""

KEYS_NAME = "api-keys.yaml"

SESSION_KEYS_DIR = "/session-keys"
"""Where a proxy's container has the file of session keys, alone in its directory."""

SESSION_KEYS_NAME = "session-keys"

POD_IP = "MCP_POD_IP"
"""Variable that holds a pod's own address; without it a proxy runs on this machine."""

Address = Callable[[str], str]
"""Name of a server that runs here -> its origin, such as `http://staging-clock.mcp-staging.svc:8000`."""


def cluster_address(spec: StackSpec) -> Address:
    """Addresses inside the cluster: each server's Service."""

    def address(name: str) -> str:
        return f"http://{spec.object_name(name)}.{spec.namespace}.svc:{spec.service_port(name)}"

    return address


def gateway_config(spec: StackSpec, address: Address) -> dict[str, Any]:
    """Configuration of the gateway, with the servers at `address`. Placeholders stay; no secret is in it."""
    gateway = spec.gateway
    config: dict[str, Any] = {
        "servers": {name: _entry(spec, name, server, address) for name, server in spec.servers.items() if server.in_gateway},
        "name": _literal(gateway.name),
        "allowed_hosts": [*_hosts(spec, GATEWAY), *gateway.allowed_hosts],
        "allowed_origins": list(dict.fromkeys([*gateway.allowed_origins, *_pages(gateway)])),
        "trust_network": gateway.trust_network,
        "authentication": _authentication() if gateway.authentication else None,
        "sessions": _sessions(spec, gateway.port),
        "limits": gateway.limits.model_dump(exclude_unset=True),
        "virtual_servers": {
            name: _literals(virtual.model_dump(exclude_unset=True, exclude_none=True))
            for name, virtual in gateway.virtual_servers.items()
        },
        "metrics": _metrics(spec),
        "audit": _gateway_audit(gateway.audit),
        "log": _log(spec),
    }
    if gateway.instructions is not None:
        config["instructions"] = _literal(gateway.instructions)
    return _without_defaults(config)


def wrapper_config(spec: StackSpec, name: str) -> dict[str, Any]:
    """Configuration of the proxy that runs the stdio server `name` as its child.

    Plain variables are for the child alone and stand here; secrets, and what a program knows only later, reach the container and
    are referred to.
    """
    server = spec.servers[name]
    if server.kind != "command" or server.command is None:
        raise ValueError(f"{name!r} is no stdio server, so nothing wraps it")
    program, *args = [*server.command, *server.args]
    child: dict[str, Any] = {"command": program, "namespace": ""}
    if args:
        child["args"] = args
    if server.env:
        child["env"] = {
            key: _literal(value) if isinstance(value, str) else f"${{{key}}}" for key, value in sorted(server.env.items())
        }
    child |= _process(server) | _limits(server, OF_CONNECTIONS)
    if server.cli is not None:
        child["cli"] = _literals(server.cli.model_dump(exclude_unset=True)) or True
    return _without_defaults(
        {
            "servers": {name: child},
            "name": name,
            "allowed_hosts": _hosts(spec, name),
            "allowed_origins": _pages(server),
            "trust_network": _trusted(spec, name),
            "sessions": _sessions(spec, server.port),
            "limits": spec.gateway.limits.model_dump(exclude_unset=True),
            "metrics": _metrics(spec),
            "audit": _audit(spec) if spec.direct_callers(name) or not spec.gateway.enabled else None,
            "log": _log(spec),
        }
    )


def front_config(spec: StackSpec, name: str, port: int | None = None) -> dict[str, Any]:
    """Configuration of the proxy in front of the server `name`, in the same pod; on this machine that listens on `port`."""
    server, front = spec.servers[name], spec.servers[name].front
    if front is None:
        raise ValueError(f"no proxy is in front of {name!r}")
    entry: dict[str, Any] = {
        "url": f"http://127.0.0.1:{port or server.port}{_literal(server.path)}",
        "namespace": "",
        **_checks(front),
        **_limits(server),
    }
    called_past = bool(spec.direct_callers(name)) or not spec.gateway.enabled
    return _without_defaults(
        {
            "servers": {name: entry},
            "name": name,
            "allowed_hosts": _hosts(spec, name),
            "allowed_origins": _pages(server),
            "trust_network": front.authentication is None and _trusted(spec, name),
            "authentication": _authentication() if front.authentication else None,
            "sessions": _sessions(spec, front.port),
            "limits": spec.limits_of(name).model_dump(exclude_unset=True),
            "metrics": _metrics(spec),
            "audit": _recorded(front.audit) if front.audit is not None else _audit(spec) if called_past else None,
            "log": _log(spec),
        }
    )


def _authentication() -> dict[str, str]:
    """Where the file of keys is: the local run says so by a variable."""
    return {"api_keys": f"${{{KEYS_FILE}:-{KEYS_DIR}/{KEYS_NAME}}}"}


def _metrics(spec: StackSpec) -> dict[str, Any] | None:
    metrics = spec.gateway.metrics
    return metrics.model_dump(exclude={"enabled"}) if metrics.enabled else None


def _audit(spec: StackSpec) -> dict[str, Any] | None:
    """Of a proxy that is called past the gateway, which has no volume. Calls through the gateway are recorded there, once."""
    audit = spec.gateway.audit
    return _recorded(audit, "stderr" if audit.output == "stderr" else "stdout")


def _gateway_audit(audit: GatewayAuditSpec) -> dict[str, Any] | None:
    """On standard output, where the cluster's logs come from, and on a volume where there is one."""
    files = audit.files
    if files is None:
        return _recorded(audit, audit.output or "stdout")
    kept = {"max_bytes": files.most, "max_file_bytes": files.each, **files.model_dump(include={"max_age"}, exclude_unset=True)}
    found = _recorded(audit, audit.output or "file+stdout")
    return None if found is None else {**found, "files": kept, **({"sync": True} if files.sync else {})}


def _log(spec: StackSpec) -> dict[str, Any]:
    return spec.gateway.log.model_dump(exclude_defaults=True)


def _recorded(audit: AuditSpec, output: str = "stdout") -> dict[str, Any] | None:
    given = audit.model_dump(exclude={"enabled", "output", "files"}, exclude_unset=True)
    return {**given, "output": output} if audit.enabled else None


def _sessions(spec: StackSpec, port: int) -> dict[str, str] | None:
    """What the replicas of one proxy share."""
    if spec.session_keys() is None:
        return None
    keys = f"${{{SESSION_KEYS_FILE}:-{SESSION_KEYS_DIR}/{SESSION_KEYS_NAME}}}"
    return {"keys": keys, "advertise": f"${{{POD_IP}:-127.0.0.1}}:{port}"}


def _trusted(spec: StackSpec, name: str) -> bool:
    """Whether the proxy of `name` need not ask who calls: so it is stated, or its policy admits only the gateway, which asks."""
    server = spec.servers[name]
    if spec.gateway.trust_network or server.trust_network or (server.front is not None and server.front.trust_network):
        return True
    return spec.gateway.enabled and spec.gateway.authentication is not None and not spec.direct_callers(name)


def config_text(config: Mapping[str, Any]) -> str:
    """`config` as the one text that a ConfigMap holds and a local run reads: sorted, so that equal means identical."""
    return yaml.safe_dump(dict(config), sort_keys=True, allow_unicode=True, default_flow_style=False, width=120)


def _entry(spec: StackSpec, name: str, server: ServerSpec, address: Address) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if server.url is not None:
        entry["url"] = server.url
        if server.headers:
            entry["headers"] = server.headers
    elif server.runs_proxy:
        entry["url"] = f"{address(name)}{wrapped_path(name)}"
        if spec.gateway_key(name) is not None:
            entry["headers"] = {"Authorization": f"Bearer ${{{key_variable(name)}}}"}
    else:
        entry["url"] = f"{address(name)}{_literal(server.path)}"
    if server.namespace is not None:
        entry["namespace"] = server.namespace
    return entry | _checks(server) | _limits(server)


def _checks(checked: ServerSpec | FrontSpec) -> dict[str, Any]:
    """What a proxy shows of a server's tools, and checks of calls."""
    found: dict[str, Any] = {}
    if checked.tools is not None:
        found["tools"] = _literals(checked.tools.model_dump(exclude_unset=True, exclude_none=True))
    if checked.validation is not None and checked.validation.active:
        found["validation"] = checked.validation.model_dump(exclude_unset=True)
    return found


def _process(server: ServerSpec) -> dict[str, Any]:
    """How the process is kept: what is given, and that it starts with the pod."""
    if server.cli is not None:
        return {}
    start = {"start": "startup"} if server.starts_process else {}
    given = {} if server.process is None else server.process.model_dump(exclude_unset=True, exclude=set(server.process.inert()))
    return {"process": {**given, **start}}


def _limits(server: ServerSpec, without: Sequence[str] = ()) -> dict[str, Any]:
    """Both proxies of a wrapped server get them: the gateway is not to give up before the wrapper, nor is it the only way to it."""
    if server.limits is None:
        return {}
    limits = server.limits.model_dump(exclude_unset=True, exclude_none=True, exclude={*server.limits.idle(), *without})
    return {"limits": limits} if limits else {}


def _literal(text: str) -> str:
    """`text` so that the proxy takes it as it stands: it replaces placeholders in every text."""
    return text.replace("$", "$$")


def _literals(value: Any) -> Any:
    """`value` with every text in it as it stands. Keys are names of ours, which hold no placeholder."""
    if isinstance(value, dict):
        return {key: _literals(inner) for key, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_literals(inner) for inner in cast("list[Any]", value)]
    return _literal(value) if isinstance(value, str) else value


def _hosts(spec: StackSpec, part: str) -> list[str]:
    """Names under which `part` is called: its Service's, and those from outside."""
    outside = dict.fromkeys(host for way in spec.ways_to(part) for host in way.exposure.hosts)
    return [*service_hosts(spec.object_name(part), spec.namespace), *outside]


def _pages(part: Reachable) -> list[str]:
    """Origins of pages that may call from outside. The proxy answers browsers itself, whatever forwards to it."""
    origins = [one.cors.origins for _, one in part.ways() if one.enabled and one.cors is not None]
    return list(dict.fromkeys(origin for some in origins for origin in some))


def _without_defaults(config: Mapping[str, Any]) -> dict[str, Any]:
    """Only what differs from the proxy's own defaults, so that an upgrade of the components alone rolls no pod."""
    defaults = {name: field.default for name, field in ProxyConfig.model_fields.items()}
    return {key: value for key, value in config.items() if value != defaults.get(key) and value not in ({}, [], None)}
