"""The trace that a line of log belongs to: what a call logs can be found by the id that its client knows."""

import logging
from contextvars import ContextVar

TRACE: ContextVar[str | None] = ContextVar("mcp_trace", default=None)
"""Trace id of the call that is being served, set only for calls that are part of a trace."""


class TraceFilter(logging.Filter):
    """Gives records `trace`: ` trace=ID`, or nothing. For a format that ends with it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass."""
        trace = TRACE.get()
        record.trace = "" if trace is None else f" trace={trace}"
        return True
