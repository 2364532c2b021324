"""What a proxy tells about itself and about the calls that it serves."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from .addresses import split_address
from .amounts import Count, Seconds
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


class Audit(Strict):
    """One record for each call, as a line of JSON. Calls never wait for it."""

    output: Annotated[str, Field(min_length=1)] = "stdout"
    """`stdout`, `stderr`, or the path of a file, which is appended to and opened anew after it was rotated."""
    arguments: Literal["none", "digest", "full"] = "none"
    """What of a call's arguments is recorded: nothing, their SHA-256 (which tells short or guessable ones), or all of them."""
    flush_seconds: Annotated[Seconds, Field(le=60)] = 0.5
    """Time after which a record is written at the latest: kill -9 loses what is younger."""
    buffer_bytes: Count = 8 * 1024 * 1024
    """Records that wait for a full disk or a slow reader; those beyond are lost and counted."""
    sync: bool = False
    """Has the disk confirm each write, so that the loss of power loses no more than kill -9. For files."""
