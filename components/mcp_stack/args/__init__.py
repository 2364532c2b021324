"""Arguments of the components. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from .image_build import ImageBuildArgs
from .mcp_gateway import McpGatewayArgs
from .mcp_proxy import McpProxyArgs
from .mcp_server import McpServerArgs
from .mcp_stack import McpStackArgs
from .proxy_monitoring import ProxyMonitoringArgs
from .secret_sync import SecretSyncArgs
from .service_exposure import ServiceExposureArgs
from .volume_backup import VolumeBackupArgs
from .workload_autoscaling import WorkloadAutoscalingArgs
from .workload_disruption import WorkloadDisruptionArgs
from .workload_network import WorkloadNetworkArgs

__all__ = [
    "ImageBuildArgs",
    "McpGatewayArgs",
    "McpProxyArgs",
    "McpServerArgs",
    "McpStackArgs",
    "ProxyMonitoringArgs",
    "SecretSyncArgs",
    "ServiceExposureArgs",
    "VolumeBackupArgs",
    "WorkloadAutoscalingArgs",
    "WorkloadDisruptionArgs",
    "WorkloadNetworkArgs",
]
