"""Servers in a cluster of a company, with its GPUs, its authority, its names and a cloud identity."""

from mcp_stack.program import main

main()
