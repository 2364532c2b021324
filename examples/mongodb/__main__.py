"""A database that only one MCP server may call."""

from mcp_stack.program import main

main()
