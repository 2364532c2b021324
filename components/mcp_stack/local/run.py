"""`mcp-stack up`: the whole stack on this machine, until Ctrl-C or until it has been checked."""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from mcp_stack_proxy.config import ConfigError

from ..spec import GATEWAY, StackSpec
from .board import Board, State, first_board
from .calls import Calls, read_calls
from .check import Check, Finding, prefixes_of
from .inspection import inspect
from .plan import HOST, Process, listeners, plan
from .ports import choose_ports, free_ports
from .preflight import preflight
from .report import Columns, verdict
from .stack_file import config_directory, read_spec
from .supervisor import Supervisor
from .table import Display, invitation

READY_SECONDS = 60.0
"""Time that a check gives the stack to become ready."""

STOP_SECONDS = 10.0
"""Time from the beginning of the end until nothing is left."""

GATEWAY_SECONDS = 7.0
"""How much of it the gateway may take, whose requests in flight still need the servers."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def up(directory: Path, stack: str = "local", check: bool = False, *, port: int | None = None, verbose: bool = False) -> int:
    """Run `stack` of the project in `directory`. Exit code: 0 stopped as told, 1 a check that failed, 2 what cannot be run.

    `port` is the gateway's, the stack file's by default. A check takes a free one, so that it can run beside the stack.
    """
    try:
        spec = read_spec(directory, stack)
        calls = read_calls(config_directory(directory), spec) if check else None
        with tempfile.TemporaryDirectory(prefix="mcp-stack-") as scratch:
            gateway_port = port or (free_ports(HOST, 1)[0] if check else spec.gateway.port)
            processes = _prepare(spec, directory, Path(scratch), gateway_port)
            return asyncio.run(LocalRun(spec, processes, directory, verbose=verbose).main(calls))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2


def _prepare(spec: StackSpec, directory: Path, scratch: Path, gateway_port: int) -> list[Process]:
    """The processes to run; ConfigError with everything that stands in the way."""
    environ = own_environment(os.environ)
    if problems := preflight(spec, directory, environ, gateway_port):
        raise ConfigError(spec.source, problems)
    return plan(spec, choose_ports(spec, listeners(spec), HOST, gateway_port), environ, scratch)


def own_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` in which `python` is the interpreter that we run in, as it is in the image."""
    path = [str(Path(sys.executable).parent), *filter(None, [environ.get("PATH")])]
    return {**environ, "PATH": os.pathsep.join(path)}


def _write(path: Path, text: str) -> None:
    """A file that only we can read."""
    path.touch(0o600, exist_ok=False)
    path.write_text(text, "utf-8")


class LocalRun:
    """One run from start to drain."""

    def __init__(self, spec: StackSpec, processes: Sequence[Process], directory: Path, *, verbose: bool) -> None:
        self._spec = spec
        self._processes = {process.name: process for process in processes}
        self._board = board = first_board(spec, {process.name: process.port for process in processes})
        self._display = Display(Console(), board)
        self._stop = asyncio.Event()
        self._supervisors = {
            process.name: Supervisor(
                process,
                directory,
                board,
                State.LISTENING if process.name in spec.servers and spec.servers[process.name].in_gateway else State.READY,
                verbose=self._display.output if verbose else None,
                explain=self._display.output,
            )
            for process in processes
        }

    async def main(self, calls: Calls | None) -> int:
        """Everything. `calls`: to check with; None to run until told to stop."""
        for process in self._processes.values():
            for path, text in process.files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                _write(path, text)
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._told_to_stop)
        gateway = self._processes[GATEWAY]
        with self._display:
            async with asyncio.TaskGroup() as group:
                try:
                    runs = [group.create_task(one.run()) for one in self._supervisors.values()]
                    looks = [
                        group.create_task(inspect(name, self._board, gateway, self._processes.get(name)))
                        for name, server in self._spec.servers.items()
                        if server.in_gateway
                    ]
                    work = group.create_task(self._invite() if calls is None else self._check(calls))
                    stop = group.create_task(self._stop.wait())
                    await asyncio.wait({work, stop} if calls is not None else {stop}, return_when=asyncio.FIRST_COMPLETED)
                    for task in (*looks, work, stop):
                        task.cancel()
                finally:
                    await self._drain()
                await asyncio.wait(runs)
        return 0 if calls is None or (not work.cancelled() and work.result()) else 1

    def _told_to_stop(self) -> None:
        """First signal: drain. Any further one: at once."""
        if self._stop.is_set():
            for supervisor in self._supervisors.values():
                supervisor.kill()
        self._stop.set()

    async def _invite(self) -> bool:
        start = time.monotonic()
        await self._board.until(lambda board: board[GATEWAY].state is State.READY)
        gateway = self._processes[GATEWAY]
        self._display.say(invitation(gateway.port, gateway.key, self._spec.gateway.virtual_servers))
        await self._board.until(Board.ready)
        self._display.say(f"everything is ready after {time.monotonic() - start:.1f} s; Ctrl-C stops it")
        return True

    async def _check(self, calls: Calls) -> bool:
        start = time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_SECONDS):
                await self._board.until(lambda board: board.ready() or any(row.ends for row in board.rows))
        if not self._board.ready():
            missing = [f"{row.name} is {row.state}" + f" ({row.reason})" * bool(row.reason) for row in self._board.rows]
            waited = f"after {time.monotonic() - start:.1f} s"
            notes = [text for text, row in zip(missing, self._board.rows, strict=True) if row.state is not State.READY]
            self._display.say(f"FAILED {waited}: {'; '.join(notes)}")
            return False
        self._display.say(f"everything is ready after {time.monotonic() - start:.1f} s")
        return await self._call(calls)

    async def _call(self, calls: Calls) -> bool:
        servers = {name: server for name, server in self._spec.servers.items() if server.in_gateway}
        prefixes = prefixes_of(self._spec)
        columns = Columns.of(
            list(servers), [f"{prefixes[name]}{call.tool}" for name in calls if name in servers for call in calls[name]]
        )
        self._display.say(columns.heading())
        findings: list[Finding] = []

        def report(finding: Finding) -> None:
            findings.append(finding)
            self._display.say(columns.line(finding))

        gateway = self._processes[GATEWAY]
        await Check(f"http://{HOST}:{gateway.port}", prefixes, calls, report, gateway.key).run()
        self._display.say(verdict(findings, list(servers), [name for name in servers if not calls.get(name)]))
        return not any(finding.wrong for finding in findings)

    async def _drain(self) -> None:
        """The gateway first: what it has begun still needs the servers."""
        began = time.monotonic()
        await self._supervisors[GATEWAY].stop(GATEWAY_SECONDS)
        left = max(STOP_SECONDS - (time.monotonic() - began), 1.0)
        servers = [one for name, one in self._supervisors.items() if name != GATEWAY]
        await asyncio.gather(*(server.stop(left) for server in servers))
        self._display.say(f"stopped after {time.monotonic() - began:.1f} s, nothing is left running")
