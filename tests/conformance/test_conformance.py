"""The official suite, both requirement sets, on every route: one server, two, across the eras, over two replicas."""

import secrets

import pytest
from mcp import Client

from tests.conformance import suite
from tests.conformance.lacking import LACKING
from tests.conformance.routes import ROUTES, RUNS

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def tools(client):
    return [tool.model_dump(mode="json") for tool in (await client.list_tools()).tools]


async def assert_it_is_the_fixture(url, direct, mode):
    """Several scenarios pass on a server without tools, so the fixture has to be there, live: it repeats a word that is new."""
    nonce = secrets.token_hex(8)
    async with Client(url, mode=mode) as client, Client(direct) as fixture:
        listed = await tools(client)
        assert [tool for tool in await tools(fixture) if tool not in listed] == []
        read = await client.read_resource(f"test://template/{nonce}/data")
        assert nonce in read.contents[0].text
        prompt = await client.get_prompt("test_prompt_with_arguments", {"arg1": nonce, "arg2": "x"})
        assert nonce in prompt.messages[0].content.text


MODES = {"2025-11-25": "legacy", "2026-07-28": "2026-07-28"}
"""Revision -> how the SDK's client is told to speak an older one, or this one."""

ANSWERING = [(name, MODES[revision]) for name, revision in RUNS if ROUTES[name].replicas]


@pytest.mark.parametrize(("name", "mode"), ANSWERING)
async def test_the_fixture_itself_answers_through_the_proxy(world, name, mode):
    direct = await world.fixture(ROUTES[name].fixture)
    await assert_it_is_the_fixture(await world.url(name), f"{direct}/mcp", mode)


@pytest.mark.parametrize(("route", "revision"), RUNS)
async def test_the_suite_is_green_but_for_what_is_known_to_lack(world, route, revision, capsys):
    found = await world.found(route, revision)
    with capsys.disabled():
        print(f"\n{summary(route, revision, found)}")
    known = LACKING.get((route, revision), set())
    assert suite.lacking(revision, found, known) == known, "\n".join(suite.shortfall(revision, found))


def summary(route, revision, found):
    def green(names):
        return sum(name in found and found[name].green for name in names)

    scored, others = suite.required(revision), suite.ALSO[revision]
    return f"conformance {revision} {route}: {green(scored)}/{len(scored)}, not scored {green(others)}/{len(others)}"
