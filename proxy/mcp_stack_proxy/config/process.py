"""How the processes of a `command` server are kept: how long, how many, how large, and how often they are started again."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, model_validator

from .amounts import Count, Duration, Memory, Seconds, as_text, seconds_of
from .strict import Strict


def _known(text: str) -> str:
    if text not in ("adaptive", "never"):
        seconds_of(text)
    return text


IdleTimeout = Annotated[str, BeforeValidator(as_text), AfterValidator(_known)]
"""`adaptive`, `never`, or a duration."""


class ProcessConfig(Strict):
    """The process of a server that speaks stdio: when it rests, when it is started again, what it may use, whose it is."""

    start: Literal["first_call", "startup"] | None = None
    """When the process is started for the first time. `first_call`: when somebody needs it, the default of a proxy by itself.
    `startup`: with the proxy, which is not ready until it has answered once; the default in the pods of a stack."""
    idle_timeout: IdleTimeout = "never"
    """Time without a call after which the process is stopped; its lists stay known, and the next call starts it again. A duration
    (`2m`), `never`, or `adaptive`: 5 minutes above 20 calls an hour, 3 above 5, else 1. What it holds in memory is lost."""
    min_idle_timeout: Duration = "1m"
    """For `adaptive`: the shortest time, which is that of a process with a single call, too."""
    max_idle_timeout: Duration = "5m"
    """For `adaptive`: the longest time, which is that of a process without any call, too."""
    max_starts: Count = 5
    """Starts within `start_window_seconds` of a process that ends by itself. Then the server has failed, and is left alone."""
    start_window_seconds: Seconds = 60
    """Time in which starts are counted."""
    cool_down_seconds: Seconds = 60
    """Time that a failed server is left alone, before one more attempt. A run of a minute is a success, and all is forgotten."""
    max_memory: Memory | None = None
    """Resident memory of the process and all that it started, such as `512Mi`; beyond it, they are ended. They are looked at every
    few seconds, and memory that they share counts for each of them. On Linux only."""
    sharing: Literal["shared", "session"] = "shared"
    """`session`: a process for each client session, for servers that keep state for their client. Lists, and callers without a
    session, which those of revision 2026-07-28 are, have one process in common."""
    max_sessions: Count = 16
    """For `session`: processes at once. The one unused for longest makes room, except where a call is in flight."""

    def inert(self) -> list[str]:
        """Keys that were given and do nothing beside the others."""
        adaptive = {"min_idle_timeout", "max_idle_timeout"} if self.idle_timeout != "adaptive" else set[str]()
        sessions = {"max_sessions"} if self.sharing == "shared" else set[str]()
        return sorted(self.model_fields_set & (adaptive | sessions))

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if seconds_of(self.min_idle_timeout) > seconds_of(self.max_idle_timeout):
            raise ValueError(f"`min_idle_timeout` ({self.min_idle_timeout}) is above `max_idle_timeout` ({self.max_idle_timeout})")
        return self
