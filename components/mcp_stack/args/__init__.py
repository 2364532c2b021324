"""Arguments of McpStack, McpServer and McpGateway. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from .components import ImageBuildArgs, McpGatewayArgs, McpServerArgs, McpStackArgs

__all__ = ["ImageBuildArgs", "McpGatewayArgs", "McpServerArgs", "McpStackArgs"]
