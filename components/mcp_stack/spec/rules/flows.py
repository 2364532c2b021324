"""Who may call whom."""

from collections.abc import Iterator
from difflib import get_close_matches

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..network import METADATA
from ..stack import StackSpec


def flow_problems(spec: StackSpec) -> Iterator[Problem]:
    """Destinations that do not exist."""
    pods = [name for name, server in spec.servers.items() if server.kind != "url"]
    for name, server in spec.servers.items():
        for index, destination in enumerate(server.egress):
            target = destination.server
            at = join("servers", name, "egress", index)
            place = join(at, "server")
            if destination.cidr in METADATA:
                address = destination.cidr.partition("/")[0]
                why = "hands out credentials of the node; no pod of a stack may reach it"
                yield Problem(join(at, "cidr"), f"{address} {why}")
            if target is None:
                continue
            if server.kind == "url":
                yield Problem(place, "does nothing, the gateway reaches the stack's own servers anyway; remove it")
                continue
            if target == name:
                yield Problem(place, "a server reaches itself without a network; remove it")
            elif target not in pods:
                near = get_close_matches(target, pods, n=1)
                hint = f"did you mean `{near[0]}`?" if near else "name one that is enabled and runs here"
                yield Problem(place, f"no server {target!r} runs in this stack; {hint}")
