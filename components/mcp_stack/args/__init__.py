"""Arguments of the components. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from .components import (
    ImageBuildArgs,
    McpGatewayArgs,
    McpProxyArgs,
    McpServerArgs,
    McpStackArgs,
    ProxyMonitoringArgs,
    SecretSyncArgs,
    ServiceExposureArgs,
    WorkloadAutoscalingArgs,
    WorkloadDisruptionArgs,
)

__all__ = [
    "ImageBuildArgs",
    "McpGatewayArgs",
    "McpProxyArgs",
    "McpServerArgs",
    "McpStackArgs",
    "ProxyMonitoringArgs",
    "SecretSyncArgs",
    "ServiceExposureArgs",
    "WorkloadAutoscalingArgs",
    "WorkloadDisruptionArgs",
]
