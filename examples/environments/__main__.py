"""One server in two environments."""

from mcp_stack.program import main

main()
