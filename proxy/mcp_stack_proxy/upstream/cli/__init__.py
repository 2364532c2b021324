"""Command-line programs as servers: their help is read into tools, and each call is a process of its own, without a shell."""
