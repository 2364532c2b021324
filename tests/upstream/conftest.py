"""What touches sockets and processes is shown on both event loops: uvloop, which serves, and asyncio's own."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import uvloop

BOTH = {"test_child.py", "test_supervisor.py", "test_tasks.py", "test_reaper.py"}


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.path.name in BOTH or item.path.parent == Path(__file__).parent / "http":
        return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    return {"uvloop": uvloop.new_event_loop}
