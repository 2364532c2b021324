"""The check against a gateway that is not there, and one that is asked to end."""

import asyncio

import mcp
import pytest

from mcp_stack.local.check import Check
from mcp_stack.local.ports import free_ports
from tests.deadlines import SOON


async def test_a_gateway_that_is_not_there_is_wrong_on_every_route():
    [nobody] = free_ports("127.0.0.1", 1)
    found = []
    async with asyncio.timeout(SOON):
        await Check(f"http://127.0.0.1:{nobody}", {"clock": "clock__"}, {}, found.append).run()
    assert [(finding.server, finding.route, finding.revision) for finding in found] == [
        ("clock", "/servers/clock/mcp", "legacy"),
        ("all", "/mcp", "legacy"),
        ("clock", "/servers/clock/mcp", "2026-07-28"),
        ("all", "/mcp", "2026-07-28"),
    ]
    assert all(finding.wrong for finding in found)


class Hiding:
    """A client that turns a cancellation into an error of a stream, as the SDK sometimes does."""

    def __init__(self, *_, **__):
        self.entered = 0

    async def __aenter__(self):
        try:
            await asyncio.sleep(10 * SOON)
        except asyncio.CancelledError:
            raise BrokenPipeError from None

    async def __aexit__(self, *_):
        raise AssertionError("never entered")


async def test_it_ends_when_told_to_though_the_client_hides_it(monkeypatch):
    monkeypatch.setattr(mcp, "Client", Hiding)
    found = []
    check = asyncio.ensure_future(Check("http://127.0.0.1:1", {"clock": ""}, {}, found.append).run())
    await asyncio.sleep(0.1)
    check.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(SOON):
            await check
    assert found == []
