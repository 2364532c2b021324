"""What all servers of an environment share."""

from mcp_stack.program import main

main()
