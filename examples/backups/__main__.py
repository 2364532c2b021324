"""Servers that keep data, backed up to a bucket, to a volume, and proven."""

from mcp_stack.program import main

main()
