"""Servers in containers, and one that runs elsewhere."""

from mcp_stack.program import main

main()
