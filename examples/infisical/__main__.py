"""Servers whose secrets come from Infisical, by External Secrets or by its own operator."""

from mcp_stack.program import main

main()
