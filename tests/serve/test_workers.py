"""The parent of several processes: who is started, replaced, told to end. With real processes; each says its number and its id."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.serve.running import SOON, until

SCRIPT = """
import os, signal, sys, time
from mcp_stack_proxy.serve import workers
workers.PAUSES = (0.05, 0.1)

def say(number):
    os.write(1, b"%d %d\\n" % (number, os.getpid()))

def work(number):
    {work}

sys.exit(workers.Workers(int(sys.argv[1]), work).run())
"""
UNTIL_TOLD = """
    ended = []
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: ended.append(1))
    say(number)
    while not ended:
        time.sleep(0.01)
    return {code}
"""


@asynccontextmanager
async def parent(work, count=2):
    """The parent's process, and what its workers have said."""
    command = [sys.executable, "-c", SCRIPT.format(work=work), str(count)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=env)
    said = []

    async def listen():
        while line := await process.stdout.readline():
            said.append(tuple(map(int, line.split())))

    listening = asyncio.create_task(listen())
    try:
        yield process, said
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        async with asyncio.timeout(SOON):
            await listening  # ends with the last worker: none outlives the parent


async def ended(process):
    async with asyncio.timeout(SOON):
        return await process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_all_end_when_the_parent_is_told(number):
    async with parent(UNTIL_TOLD.format(code=0), 3) as (process, said):
        await until(lambda: len(said) == 3)
        assert {worker for worker, _ in said} == {0, 1, 2}
        process.send_signal(number)
        assert await ended(process) == 0


async def test_a_worker_that_does_not_end_well_is_seen_in_the_exit_code():
    async with parent(UNTIL_TOLD.format(code=7)) as (process, said):
        await until(lambda: len(said) == 2)
        process.terminate()
        assert await ended(process) == 7


async def test_one_that_is_killed_is_replaced_and_the_others_are_left_alone():
    async with parent(UNTIL_TOLD.format(code=0)) as (process, said):
        await until(lambda: len(said) == 2)
        (victim,) = [pid for worker, pid in said if worker == 1]
        os.kill(victim, signal.SIGKILL)
        await until(lambda: len(said) == 3)
        assert said[2][0] == 1
        (other,) = [pid for worker, pid in said if worker == 0]
        os.kill(other, 0)
        process.terminate()
        assert await ended(process) == 0


async def test_one_that_always_fails_is_tried_again_after_longer_and_longer_pauses():
    async with parent("say(number); raise ValueError", 1) as (process, said):
        await until(lambda: len(said) >= 5)
        process.terminate()
        assert await ended(process) in (0, 1)


async def test_a_configuration_that_no_worker_can_use_ends_all():
    async with parent("say(number); return 2 if number else time.sleep(60)") as (process, said):
        assert await ended(process) == 2
    # all that was said has been heard by now; the other may have been told to end before it said anything
    assert sorted(number for number, _ in said) in ([0, 1], [1])


async def test_no_worker_outlives_a_parent_that_is_killed():
    async with parent(UNTIL_TOLD.format(code=0)) as (process, said):
        await until(lambda: len(said) == 2)
        process.kill()
        await ended(process)
        await until(lambda: not any(alive(pid) for _, pid in said))


def alive(pid):
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
