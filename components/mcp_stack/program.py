"""The Pulumi program of a stack file: `__main__.py` of a project calls `main()`, and needs no other line."""

from . import collector

collector.rest()  # before the other imports, which make most of what is kept

import pulumi
import pulumi_kubernetes as k8s
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

from .inputs import stack_args, stack_of
from .stack import McpStack

OUTPUTS = ("namespace", "gateway_url", "gateway_host", "public_urls", "server_urls")
"""What `pulumi stack output` shows."""


def main() -> None:
    """Build the stack on the cluster that the key `context` names, or that the environment's kubeconfig points at."""
    config = pulumi.Config()
    args, context = stack_args(config), config.get("context") or None
    if engine_asks():
        from .cluster.preflight import require  # a client of the API, which no rendering needs

        require(stack_of(args)[0], context, preview=pulumi.runtime.is_dry_run())
    cluster = k8s.Provider("cluster", context=context, enable_secret_mutable=True)
    stack = McpStack(pulumi.get_stack(), args, pulumi.ResourceOptions(provider=cluster))
    for name in OUTPUTS:
        pulumi.export(name, getattr(stack, name))


def engine_asks() -> bool:
    """Whether Pulumi's engine runs the program. Renderings, checks and tests ask no cluster."""
    return not isinstance(get_monitor(), MockMonitor)
