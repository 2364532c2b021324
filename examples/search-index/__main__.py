"""A server with everything that may stand round one."""

from mcp_stack.program import main

main()
