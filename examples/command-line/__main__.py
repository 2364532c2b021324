"""A command-line program, offered as tools."""

from mcp_stack.program import main

main()
