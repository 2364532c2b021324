"""What touches sockets and processes is shown on both event loops: uvloop, which serves, and asyncio's own."""

import asyncio
import gc
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import uvloop

from mcp_stack_proxy.config import Limits
from mcp_stack_proxy.upstream.child import Child
from tests.deadlines import SOON
from tests.upstream.processes import Run, descriptors, members, vanished

BOTH = {"test_child.py", "test_child_end.py", "test_supervisor.py", "test_tasks.py", "test_reaper.py", "test_run.py"}


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.path.name in BOTH or item.path.parent == Path(__file__).parent / "http":
        return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def start():
    """Starts Python code as a child. Afterwards nothing is left of it: no process, no zombie, no descriptor."""
    gc.collect()
    before, runs, mishaps = descriptors(), [], []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: mishaps.append(context))

    async def begin(code, *args, env=None, cwd=None, command=sys.executable, **limits):
        run = Run()
        runs.append(run)
        arguments = ["-c", textwrap.dedent(code), *args] if command == sys.executable else list(args)
        run.child = await Child.start(
            command, arguments, env or {}, cwd, limits=Limits.model_validate(limits), on_line=run.hear, on_exit=run.end
        )
        return run

    yield begin
    for run in runs:
        if run.child is not None:
            await asyncio.wait_for(run.child.stop(0.2), SOON)
            await run.exit()
            assert await vanished(run.child.pid)
            assert members(run.child.pid) == []
    await asyncio.sleep(0.01)
    assert descriptors() - before == set()
    assert mishaps == []
