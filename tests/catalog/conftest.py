import pytest

from mcp_stack_proxy.upstream.tasks import Tasks
from tests.catalog.scripted import Clock


@pytest.fixture
async def tasks():
    tasks = Tasks()
    yield tasks
    await tasks.aclose()


@pytest.fixture
def clock():
    return Clock()
