"""What is known about a run, and who hears of it."""

import asyncio

import pytest

from mcp_stack.local.board import Board, Row, State
from tests.deadlines import SOON


async def test_listeners_hear_of_changes_and_of_nothing_else():
    board, heard = Board([Row("clock", "stdio")]), []
    board.listen(lambda old, new: heard.append((old.state, new.state)))
    board.update("clock", state=State.READY)
    board.update("clock", state=State.READY)
    assert heard == [(State.STARTING, State.READY)]


async def test_whoever_waits_wakes_when_it_holds():
    board = Board([Row("clock", "stdio"), Row("gateway", "gateway")])
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as group:
        waiting = group.create_task(board.until(Board.ready))
        for name in ("clock", "gateway"):
            await asyncio.sleep(0)
            assert not waiting.done()
            board.update(name, state=State.READY)


async def test_nobody_is_ready_while_one_is_failing():
    board = Board([Row("clock", "stdio", State.READY), Row("units", "http", State.FAILING)])
    assert not board.ready()


def test_an_unknown_part_is_a_mistake():
    with pytest.raises(KeyError):
        Board([]).update("clock", state=State.READY)
