"""`make test`: every check once, quiet where it holds, everything it said where it does not."""
