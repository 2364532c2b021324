"""A team's servers in a stack of the team's, and one gateway in front of the servers of all teams in another stack."""

import pulumi
import pulumi_kubernetes as k8s

from mcp_stack import names
from mcp_stack.program import main
from mcp_stack.stack import McpStack


def server_of(name, reference):
    """Server `name` of another stack: its URL is an output of that stack, where its pods are follows from names."""
    other = reference.rpartition("/")[2]
    pods = {"namespace": names.namespace_of(other), "pods": names.selector(other, name), "ports": [names.SERVER_PORT]}
    return {"url": pulumi.StackReference(reference).require_output("server_urls")[name], "egress": [pods]}


config = pulumi.Config()
teams = config.get_object("teams")
if teams is None:
    main()
else:
    cluster = k8s.Provider("cluster", context=config.get("context") or None)
    servers = {name: server_of(name, reference) for name, reference in teams.items()}
    edge = McpStack("edge", {**config.require_object("edge"), "servers": servers}, pulumi.ResourceOptions(provider=cluster))
    pulumi.export("gateway_url", edge.gateway_url)
