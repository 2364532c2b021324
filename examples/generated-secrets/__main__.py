"""Servers whose password and whose login to the registry are made in the cluster, and Services that lead to a port of their own."""

from mcp_stack.program import main

main()
