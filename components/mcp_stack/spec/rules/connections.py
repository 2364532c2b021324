"""A pod that ends has to stay for as long as the gateway still uses the connections that lead to it."""

from collections.abc import Iterator

from mcp_stack_proxy.config import CLUSTER_AGE_SECONDS, Problem
from mcp_stack_proxy.config.strict import join

from ..server import ServerSpec
from ..stack import StackFile, StackSpec

KEY = "max_connection_age_seconds"

NOTICE_SECONDS = 1
"""Time until every node has heard that a pod left its Service, during which a new connection may still lead to it."""


def connection_problems(spec: StackSpec, file: StackFile) -> Iterator[Problem]:
    """Ages of connections that do nothing, and pods that are gone before the connections to them are."""
    for name, server in spec.servers.items():
        own = file.servers[name].limits
        called = server.in_gateway and spec.gateway.enabled
        if called and server.kind != "url":
            yield from _pause(spec, file, name, server)
        elif not called and server.kind == "command" and own is not None and own.of_connections():
            yield Problem(join("servers", name, "limits", KEY), "does nothing for a server that no gateway offers; remove it")


def _pause(spec: StackSpec, file: StackFile, name: str, server: ServerSpec) -> Iterator[Problem]:
    age, told = _age(spec, file, name, server)
    if server.pause_seconds < age + NOTICE_SECONDS:
        why = f"the gateway uses a connection for {age:g} s ({told}), and may open one for {NOTICE_SECONDS} s after a pod has left"
        what = f"{server.pause_seconds} is below {age + NOTICE_SECONDS:g}: {why}"
        then = "calls would be lost at every rollout; raise the one or lower the other"
        yield Problem(join("servers", name, "pause_seconds"), f"{what}; {then}")


def _age(spec: StackSpec, file: StackFile, name: str, server: ServerSpec) -> tuple[float, str]:
    """How long the gateway uses a connection to a server of the stack, and the key that says so."""
    if server.limits is not None and server.limits.max_connection_age_seconds is not None:
        own = file.servers[name].limits
        place = join("servers", name) if own is not None and KEY in own.model_fields_set else "defaults"
        return server.limits.max_connection_age_seconds, f"`{join(place, 'limits', KEY)}`"
    if (given := spec.gateway.limits.max_connection_age_seconds) is not None:
        return given, f"`gateway.limits.{KEY}`"
    return CLUSTER_AGE_SECONDS, f"`{join('servers', name, 'limits', KEY)}` by default"
