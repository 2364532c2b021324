"""Proxies that run more than once serve the same clients, so they need the same keys."""

from collections.abc import Iterator

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..names import GATEWAY
from ..stack import StackSpec

HINT = (
    "`mcp-stack-proxy new-session-key` makes a key; declare it under `secrets` and refer to it with "
    "`gateway.sessions: {keys: {secret: …}}`"
)


def session_problems(spec: StackSpec, *, cluster: bool) -> Iterator[Problem]:
    """Replicas in a `cluster` without a key in common, and keys for no proxy."""
    if spec.gateway.sessions is not None:
        if not spec.proxies():
            yield Problem("gateway.sessions", "does nothing, no proxy runs: no gateway, and no server with `command` or `proxy`")
    elif cluster and spec.gateway.enabled:
        for part in spec.proxies():
            if spec.scales(part):
                place = join("gateway", "sessions") if part == GATEWAY else join("servers", part)
                what = "required, it" if part == GATEWAY else f"the proxy of {part!r}"
                why = "may have more than one replica, and a session that one of them opened is unknown to the others"
                yield Problem(place, f"{what} {why}; {HINT}")
