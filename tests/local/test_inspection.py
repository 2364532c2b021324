"""What a client sees of servers that are there, and of those that are not."""

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mcp_stack.local import inspection
from mcp_stack.local.board import Board, Row, State, first_board
from mcp_stack.local.inspection import inspect, reason_of
from mcp_stack.local.plan import Process, plan
from mcp_stack.local.ports import free_ports
from mcp_stack.local.supervisor import Supervisor
from tests.deadlines import SOON
from tests.local.stacks import spec_of

CLOCK = {"command": [sys.executable, str(Path(__file__).parents[2] / "examples" / "servers" / "clock.py")]}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("two\n  lines"), "two lines"),
        (ExceptionGroup("all", [ExceptionGroup("some", [OSError("refused")]), ValueError("x")]), "refused"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_the_first_cause_is_the_reason(error, words):
    assert reason_of(error) == words


async def breaks_when_cancelled(*_):
    """As the SDK sometimes does: the cancellation comes out as an error of a stream."""
    try:
        await asyncio.sleep(SOON)
    except asyncio.CancelledError:
        raise BrokenPipeError from None


async def test_looking_ends_when_told_to_though_the_client_hides_it(monkeypatch):
    monkeypatch.setattr(inspection, "_count_tools", breaks_when_cancelled)
    board = Board([Row("far", "remote"), Row("gateway", "gateway", State.READY)])
    gateway = Process("gateway", None, (), {}, 1, "/mcp", None, {})
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as group:
        look = group.create_task(inspect("far", board, gateway, None))
        await asyncio.sleep(0.1)
        look.cancel()
    assert look.cancelled()


@asynccontextmanager
async def running(tmp_path, servers):
    """A board that supervisors and inspections keep up to date."""
    spec = spec_of(servers)
    names = [name for name, server in spec.servers.items() if server.kind != "url"]
    ports = dict(zip([*names, "gateway"], free_ports("127.0.0.1", len(names) + 1), strict=True))
    processes = plan(spec, ports, {"PATH": "/usr/bin:/bin"}, tmp_path)
    board = first_board(spec, ports)
    for process in processes:
        for path, text in process.files.items():
            path.parent.mkdir()
            path.write_text(text)
    own = {process.name: process for process in processes}
    supervisors = [
        Supervisor(
            process,
            tmp_path,
            board,
            State.READY if process.name == "gateway" else State.LISTENING,
            verbose=None,
            explain=lambda *_: None,
        )
        for process in processes
    ]
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as group:
        runs = [group.create_task(one.run()) for one in supervisors]
        looks = [group.create_task(inspect(name, board, own["gateway"], own.get(name))) for name in spec.servers]
        try:
            yield board
        finally:
            for look in looks:
                look.cancel()
            for one in supervisors:
                await one.stop(5)
            await asyncio.wait(runs)


async def test_an_unreachable_server_fails_with_a_reason_and_the_others_are_ready(tmp_path):
    [nobody] = free_ports("127.0.0.1", 1)
    async with running(tmp_path, {"clock": CLOCK, "far": {"url": f"http://127.0.0.1:{nobody}/mcp"}}) as board:
        await board.until(lambda board: board["far"].reason != "" and board["clock"].state is State.READY)
        far, clock = board["far"], board["clock"]
    assert (far.state, far.tools, far.pid) == (State.FAILING, None, None)
    assert far.reason == "server 'far': connection refused"
    assert (clock.tools, clock.revision) == (4, "2026-07-28")


async def test_a_stdio_server_that_ends_at_its_start_fails_with_a_reason(tmp_path):
    broken = {"command": [sys.executable, "-c", "import sys; sys.exit('no key')"]}
    async with running(tmp_path, {"clock": CLOCK, "broken": broken}) as board:
        await board.until(lambda board: board["broken"].reason != "" and board["clock"].state is State.READY)
        broken = board["broken"]
    assert (broken.state, broken.tools) == (State.FAILING, None)
    assert broken.reason.startswith("server 'broken': ")
    assert "exited with code 1" in broken.reason
