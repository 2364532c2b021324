"""Whoever takes part: how it is started, and how it is asked."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..asks import Ask, ask
from ..machine import SYSTEM_CORE, on_core
from ..targets import Target, running

START_SECONDS = 180
"""For an answer to the first request. One of them makes its database first."""


class NotStarted(Exception):
    """Why a contender does not answer."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What every contender gets: a directory that is its own, and the server behind, as address and as program."""

    directory: Path
    server: str
    program: Path

    @property
    def url(self) -> str:
        return f"http://{self.server}/mcp"


@dataclass(frozen=True, slots=True)
class Playing:
    """A contender that answers. `small` asks for 300 B; `named` makes the request for another of the server's tools."""

    target: Target
    small: Ask
    named: Callable[[str], Ask]


@dataclass(frozen=True, slots=True)
class Contender:
    """`note`: how it was run, and what its figures do not say."""

    name: str
    version: str
    note: str
    play: Callable[[Stage], AbstractContextManager[Playing]]
    listing: Callable[[Stage, int], AbstractContextManager[Playing]] | None = None
    """In front of so many servers with fifty tools each; None for one that stands in front of a single server."""


@contextmanager
def playing(
    command: list[str | Path],
    url: str,
    named: Callable[[str], Ask],
    directory: Path,
    *,
    environment: Mapping[str, str] | None = None,
    prepare: Callable[[], Mapping[str, str]] | None = None,
    listing: bool = False,
) -> Iterator[Playing]:
    """Runs `command` on the core of the system under test, and waits for an answer. `prepare` sets it up: headers to send."""
    start = time.monotonic()
    log = directory / "log"
    given = {"env": dict(environment), "cwd": directory} if environment is not None else {"cwd": directory}
    with running(on_core(SYSTEM_CORE, *command), log, **given) as process:
        extra: Mapping[str, str] | None = None if prepare else {}
        wanted = replace(named("small"), name=None) if listing else named("small")
        while True:
            try:
                extra = prepare() if extra is None and prepare else extra
                first = replace(wanted, extra={**wanted.extra, **(extra or {})}).opened(url)
                _check(ask(url, first, timeout=START_SECONDS), listing=listing)
                break
            except (OSError, ValueError) as error:
                if process.poll() is not None or time.monotonic() > start + START_SECONDS:
                    raise NotStarted(f"does not answer: {_last_line(log) or error}") from None
            time.sleep(0.02)
        seconds = time.monotonic() - start
        yield Playing(Target(url, process.pid, seconds), first, lambda tool: _like(first, named(tool)))


def _like(first: Ask, other: Ask) -> Ask:
    """`other` with the session and headers of `first`."""
    return replace(other, session=first.session, extra=first.extra)


def _check(result: dict[str, object], *, listing: bool) -> None:
    """ValueError for a result that is not the server's: an error in the shape of one would be measured otherwise."""
    text = str(result)
    if result.get("isError") or ("tool_49" not in text and "tool_0" not in text if listing else "x" * 200 not in text):
        raise ValueError(f"another answer than the server's: {text[:200]}")


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()] if log.exists() else []
    return lines[-1][:200] if lines else ""
