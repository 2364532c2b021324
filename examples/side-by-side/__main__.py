"""Two MCP servers, each with its own host, and both behind one gateway."""

from mcp_stack.program import main

main()
