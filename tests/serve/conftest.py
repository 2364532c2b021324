"""Everything runs on uvloop, as in service. Modules that share servers between tests have one loop for all of them (pytestmark)."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(params=["legacy", "2026-07-28"])
def era(request: pytest.FixtureRequest) -> str:
    """How the client of the SDK comes: with a handshake, or with its metadata in every request."""
    return request.param


@pytest.fixture(params=["one", "all"])
def route(request: pytest.FixtureRequest) -> str:
    """Where it comes: to the route of one server, or to that of all."""
    return request.param
