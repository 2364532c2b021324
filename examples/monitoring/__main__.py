"""Replicas by the calls in flight, alerts and a dashboard."""

from mcp_stack.program import main

main()
