"""One server as it is."""

import pytest
from msgspec import Raw

from mcp_stack_proxy.catalog.offer import Watchers
from mcp_stack_proxy.catalog.single import SingleServer
from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.handshake import OURSELVES
from tests.catalog.scripted import Server, answering, call, soon


async def test_a_server_is_introduced_in_its_own_words():
    server = Server()
    server.capabilities = {"tools": Raw(b'{"listChanged": true}'), "experimental": Raw(b'{"x":{"y": 1.0}}'), "odd": Raw(b"true")}
    server.server, server.instructions = Raw(b'{"name":"clock", "title":"T"}'), Raw(b'"Ask me."')
    introduction = await SingleServer("clock", server, Watchers()).introduce(soon())
    assert {name: bytes(value) for name, value in introduction.capabilities.items()} == {
        "tools": b'{"listChanged": true}',
        "experimental": b'{"x":{"y": 1.0}}',
        "odd": b"true",
    }
    assert (introduction.server, introduction.instructions) == (server.server, server.instructions)


@pytest.mark.requirement("lists:capability")
async def test_tasks_are_offered_and_resources_can_be_followed():
    server = Server()
    server.capabilities = {"resources": Raw(b'{"subscribe":true,"listChanged":true}'), "tasks": Raw(b"{}")}
    introduction = await SingleServer("clock", server, Watchers()).introduce(soon())
    assert introduction.capabilities == server.capabilities


async def test_a_resource_is_followed_at_the_server_and_the_client_is_spoken_for():
    server, heard = Server(), []
    single = SingleServer("clock", server, Watchers())
    stop = await single.subscribe("note://a", heard.append, soon())
    server.update("note://a")
    stop()
    server.update("note://a")
    single.told("session", b"n")
    assert (heard, server.said) == (["note://a"], [("session", b"n")])


async def test_a_server_that_does_not_name_itself_is_introduced_under_our_name():
    introduction = await SingleServer("clock", Server(), Watchers()).introduce(soon())
    assert (introduction.server, introduction.instructions) == (OURSELVES, None)


async def test_a_server_that_cannot_be_reached_cannot_be_introduced():
    server = Server()
    server.fault = UpstreamError(Reason.UNREACHABLE, "is gone")
    with pytest.raises(UpstreamError, match="is gone"):
        await SingleServer("clock", server, Watchers()).introduce(soon())


async def test_calls_go_through_untouched_and_changes_are_told():
    server, watchers, heard = Server(), Watchers(), []
    server.answers["tools/call"] = answering(Raw(b'{"content":[{"type":"resource_link","uri":"file:///a"}]}'))
    single = SingleServer("clock", server, watchers)
    asked = call("tools/call", name="a__b")
    answer = await single.call(asked)
    assert server.calls == [asked]
    assert bytes(answer.value) == b'{"content":[{"type":"resource_link","uri":"file:///a"}]}'
    stop = single.watch(heard.append)
    watchers.tell("tools")
    stop()
    watchers.tell("tools")
    assert (single.name, heard) == ("clock", ["tools"])
