"""One MCP server that is reached from outside, with streams that stay open."""

from mcp_stack.program import main

main()
