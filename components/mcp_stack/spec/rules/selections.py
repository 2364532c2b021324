"""Virtual servers: what they consist of exists, and is offered by the gateway."""

from collections.abc import Iterator, Set
from difflib import get_close_matches

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..stack import StackFile, StackSpec


def selection_problems(spec: StackSpec, file: StackFile, faulty: Set[str] = frozenset()) -> Iterator[Problem]:
    """Virtual servers without gateway, with the name of a server, or of servers that the gateway does not have. It is unknown what
    those among the `faulty` subjects are.
    """
    at = join("gateway", "virtual_servers")
    if spec.gateway.virtual_servers and not spec.gateway.enabled:
        yield Problem(at, "does nothing, the gateway is disabled; remove it")
        return
    for name, virtual in spec.gateway.virtual_servers.items():
        if name in file.servers:
            yield Problem(join(at, name), f"{name!r} is the name of a server; call one of them otherwise")
        for key, index, server in virtual.selections():
            known = faulty.isdisjoint({"servers", join("servers", server)})
            if known and (why := _missing(spec, file, server)) is not None:
                yield Problem(join(at, name, key, index, "server"), why)


def _missing(spec: StackSpec, file: StackFile, server: str) -> str | None:
    """Why the gateway does not have `server`."""
    if server not in file.servers:
        offered = [name for name, one in spec.servers.items() if one.in_gateway]
        near = get_close_matches(server, offered, n=1)
        return f"no server {server!r}; " + (f"did you mean `{near[0]}`?" if near else f"the gateway has: {', '.join(offered)}")
    if server not in spec.servers:
        return f"server {server!r} is disabled; enable it, or remove the selection"
    if not spec.servers[server].in_gateway:
        return f"server {server!r} is kept out of the gateway (`in_gateway: false`), which cannot offer what it has"
    return None
