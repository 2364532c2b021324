"""What the Makefile calls: the checks, the parity ledger. Nothing here is part of what is installed."""
