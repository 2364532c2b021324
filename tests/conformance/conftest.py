"""One world for all tests of the session; the runs that were selected begin together."""

from contextlib import AsyncExitStack

import pytest_asyncio

from tests.conformance.world import World


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(request, tmp_path_factory):
    async with AsyncExitStack() as stack:
        world = World(stack, tmp_path_factory.mktemp("conformance"))
        world.begin(item.callspec.params for item in request.session.items if hasattr(item, "callspec"))
        try:
            yield world
        finally:
            await world.aclose()
