"""What a backup says while it works: one JSON object a line, as the audit has them."""

import json
import sys
from datetime import UTC, datetime
from typing import TextIO


class Progress:
    """Lines on `stream`, by default on standard error: the result alone goes to standard output."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr

    def say(self, event: str, **values: object) -> None:
        """One line. `event` is what happened; the rest says to what, with units in the names."""
        self._stream.write(line(event, **values))
        self._stream.flush()


def line(event: str, **values: object) -> str:
    """The line for `event`."""
    timestamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{json.dumps({'timestamp': timestamp, 'source': 'backup', 'event': event, **values})}\n"
