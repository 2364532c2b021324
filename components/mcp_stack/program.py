"""The Pulumi program of a stack file: `__main__.py` of a project calls `main()`, and needs no other line."""

import pulumi
import pulumi_kubernetes as k8s

from .inputs import stack_args
from .stack import McpStack

OUTPUTS = ("namespace", "gateway_url", "gateway_host", "server_urls")
"""What `pulumi stack output` shows."""


def main() -> None:
    """Build the stack on the cluster that the key `context` names, or that the environment's kubeconfig points at."""
    config = pulumi.Config()
    cluster = k8s.Provider("cluster", context=config.get("context") or None, enable_secret_mutable=True)
    stack = McpStack(pulumi.get_stack(), stack_args(config), pulumi.ResourceOptions(provider=cluster))
    for name in OUTPUTS:
        pulumi.export(name, getattr(stack, name))
