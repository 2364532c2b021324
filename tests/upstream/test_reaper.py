"""Where the kernel cannot tell (macOS), the end of a child is still noticed."""

import asyncio
import subprocess
import sys

import pytest

from mcp_stack_proxy.upstream import reaper
from mcp_stack_proxy.upstream.reaper import Reaper
from tests.deadlines import SOON


@pytest.mark.parametrize("pidfd", [True, False])
async def test_the_end_is_told_before_the_child_is_collected(monkeypatch, pidfd):
    if not pidfd:
        monkeypatch.setattr(reaper, "_pidfd", lambda _pid: None)
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(4)"])  # noqa: ASYNC220 - as the proxy starts them
    told, collected = [], asyncio.get_running_loop().create_future()
    Reaper(process, lambda: told.append(process.returncode), collected.set_result)
    assert await asyncio.wait_for(collected, SOON) == 4
    assert told == ([None] if pidfd else [4])
