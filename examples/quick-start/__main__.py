"""Servers of others, behind one endpoint."""

from mcp_stack.program import main

main()
