"""Servers of other stacks, for a gateway in front of them: what those stacks' outputs tell of them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pulumi

from . import names

URLS = "server_urls"
"""Output of a stack that tells where its servers are; `mcp_stack.program` exports it."""


def servers_of(stacks: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Any]]:
    """The `servers` of a gateway: names of other stacks' servers by the reference of their stack (`organization/mcp-stack/notes`).

    The way there leads to the pods that `names` tells, on every port: which of them is the server's follows from its own stack,
    whose policy lets the gateway to that one alone, so that a port that is changed there needs no change here. A stack that names
    its namespace otherwise wants another `egress`. RunError for two servers of one name, of which a gateway could call only one.
    """
    found: dict[str, dict[str, Any]] = {}
    owner: dict[str, str] = {}
    for reference, servers in stacks.items():
        urls = pulumi.StackReference(reference).get_output(URLS)
        stack = reference.rpartition("/")[2]
        for server in servers:
            if server in owner:
                raise pulumi.RunError(
                    f"{owner[server]} and {reference} both offer {server!r}, and a gateway needs a name for each: take one out, "
                    "and add it under another name with a `url` of your own"
                )
            owner[server] = reference
            pods = {"namespace": names.namespace_of(stack), "pods": names.selector(stack, server)}
            found[server] = {"url": urls.apply(partial(_url, reference, server)), "egress": [pods]}
    return found


def _url(reference: str, server: str, urls: Mapping[str, str] | None) -> str:
    """Of the server, or what the other stack lacks: of a missing output the SDK shows no more than a traceback with its name."""
    if urls is None:
        raise pulumi.RunError(
            f"stack {reference} has no output {URLS!r}, from which server {server!r} is to come: it was not brought up yet, or is "
            "destroyed, or does not export it"
        )
    if server not in urls:
        raise pulumi.RunError(f"stack {reference} has no server {server!r}; it has {', '.join(sorted(urls)) or 'none'}")
    return urls[server]
