"""Arguments of McpStack, McpServer and McpGateway. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from .components import McpGatewayArgs, McpServerArgs, McpStackArgs

__all__ = ["McpGatewayArgs", "McpServerArgs", "McpStackArgs"]
