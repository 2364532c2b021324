"""The arguments of `mcp-stack-proxy audit`."""

import argparse
import math
import os
import re
import time
from datetime import UTC, datetime
from typing import Any

from ...config import seconds_of
from ...config.observing import DATA_PATH, INDEX_PATH

Commands = Any
"""What `add_subparsers` returns; its type is private to argparse."""

_AGO = re.compile(r"([0-9.]+)d")


def add_commands(commands: Commands) -> None:
    """The command about records of the audit that are kept in files."""
    audit: argparse.ArgumentParser = commands.add_parser(
        "audit", help="show records of calls that are kept in files (audit.files), the oldest first"
    )
    audit.add_argument("--server", metavar="NAME", help="calls to this server alone")
    audit.add_argument("--tool", metavar="NAME", help="calls of this tool alone, by the server's own name")
    audit.add_argument("--method", metavar="NAME", help="such as tools/call")
    audit.add_argument("--identity", metavar="SUBJECT", help="calls of this caller alone")
    audit.add_argument("--errors", action="store_true", help="only calls that did not succeed")
    audit.add_argument(
        "--since", type=moment, metavar="WHEN", help="from then on: 30s, 15m, 2h, 7d ago, or a time such as 2026-07-28T12:00:00Z"
    )
    audit.add_argument("-f", "--follow", action="store_true", help="wait for further ones; only for those, without --since")
    audit.add_argument("--json", action="store_true", help="records as they are, one JSON object a line")
    audit.add_argument(
        "--path",
        metavar="DIR",
        default=os.environ.get("MCP_AUDIT_PATH", DATA_PATH),
        help="directory of the records; MCP_AUDIT_PATH, or %(default)s",
    )
    audit.add_argument(
        "--index-path",
        metavar="DIR",
        default=os.environ.get("MCP_AUDIT_INDEX_PATH", INDEX_PATH),
        help="directory of their index; MCP_AUDIT_INDEX_PATH, or %(default)s",
    )
    audit.set_defaults(run=_run)


def moment(text: str) -> float:
    """Seconds since the epoch of `text`: a time, or how long ago. ValueError's message is argparse's to make."""
    if (days := _AGO.fullmatch(text)) is not None:
        return time.time() - float(days[1]) * 86400
    try:
        return time.time() - seconds_of(text)
    except ValueError:
        when = datetime.fromisoformat(text)
    return (when if when.tzinfo is not None else when.replace(tzinfo=UTC)).timestamp()


def stamp(seconds: float) -> str:
    """A time as records have it; none with a part of a millisecond is left out."""
    milliseconds = math.floor(seconds * 1000)
    when = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{when:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def _run(arguments: argparse.Namespace) -> int:
    from .command import run  # here, since who serves does not read

    return run(arguments)
