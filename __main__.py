"""MCP servers and their gateway, as the stack's file describes them."""

from mcp_stack.program import main

main()
