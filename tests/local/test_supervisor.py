"""A process is kept running, and a crash is explained."""

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mcp_stack.local import supervisor as supervising
from mcp_stack.local.board import Board, Row, State
from mcp_stack.local.child import Child
from mcp_stack.local.plan import Process
from mcp_stack.local.ports import free_ports
from mcp_stack.local.supervisor import Supervisor
from tests.deadlines import SOON
from tests.local.processes import IGNORES_SIGTERM, LISTENS, is_alive, python


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(supervising, "FIRST_PAUSE", 0.01)


@asynccontextmanager
async def supervised(process, *, verbose=None):
    """(supervisor, board, explanations, states) of a running supervisor."""
    board, explained, states = Board([Row("one", "http", port=process.port)]), [], []
    board.listen(lambda old, new: states.append(new.state))
    one = Supervisor(
        process, Path("/"), board, State.LISTENING, verbose=verbose, explain=lambda name, lines: explained.append((name, lines))
    )
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as group:
        run = group.create_task(one.run())
        try:
            yield one, board, explained, states
        finally:
            await one.stop(1)
            await run


async def test_it_is_starting_then_listening_then_stopped():
    [port] = free_ports("127.0.0.1", 1)
    async with supervised(python(LISTENS, port=port)) as (_, board, explained, states):
        await board.until(lambda board: board["one"].state is State.LISTENING)
        pid = board["one"].pid
        assert is_alive(pid)
    assert states == [State.STARTING, State.LISTENING, State.STOPPED]
    assert explained == []
    assert not is_alive(pid)


async def test_a_crashed_process_is_started_again():
    [port] = free_ports("127.0.0.1", 1)
    async with supervised(python(LISTENS, port=port)) as (one, board, _, _):
        await board.until(lambda board: board["one"].state is State.LISTENING)
        first = board["one"].pid
        one._child.kill(9)
        await board.until(lambda board: board["one"].ends == 1)
        assert board["one"].reason == "ended by SIGKILL (next start in 0.01 s)"
        await board.until(lambda board: board["one"].state is State.LISTENING)
        assert board["one"].pid != first
        assert board["one"].reason == ""


async def test_the_pauses_double_while_it_keeps_failing():
    reasons = []
    async with supervised(python("raise SystemExit(7)")) as (_, board, _, _):
        board.listen(lambda old, new: reasons.append(new.reason) if new.reason else None)
        await board.until(lambda board: board["one"].ends == 3)
    assert reasons == [f"ended with exit code 7 (next start in {pause} s)" for pause in ("0.01", "0.02", "0.04")]


async def test_its_last_words_are_shown_once_as_long_as_they_are_the_same():
    async with supervised(python("print('first', flush=True); raise SystemExit('no licence')")) as (_, board, explained, _):
        await board.until(lambda board: board["one"].ends == 3)
        assert "no licence" in board["one"].reason
    assert [(name, lines) for name, lines in explained] == [("one", ["first", "no licence"])]


async def test_verbose_shows_each_line_as_it_comes_and_not_again():
    shown = []
    async with supervised(
        python("print('hello'); raise SystemExit(1)"), verbose=lambda name, lines: shown.append((name, lines))
    ) as (_, board, explained, _):
        await board.until(lambda board: board["one"].ends == 1)
    assert shown[0] == ("one", ["hello"])
    assert explained == []


async def test_stopping_waits_for_no_pause(monkeypatch):
    monkeypatch.setattr(supervising, "FIRST_PAUSE", 60)
    async with supervised(python("raise SystemExit(7)")) as (_, board, _, _):
        await board.until(lambda board: board["one"].ends == 1)
    assert board["one"].state is State.STOPPED


async def test_a_process_that_ignores_sigterm_is_gone_after_the_grace(monkeypatch):
    started = asyncio.Event()
    async with supervised(python(IGNORES_SIGTERM), verbose=lambda *_: started.set()) as (one, board, _, _):
        await started.wait()
        pid = board["one"].pid
        await one.stop(0.1)
        assert not is_alive(pid)
    assert board["one"].state is State.STOPPED


async def test_a_directory_that_is_gone_is_a_reason_and_no_crash(monkeypatch):
    def refuse(self: Child, process: Process, *_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Child, "__init__", refuse)
    async with supervised(python("")) as (_, board, _, _):
        await board.until(lambda board: board["one"].ends == 1)
        assert board["one"].reason.startswith("cannot be started: No such file or directory")
