"""All that a process observes, made from its configuration with the gateway; what is configured off is not made at all."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from ..config import Audit as AuditConfig
from ..config import AuditFiles, ConfigError, Problem, ProxyConfig
from ..wire.task_ids import METHODS
from .audit_log import AuditLog, Both
from .audit_places import STREAMS, OneFile, Place, Stream
from .audit_writer import AuditWriter, in_loop
from .counts import ServerCounts
from .exposition import exposition
from .families import Sources, families
from .lag import LoopLag
from .recorder import Audit, Recorder, Refusals, Route
from .stored.writing import OwnFiles

SLICE = 500
"""Lines of metrics that are written at once: about 0.3 ms in which no call is served."""

LEARN_SECONDS = 30.0
"""Least time between two attempts to learn the tools of a server: the metrics of its calls must not become calls to it."""

CLOSE_SECONDS = 5.0
"""Time that the last audit records get at the end."""


class Observation:
    """Counters, audit, and the recorders that feed them. To be made in the event loop."""

    def __init__(
        self,
        config: ProxyConfig,
        listed: Callable[[str], Sequence[str] | None],
        learn: Callable[[str], None],
        source: str = "serve:http",
    ) -> None:
        """`listed`: names of a server's tools as far as known; `learn` has them fetched. ConfigError: no place for the audit."""
        self.logs: Mapping[str, AuditLog] = {} if config.audit is None else _logs(config.audit, stdio=source == "serve:stdio")
        """Logs of the audit by what they are called in metrics: `stdout`, `stderr`, `file`."""
        self.audit = None if config.audit is None or not self.logs else _audit(config.audit, self.logs, source)
        self.counts: dict[str, ServerCounts] = {}
        if config.metrics is not None:
            most = config.metrics.tools_per_server
            for name in config.servers:
                self.counts[name] = ServerCounts(name, most, partial(listed, name), _seldom(partial(learn, name)))
            self.counts[""] = ServerCounts("", 1, lambda: (), lambda: None)
        self.refusals = Refusals(self.audit)
        self.lag = LoopLag()

    def recorder(self, *, server: str | None = None, route: Route | None = None) -> Recorder | None:
        """Recorder of an endpoint of one server, or of many, among which `route` finds it; None where nothing is recorded."""
        if not self.counts and self.audit is None:
            return None
        return Recorder(self.counts, self.audit, server=server, route=route)

    def start(self) -> None:
        """The process serves from now on."""
        if self.counts:
            self.lag.start()

    async def aclose(self) -> None:
        """The process has served: what is noted and not written yet is written."""
        self.lag.close()
        await asyncio.gather(*(asyncio.to_thread(log.close, CLOSE_SECONDS) for log in self.logs.values()))

    def metrics(self, sources: Sources) -> Callable[[], Iterator[str]] | None:
        """The text of all metrics, in slices; None where there are none."""
        return (lambda: exposition(families(sources), SLICE)) if self.counts else None


def by_name(
    tool: Callable[[str], tuple[str, str] | None],
    uri: Callable[[str], tuple[str, str] | None],
    task: Callable[[str, str | None], str | None],
) -> Route:
    """Route of an endpoint of many servers: `tool` resolves names of tools and prompts, `uri` those of resources; `task` says whose
    a caller's task is."""
    ways: Mapping[str, Callable[[str], tuple[str, str] | None]] = {
        "tools/call": tool,
        "prompts/get": tool,
        "resources/read": uri,
    }

    def route(method: str, name: str, subject: str | None) -> tuple[str, str] | None:
        way = ways.get(method)
        if way is not None:
            return way(name)
        server = task(name, subject) if method in METHODS else None
        return None if server is None else (server, "")

    return route


def _audit(config: AuditConfig, logs: Mapping[str, AuditLog], source: str) -> Audit:
    first, *others = logs.values()
    return Audit(Both(logs) if others else first, config.arguments, source)


def _logs(config: AuditConfig, *, stdio: bool) -> dict[str, AuditLog]:
    """One for each output."""
    found: dict[str, AuditLog] = {}
    for output in config.outputs(stdio=stdio):
        place = _place(config, output)
        writer = partial(_writer, place, config.sync)
        found[output if output in STREAMS else "file"] = AuditLog(writer, config.flush_seconds, config.buffer_bytes)
    return found


def _writer(place: Place, sync: bool, done: Callable[[], None]) -> AuditWriter:
    return AuditWriter(place, sync=sync, written=in_loop(done))


def _place(config: AuditConfig, output: str) -> Place:
    files = config.files or AuditFiles()
    key, path = ("files.path", files.path) if output == "file" else ("output", output)
    try:
        return Stream(output) if output in STREAMS else OwnFiles(files) if output == "file" else OneFile(output)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError("audit", [Problem(f"audit.{key}", f"{path!r} cannot be written: {reason}")]) from None


def _seldom(call: Callable[[], None]) -> Callable[[], None]:
    """`call`, but not again before LEARN_SECONDS have gone by."""
    due = 0.0

    def now_and_then() -> None:
        nonlocal due
        if (now := time.monotonic()) >= due:
            due = now + LEARN_SECONDS
            call()

    return now_and_then
