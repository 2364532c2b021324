"""The legacy-only HTTP example: notes that survive, and clients that hear of them."""

import asyncio
import http.client
import json
import signal
from urllib.parse import urlsplit

import pytest
from mcp import Client
from mcp_types import PromptReference, ResourceListChangedNotification

from tests.deadlines import SOON
from tests.examples.servers.running import LEGACY_PYTHON, serving


@pytest.fixture
def notes(tmp_path):
    return lambda: serving("notes.py", "--directory", tmp_path / "notes", python=LEGACY_PYTHON)


async def test_a_note_is_written_found_read_and_deleted(notes):
    with notes() as server:
        async with Client(server.url) as client:
            assert client.protocol_version == "2025-11-25"
            assert (await client.call_tool("write", {"title": "plan", "text": "Buy milk.\nCall Ada."})).content[
                0
            ].text == "wrote plan"
            found = (await client.call_tool("search", {"words": "ADA call"})).structured_content
            assert found == {"result": [{"title": "plan", "line": 2, "text": "Call Ada."}]}
            assert (await client.read_resource("note://plan")).contents[0].text == "Buy milk.\nCall Ada."
            assert json.loads((await client.read_resource("note://index")).contents[0].text) == ["plan"]
            assert (await client.call_tool("delete", {"title": "plan"})).content[0].text == "deleted plan"
            assert (await client.call_tool("search", {"words": "ada"})).structured_content == {"result": []}


async def test_notes_survive_a_restart(notes):
    with notes() as server:
        async with Client(server.url) as client:
            await client.call_tool("write", {"title": "kept", "text": "still here"})
            server.process.kill()
    with notes() as server:
        async with Client(server.url) as client:
            assert (await client.read_resource("note://kept")).contents[0].text == "still here"


async def test_a_new_note_is_announced_and_a_replaced_one_is_not(notes):
    changed = asyncio.Queue()

    async def heard(message):
        if isinstance(message, ResourceListChangedNotification):
            changed.put_nowait(message)

    with notes() as server:
        async with Client(server.url, message_handler=heard) as client:
            assert client.server_capabilities.resources.list_changed
            await client.call_tool("write", {"title": "new", "text": "x"})
            async with asyncio.timeout(SOON):
                await changed.get()
            assert (await client.call_tool("write", {"title": "new", "text": "y"})).content[0].text == "replaced new"
            await client.call_tool("delete", {"title": "new"})
            async with asyncio.timeout(SOON):
                await changed.get()
            assert changed.empty()


async def test_a_title_cannot_leave_the_directory(notes, tmp_path):
    with notes() as server:
        async with Client(server.url) as client:
            for title in ("../outside", "a/b", ".hidden", "", "a" * 81, "a\n"):
                assert (await client.call_tool("write", {"title": title, "text": "x"})).is_error, title
    assert list((tmp_path / "notes").glob("*")) == []
    assert not (tmp_path / "outside.md").exists()


async def test_prompt_completion_and_a_missing_note(notes):
    with notes() as server:
        async with Client(server.url) as client:
            await client.call_tool("write", {"title": "alpha", "text": "first"})
            await client.call_tool("write", {"title": "beta", "text": "second"})
            found = await client.complete(PromptReference(name="summarise"), {"name": "title", "value": "AL"})
            assert found.completion.values == ["alpha"]
            assert "first" in (await client.get_prompt("summarise", {"title": "alpha"})).messages[0].content.text
            missing = await client.call_tool("delete", {"title": "gamma"})
            assert missing.is_error
            assert "there is no note 'gamma'" in missing.content[0].text


async def test_it_does_not_know_the_modern_revision(notes):
    with notes() as server:
        parts = urlsplit(server.url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=SOON)
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2026-07-28",
            "Mcp-Method": "tools/list",
        }
        connection.request("POST", parts.path, json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}), headers)
        assert connection.getresponse().status == 400
        connection.close()


async def test_it_ends_at_once_though_a_client_is_connected(notes):
    with notes() as server:
        async with Client(server.url) as client:
            await client.list_tools()
            assert server.stop() == -signal.SIGTERM
