"""A server with its proxy in the same pods."""

from mcp_stack.program import main

main()
