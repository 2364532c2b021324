"""How long a test waits for what has to come."""

SOON = 60.0
"""Seconds after which whatever a test waits for counts as never. Nothing but a hang lasts that long: a test goes on with the event
that it waits for, and a machine with a hundred other things to do is no reason to fail."""
