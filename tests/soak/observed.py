"""`mcp-stack-proxy` that also tells its asyncio tasks: on SIGUSR1 it writes how many of each kind there are to $SOAK_TASKS."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

from mcp_stack_proxy.cli import main


def tell(_signal: int, _frame: FrameType | None) -> None:
    loop = (
        asyncio._get_running_loop()
    )  # those that the collector knows are perhaps half made: to ask one for its coroutine is fatal
    tasks = [] if loop is None else asyncio.all_tasks(loop)
    path = Path(os.environ["SOAK_TASKS"])
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(Counter(getattr(task.get_coro(), "__qualname__", "?") for task in tasks)))
    fresh.rename(path)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, tell)
    sys.exit(main())
