"""Two servers that read one Secret."""

from mcp_stack.program import main

main()
