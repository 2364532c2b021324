"""The proxy in front of a server that is already there."""

from mcp_stack.program import main

main()
