"""A team's servers in a stack of the team's, and one gateway in front of the servers of all teams in another stack."""

import pulumi
import pulumi_kubernetes as k8s

from mcp_stack.federation import servers_of
from mcp_stack.program import main
from mcp_stack.stack import McpStack

config = pulumi.Config()
teams = config.get_object("teams")
if teams is None:
    main()
else:
    cluster = k8s.Provider("cluster", context=config.get("context") or None)
    args = {**config.require_object("edge"), "servers": servers_of(teams)}
    edge = McpStack("edge", args, pulumi.ResourceOptions(provider=cluster))
    pulumi.export("gateway_url", edge.gateway_url)
