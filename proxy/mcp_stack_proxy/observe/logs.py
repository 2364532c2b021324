"""Diagnostics on standard error: lines for people, or objects of JSON for whoever collects them."""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from ..config.logs import FORMAT, LEVEL, LEVELS, ROOT, TRACE, Log, levels_of
from ..config.strict import validate
from .trace_log import TRACE as TRACE_ID
from .trace_log import TraceFilter

TEXT = "%(levelname)s %(name)s: %(message)s%(trace)s"

NAMES = {number: name for name, number in LEVELS.items()} | {logging.CRITICAL: "error"}

OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "trace", "taskName"}
"""What every record has; anything else was given as `extra`."""


OTHERS = ("asyncio", "py")
"""First names of loggers that are not the proxy's: of the event loop, and of Python's warnings (`py.warnings`)."""


class JsonFormatter(logging.Formatter):
    """One object a line, whatever the message holds."""

    def format(self, record: logging.LogRecord) -> str:
        """A record with its traceback."""
        fields: dict[str, Any] = {key: value for key, value in record.__dict__.items() if key not in OWN}
        if (trace := TRACE_ID.get()) is not None:
            fields["trace"] = trace
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        level = NAMES.get(record.levelno, record.levelname.lower())
        line = {"timestamp": when, "level": level, "target": record.name, "message": record.getMessage(), "fields": fields}
        return json.dumps(line, ensure_ascii=False, default=str)


def begin(log: Log, stream: TextIO | None = None) -> None:
    """Logs as `log` says from now on; what was said before is forgotten. As JSON, warnings and uncaught errors are lines, too."""
    logging.addLevelName(TRACE, "TRACE")
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if log.format == "json" else logging.Formatter(TEXT))
    handler.addFilter(TraceFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    levels = levels_of(log.level)
    root.setLevel(levels.pop("", logging.INFO))
    for target, level in levels.items():
        logging.getLogger(_logger(target)).setLevel(level)
    logging.captureWarnings(log.format == "json")
    sys.excepthook = _uncaught if log.format == "json" else sys.__excepthook__


def over(log: Log, environment: Mapping[str, str], level: str | None) -> Log:
    """`log` with what the command line and variables say in its place; ConfigError where that means nothing."""
    given = {"level": level or environment.get(LEVEL), "format": environment.get(FORMAT)}
    return validate(Log, {**log.model_dump(), **{key: value for key, value in given.items() if value}}, f"${LEVEL}, ${FORMAT}")


def _logger(target: str) -> str:
    """`upstream` is the proxy's; names that begin with another package stand for themselves."""
    return target if target.partition(".")[0] in (ROOT, *OTHERS) else f"{ROOT}.{target}"


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger(ROOT).error("ended by an error that nobody caught", exc_info=(kind, error, trace))
