"""A server that only its proxy can reach."""

from mcp_stack.program import main

main()
