"""A service that scales from 3 to 50 replicas."""

from mcp_stack.program import main

main()
