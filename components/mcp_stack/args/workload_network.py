"""Arguments of a component: WorkloadNetwork. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi

from .network import ApiServerArgs, ClientArgs, DestinationArgs, DnsArgs


class WorkloadNetworkArgs(TypedDict):
    """Who may call the pods of one workload, whoever made it, and what they may call. Whatever is not declared is denied, but for
    DNS. Policies add up: a second one for the same pods allows what it says, too."""

    dns: NotRequired[DnsArgs]
    """Who resolves names for the pods; every pod may ask."""
    api_server: NotRequired[ApiServerArgs]
    """Where the API server is, for servers whose `egress` names it."""
    namespace: pulumi.Input[str]
    """Namespace of the pods."""
    selector: NotRequired[dict[str, str]]
    """Labels of the pods; all pods of the namespace by default."""
    clients: NotRequired[list[ClientArgs]]
    """Who may call, on `ports`; nobody by default."""
    ports: NotRequired[list[int]]
    """TCP ports of the pods that `clients` may call."""
    egress: NotRequired[list[DestinationArgs]]
    """What may be called; nothing by default. Not by `server`, which a stack has."""
    scrapers: NotRequired[list[ClientArgs]]
    """Who may read metrics, on `metrics_port`."""
    metrics_port: NotRequired[int]
    """TCP port of the pods that `scrapers` may call."""
    labels: NotRequired[dict[str, str]]
    """Labels of the policy."""
