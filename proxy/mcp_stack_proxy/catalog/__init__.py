"""What clients are offered: one server as it is, or all of them merged under reversible names."""
