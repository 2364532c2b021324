"""The processes of one stdio server in numbers, for health, metrics and the status page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """What a server's process is doing."""

    IDLE = "idle"
    """Not running, or being stopped because nobody needs it; the next call starts it."""
    STARTING = "starting"
    RUNNING = "running"
    BACKING_OFF = "backing-off"
    """Ended too soon; calls are refused until the next attempt is due."""
    FAILED = "failed"
    """Ended too often; calls are refused until it has cooled down, and then until one attempt is a success."""
    STOPPED = "stopped"
    """Stopped for good."""


LIVELIEST = (State.RUNNING, State.STARTING, State.IDLE, State.BACKING_OFF, State.FAILED, State.STOPPED)
"""What many processes are together: the first that one of them is."""


class Cause(StrEnum):
    """Why a process ended."""

    EXITED = "exited"
    """By itself, whatever its exit code."""
    KILLED = "killed"
    """By a signal that was not the proxy's."""
    MEMORY = "memory"
    """By the proxy: it was too large."""
    PROTOCOL = "protocol"
    """By the proxy: it closed its input or output, or wrote a line without end."""
    IDLE = "idle"
    """By the proxy: nobody needed it."""
    STOPPED = "stopped"
    """By the proxy, which ends, or with its session."""


@dataclass(slots=True)
class Counters:
    """Totals over all processes of a server: they only grow."""

    starts: int = 0
    """Processes started, or attempted to."""
    restarts: int = 0
    """Those of them that replaced a process that had ended by itself."""
    refused: int = 0
    """Starts that the system refused."""
    exits: Counter[Cause] = field(default_factory=Counter[Cause])
    """Processes ended."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """One server at this moment."""

    state: State
    processes: int
    """Running ones."""
    open_calls: int
    """Requests that wait for an answer of a process."""
    resident_bytes: int | None
    """What the processes occupy, as last seen; None where that is not known."""
    retry_seconds: float
    """Until the next attempt, 0 where one may be made."""
    last_exit: str | None
    """How the last one ended, such as `exited with code 3`."""
    last_stderr: Sequence[str]
    """Its last lines, for operators alone: they may hold anything but the values of its environment."""
    counters: Counters


def together(parts: Sequence[Vitals], counters: Counters) -> Vitals:
    """The vitals of one server with many processes, at least one of them."""
    known = [part.resident_bytes for part in parts if part.resident_bytes is not None]
    last = next((part for part in parts if part.last_exit is not None), parts[0])
    state = min((part.state for part in parts), key=LIVELIEST.index)
    return Vitals(
        state=state,
        processes=sum(part.processes for part in parts),
        open_calls=sum(part.open_calls for part in parts),
        resident_bytes=sum(known) if known else None,
        retry_seconds=0.0 if state in (State.RUNNING, State.STARTING, State.IDLE) else min(part.retry_seconds for part in parts),
        last_exit=last.last_exit,
        last_stderr=last.last_stderr,
        counters=counters,
    )
