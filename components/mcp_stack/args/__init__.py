"""Arguments of the components. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from .components import (
    McpGatewayArgs,
    McpServerArgs,
    McpStackArgs,
    ProxyMonitoringArgs,
    WorkloadAutoscalingArgs,
    WorkloadDisruptionArgs,
)

__all__ = [
    "McpGatewayArgs",
    "McpServerArgs",
    "McpStackArgs",
    "ProxyMonitoringArgs",
    "WorkloadAutoscalingArgs",
    "WorkloadDisruptionArgs",
]
