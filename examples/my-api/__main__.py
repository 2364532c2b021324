"""Every key of one service."""

from mcp_stack.program import main

main()
