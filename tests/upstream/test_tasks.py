import asyncio
import gc
import logging

import pytest

from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.tasks import Tasks
from tests.deadlines import SOON


async def forever():
    await asyncio.Event().wait()


async def fail(error):
    raise error


async def test_a_task_lives_though_nobody_else_holds_it():
    tasks, done = Tasks(), asyncio.Event()

    async def work():
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.05, future.set_result, None)
        await future
        done.set()

    tasks.spawn(work(), "work")
    gc.collect()
    await asyncio.wait_for(done.wait(), SOON)
    await asyncio.sleep(0)
    assert len(tasks) == 0
    await tasks.aclose()


async def test_an_exception_that_nobody_awaits_is_logged_with_the_name(caplog):
    tasks = Tasks()
    tasks.spawn(fail(KeyError("lost")), "refresh the catalog")
    await asyncio.sleep(0.01)
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.ERROR, "task failed: refresh the catalog")
    ]
    assert caplog.records[0].exc_info[0] is KeyError
    await tasks.aclose()


async def test_an_outcome_that_the_caller_awaits_is_no_failure(caplog):
    tasks = Tasks()
    with pytest.raises(UpstreamError):
        await tasks.spawn(fail(UpstreamError(Reason.UNREACHABLE, "gone")), "connect")
    assert caplog.records == []
    await tasks.aclose()


async def test_the_end_of_the_owner_ends_its_tasks(caplog):
    tasks = Tasks()
    running = [tasks.spawn(forever(), str(number)) for number in range(3)]
    await asyncio.sleep(0)
    await asyncio.wait_for(tasks.aclose(), SOON)
    assert all(task.cancelled() for task in running)
    assert caplog.records == []


async def test_a_task_may_clean_up_before_the_owner_is_closed():
    tasks, cleaned = Tasks(), []

    async def careful():
        try:
            await forever()
        finally:
            await asyncio.sleep(0.05)
            cleaned.append(True)

    tasks.spawn(careful(), "careful")
    await asyncio.sleep(0)
    await asyncio.wait_for(tasks.aclose(), SOON)
    assert cleaned == [True]


async def test_a_task_that_closes_its_own_owner_is_not_waited_for():
    tasks = Tasks()
    await asyncio.wait_for(tasks.spawn(tasks.aclose(), "suicide"), SOON)


async def test_a_closed_owner_starts_nothing():
    tasks = Tasks()
    await tasks.aclose()
    with pytest.raises(RuntimeError, match="late: its owner is closed"):
        tasks.spawn(forever(), "late")
