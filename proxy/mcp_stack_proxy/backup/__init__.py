"""Backups of a server's data: taken while it writes, proven by reading them back, restored whole or not at all."""
