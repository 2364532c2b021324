"""What must be unique across a stack, and what a stack must have as a whole."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..network import plain_address
from ..stack import StackFile, StackSpec


def topology_problems(spec: StackSpec, file: StackFile) -> Iterator[Problem]:
    """Clashes between servers."""
    if spec.gateway.enabled and not any(server.in_gateway for server in spec.servers.values()):
        reason = "none is enabled" if file.servers else "none is given"
        yield Problem("servers", f"{reason}, so the gateway has nothing to offer; add one, or set `gateway: {{enabled: false}}`")
    if not spec.gateway.enabled:
        for name, server in spec.servers.items():
            if server.kind == "url":
                yield Problem(join("servers", name), "a server with `url` exists only through the gateway, which is disabled")
            if "in_gateway" in server.model_fields_set:
                yield Problem(join("servers", name, "in_gateway"), "does nothing, the gateway is disabled; remove it")
    yield from _prefixes(spec)
    yield from _guards(spec, file)
    yield from _limits(spec, file)
    yield from _local_ports(spec)
    yield from _runs(spec)


def cluster_problems(spec: StackSpec, *, sidecar: bool) -> Iterator[Problem]:
    """What only a cluster needs. The loopback of a `sidecar` is where its server is."""
    if not sidecar:
        yield from _loopback(spec)
    users = spec.proxies()
    if spec.proxy.image is None and users:
        user = "the gateway" if spec.gateway.enabled else f"server {users[0]!r}"
        yield Problem("proxy.image", f"required, {user} runs it; give repository and tag or digest of the bundled image")


def _loopback(spec: StackSpec) -> Iterator[Problem]:
    """A pod's loopback is the pod itself; names in `invalid` never lead anywhere, those in `localhost` there (RFC 6761)."""
    for name, server in spec.servers.items():
        if server.url is None or "${" in server.url:
            continue
        host = (urlsplit(server.url).hostname or "").removesuffix(".")
        if host.endswith(".invalid"):
            yield Problem(join("servers", name, "url"), f"{host} is a name that never leads anywhere; give the server's address")
        if host == "localhost" or host.endswith(".localhost") or _itself(host):
            why = "is the gateway's own pod in a cluster; give the server's address"
            yield Problem(join("servers", name, "url"), f"{host} {why}")


def _itself(host: str) -> bool:
    """Whether `host` is an address of the machine that asks: loopback, or none at all (`0.0.0.0`), which systems take for it."""
    address = plain_address(host)
    return address is not None and (address.is_loopback or address.is_unspecified)


def _prefixes(spec: StackSpec) -> Iterator[Problem]:
    owner: dict[str, str] = {}
    for name, server in spec.servers.items():
        if not server.in_gateway or not spec.gateway.enabled:
            if server.namespace is not None:
                yield Problem(join("servers", name, "namespace"), "does nothing for a server that no gateway offers; remove it")
            continue
        prefix = name if server.namespace is None else server.namespace
        if prefix in owner:
            what = f"{prefix!r}" if prefix else "empty"
            yield Problem(
                join("servers", name, "namespace"),
                f"{what}, as that of server {owner[prefix]!r}; names would collide, give it another",
            )
        owner.setdefault(prefix, name)


def _guards(spec: StackSpec, file: StackFile) -> Iterator[Problem]:
    """What the gateway is to check acts where there is a gateway, and something to check."""
    for name, server in spec.servers.items():
        own = file.servers[name]
        if not server.in_gateway or not spec.gateway.enabled:
            for key in ("tools", "validation"):
                if getattr(own, key) is not None:
                    yield Problem(join("servers", name, key), "does nothing for a server that no gateway offers; remove it")
        elif own.validation is not None and server.validation is not None and server.validation.idle_bounds():
            for bound in own.validation.idle_bounds():
                reason = "does nothing where neither `arguments` nor `results` is checked"
                yield Problem(join("servers", name, "validation", bound), reason)


def _limits(spec: StackSpec, file: StackFile) -> Iterator[Problem]:
    """Bounds of a server act where a proxy of the stack leads to it, and something is bounded."""
    for name, server in spec.servers.items():
        own = file.servers[name].limits
        if own is None or server.limits is None:
            continue
        if not server.runs_proxy and not (server.in_gateway and spec.gateway.enabled):
            yield Problem(join("servers", name, "limits"), "does nothing for a server that no gateway offers; remove it")
        for key, why in server.limits.idle().items():
            if key in own.model_fields_set:
                yield Problem(join("servers", name, "limits", key), why)


def _runs(spec: StackSpec) -> Iterator[Problem]:
    """A run of a wrapped program may take as long as the gateway waits for its wrapper to say something."""
    limits = spec.gateway.limits
    for name, server in spec.servers.items():
        if server.cli is not None and "timeout_seconds" in server.cli.model_fields_set:
            for limit in ("exchange_seconds", "request_seconds"):
                if server.cli.timeout_seconds > (most := getattr(limits, limit)):
                    yield Problem(
                        join("servers", name, "cli", "timeout_seconds"),
                        f"{server.cli.timeout_seconds:g} is above `gateway.limits.{limit}` ({most:g}), which ends the call before; "
                        "lower the one or raise the other",
                    )


def _local_ports(spec: StackSpec) -> Iterator[Problem]:
    owner = {spec.gateway.port: "the gateway"} if spec.gateway.enabled else {}
    for name, server in spec.servers.items():
        port = server.local.port if server.local else None
        if port is not None:
            if port in owner:
                yield Problem(
                    join("servers", name, "local", "port"), f"{port} is taken on this machine by {owner[port]}; choose another"
                )
            owner.setdefault(port, f"server {name!r}")
