"""Servers whose secrets come from AWS Secrets Manager and Parameter Store."""

from mcp_stack.program import main

main()
