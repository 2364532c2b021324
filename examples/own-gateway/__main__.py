"""Servers behind a Gateway that the stack makes for itself, with a certificate for every host."""

from mcp_stack.program import main

main()
