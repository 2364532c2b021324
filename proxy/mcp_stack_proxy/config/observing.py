"""What a proxy tells about itself and about the calls that it serves."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from .addresses import split_address
from .amounts import Count, Duration, Seconds
from .strict import Strict


def _address(listen: str) -> str:
    split_address(listen)
    return listen


class Management(Strict):
    """A port of its own for health and metrics. It asks nobody who reads: on any address but loopback, the network has to."""

    listen: Annotated[str, AfterValidator(_address)]
    """HOST:PORT. The main port then answers `/health` with the status alone, and has no other page."""


class Metrics(Strict):
    """Prometheus metrics at `/metrics`: on the management port, else on the main one, for those who may call."""

    tools_per_server: Annotated[Count, Field(le=10_000)] = 100
    """Tools of one server that have series of their own, about 25 each; further ones, and unlisted ones, count as `other`."""


DATA_PATH, INDEX_PATH = "/data/audit/data", "/data/audit/index"
"""Where stored records are (seed 001: MCP_AUDIT_PATH, MCP_AUDIT_INDEX_PATH)."""

FILES = frozenset({"file", "file+stdout"})
"""Outputs that store records."""


class AuditFiles(Strict):
    """Files of records that the proxy itself begins and removes. Each process has its own, so several may share the directory."""

    path: Annotated[str, Field(min_length=1)] = DATA_PATH
    """Directory of the records, made if need be."""
    index_path: Annotated[str, Field(min_length=1)] = INDEX_PATH
    """Directory of the index, by which `mcp-stack-proxy audit --since` finds where to begin. A few thousandths of the records."""
    max_file_bytes: Annotated[Count, Field(ge=64 * 1024)] = 64 * 1024 * 1024
    """Size at which a file is ended and the next one begun."""
    max_bytes: Count = 1024 * 1024 * 1024
    """All files below `path` together; the oldest go. A file that a process writes to counts as full."""
    max_age: Duration = "720h"
    """Age beyond which records go. They go by the file, so they may stay for up to an eighth longer."""

    @model_validator(mode="after")
    def _room(self) -> Self:
        if self.max_bytes < 2 * self.max_file_bytes:
            raise ValueError(f"`max_bytes` ({self.max_bytes}) is less than two files of `max_file_bytes` ({self.max_file_bytes})")
        return self


class Audit(Strict):
    """One record for each call, as a line of JSON. Calls never wait for it."""

    output: Annotated[str, Field(min_length=1)] | None = None
    """`stdout`, `stderr`, `file` (which is `files`), `file+stdout`, `none`, or the path of one file, which is appended to and
    opened anew after somebody has rotated it. By default `stdout`; with `files` both, or `file` where standard output is the
    client's."""
    files: AuditFiles | None = None
    """Where and how long `file` keeps records."""
    arguments: Literal["none", "digest", "full"] = "none"
    """What of a call's arguments is recorded: nothing, their SHA-256 (which tells short or guessable ones), or all of them."""
    flush_seconds: Annotated[Seconds, Field(le=60)] = 0.5
    """Time after which a record is written at the latest: kill -9 loses what is younger."""
    buffer_bytes: Count = 8 * 1024 * 1024
    """Records that wait for a full disk or a slow reader, for each output; those beyond are lost and counted."""
    sync: bool = False
    """Has the disk confirm each write, so that the loss of power loses no more than kill -9. For files."""

    @model_validator(mode="after")
    def _stored(self) -> Self:
        if self.files is not None and self.output is not None and self.output not in FILES:
            raise ValueError(f"`files` does nothing beside `output: {self.output}`; remove one of them")
        return self

    def outputs(self, *, stdio: bool) -> tuple[str, ...]:
        """Where records go: `stdout`, `stderr`, `file`, or a path. `stdio`: standard output is the client's."""
        output = self.output
        if output is None:
            output = "stdout" if self.files is None else "file" if stdio else "file+stdout"
        return () if output == "none" else ("file", "stdout") if output == "file+stdout" else (output,)
