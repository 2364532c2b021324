"""Which records are asked for, and how a line of theirs is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import msgspec


class NotARecord(ValueError):
    """A line that no proxy has written, or not to its end."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a record has to be; None for whatever it is."""

    server: str | None = None
    tool: str | None = None
    method: str | None = None
    identity: str | None = None
    errors: bool = False
    """Only calls that did not succeed."""
    since: str | None = None
    """Only records with this timestamp or a later one, as records have it."""

    def of(self, line: bytes) -> Mapping[str, Any] | None:
        """The record of `line` where it is wanted; NotARecord."""
        try:
            found: object = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise NotARecord from None
        if not isinstance(found, dict) or not isinstance(cast("dict[str, object]", found).get("timestamp"), str):
            raise NotARecord
        record = cast("dict[str, Any]", found)
        return record if self._matches(record) else None

    def _matches(self, record: Mapping[str, Any]) -> bool:
        pairs = (
            (self.server, "server_name"),
            (self.tool, "tool_name"),
            (self.method, "method"),
            (self.identity, "identity"),
        )
        if any(wanted is not None and record.get(member) != wanted for wanted, member in pairs):
            return False
        if self.errors and record.get("success") is not False:
            return False
        return self.since is None or record["timestamp"] >= self.since


def text(record: Mapping[str, Any]) -> str:
    """A record as a line for people: when, how it ended, how long it took, what was called, by whom, and what was wrong."""
    what = record.get("tool_name") or record.get("prompt_name") or record.get("resource_uri") or ""
    where = "/".join(part for part in (record.get("server_name"), what) if part)
    said = record.get("error_message") or (f"code {record['error_code']}" if "error_code" in record else "")
    parts = [
        record["timestamp"],
        record.get("outcome", ""),
        f"{record.get('duration_ms', 0):g}ms",
        record.get("method", ""),
        where or "-",
        record.get("identity") or "-",
        said,
    ]
    return _plain("  ".join(str(part) for part in parts if part != ""))


def _plain(text: str) -> str:
    """What clients choose is in it: nothing of that may move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
