"""Started by an IDE on standard input and output: the same catalogue in both eras, and nothing but protocol on standard output."""

import asyncio
import json
import os
import signal
import sys

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.serve.asking import META
from tests.serve.printed import BY_HAND, COMMAND, ENVIRONMENT, HELLO, HERE, printed
from tests.serve.running import SOON
from tests.upstream.processes import vanished
from tests.upstream.stdio_peers import PROGRAM

pytestmark = pytest.mark.parity("aggregate.transport-stdio")

SDK = {"command": sys.executable, "args": [str(HERE / "sample.py")]}
STATEFUL = {"command": sys.executable, "args": [str(PROGRAM)]}


@pytest.mark.parametrize("era", ["legacy", "2026-07-28", "auto"])
async def test_the_official_client_finds_all_servers(tmp_path, era):
    path = tmp_path / "servers.json"
    path.write_text(json.dumps({"mcpServers": {"hand": BY_HAND, "sdk": SDK}}))
    command, *args = [*COMMAND, "--config", str(path)]
    transport = stdio_client(StdioServerParameters(command=command, args=args, env=ENVIRONMENT))
    async with asyncio.timeout(SOON), Client(transport, mode=era, read_timeout_seconds=SOON, cache=None) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert {"hand__echo", "sdk__echo"} <= names
        progress = []

        async def hear(done, _total, _message):
            progress.append(done)

        result = await client.call_tool("hand__echo", {"nonce": "1"}, progress_callback=hear)
        assert result.content[0].text == "legacy: 1"
        assert progress == [1, 2]


async def test_a_legacy_client_has_a_session_of_its_own(tmp_path):
    async with printed(tmp_path) as client:
        assert (await client.ask("tools/list"))["code"] == -32600, "nothing before initialize"
        assert (await client.greet())["protocolVersion"] == "2025-11-25"
        assert await client.ask("ping") == {}
        result = await client.ask("tools/call", {"name": "hand__echo", "arguments": {"nonce": "7"}})
        assert result["content"][0]["text"] == "legacy: 7"
        assert result["x-result"] == [1, {"two": None}]
        assert client.heard == []
        assert await client.close() == 0


async def test_a_changed_list_is_announced(tmp_path):
    async with printed(tmp_path) as client:
        await client.greet()
        await client.ask("tools/list")
        await client.ask("tools/call", {"name": "hand__grow", "arguments": {"tool": "new"}})
        while {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"} not in client.heard:
            client.heard.append(await client.line())
        assert "hand__new" in [tool["name"] for tool in (await client.ask("tools/list"))["tools"]]


async def test_a_modern_client_needs_no_session(tmp_path):
    async with printed(tmp_path) as client:
        assert "2026-07-28" in (await client.ask("server/discover", modern=True))["supportedVersions"]
        result = await client.ask("tools/call", {"name": "hand__echo", "arguments": {"nonce": "é"}}, modern=True)
        assert (result["content"][0]["text"], result["resultType"]) == ("legacy: é", "complete")
        error = await client.ask("tools/call", {"name": "hand__refuse", "arguments": {"a": 1}}, modern=True)
        assert (error["code"], error["data"]) == (4711, {"a": 1})
        unknown = {**META, "io.modelcontextprotocol/protocolVersion": "2099-01-01"}
        client.say({"jsonrpc": "2.0", "id": "v", "method": "tools/list", "params": {"_meta": unknown}})
        assert (await client.answer("v"))["error"]["data"]["requested"] == "2099-01-01"


@pytest.mark.requirement("modern:listen.id")
async def test_a_modern_client_listens_until_it_cancels(tmp_path):
    async with printed(tmp_path) as client:
        id_ = client.begin("subscriptions/listen", {"notifications": {"toolsListChanged": True}}, modern=True)
        assert (await client.line())["method"] == "notifications/subscriptions/acknowledged"
        await client.ask("tools/call", {"name": "hand__grow", "arguments": {"tool": "new"}}, modern=True)
        while not client.heard:
            client.heard.append(await client.line())
        assert client.heard[0]["method"] == "notifications/tools/list_changed"
        assert client.heard[0]["params"]["_meta"] == {"io.modelcontextprotocol/subscriptionId": id_}
        client.heard.clear()
        client.notify("notifications/cancelled", {"requestId": id_})
        await client.ask("server/discover", modern=True)
        await client.ask("tools/call", {"name": "hand__grow", "arguments": {"tool": "other"}}, modern=True)
        await client.ask("server/discover", modern=True)
        assert [message for message in client.heard if message.get("method") == "notifications/tools/list_changed"] == []


@pytest.mark.parametrize("modern", [True, False])
async def test_a_cancelled_call_is_cancelled_at_the_server_and_has_no_answer(tmp_path, modern):
    async with printed(tmp_path) as client:
        if not modern:
            await client.greet()
        id_ = client.begin("tools/call", {"name": "hand__hang", "arguments": {"key": "k"}}, modern)

        async def state():
            result = await client.ask("tools/call", {"name": "hand__calls_state"}, modern)
            return json.loads(result["content"][0]["text"])

        async with asyncio.timeout(SOON):
            while (await state())["hanging"] != ["k"]:
                pass
            client.notify("notifications/cancelled", {"requestId": id_})
            while (await state())["cancelled"] != ["k"]:
                pass
        await client.close()
        assert [line for line in await client.rest() if json.loads(line).get("id") == id_] == []
        assert [message for message in client.heard if message.get("id") == id_] == []


async def test_a_slow_call_holds_up_no_other(tmp_path):
    async with printed(tmp_path) as client:
        await client.greet()
        client.begin("tools/call", {"name": "hand__hang", "arguments": {"key": "k"}})
        for _ in range(50):
            await client.ask("ping")


@pytest.mark.parametrize(
    ("line", "code"), [(b"{", -32700), (b"[]", -32600), (b"1", -32600), (b'{"jsonrpc":"2.0","id":1}', -32600), (b"\xff", -32700)]
)
async def test_what_is_no_message_is_answered_and_the_next_one_served(tmp_path, line, code):
    async with printed(tmp_path) as client:
        client.say(b"")
        client.say(line)
        error = await client.line()
        assert error["error"]["code"] == code
        assert "result" in await client.answer(client.begin("initialize", HELLO))


async def test_too_long_a_line_is_skipped_and_the_next_one_served(tmp_path):
    async with printed(tmp_path, limits={"max_body_bytes": 1000}) as client:
        client.say(b"x" * 1_000_000)
        error = (await client.line())["error"]
        assert (error["code"], error["message"]) == (-32600, "the line exceeds 1000 bytes (limits.max_body_bytes)")
        await client.greet()
        assert await client.ask("ping") == {}


async def test_a_batch_is_answered_where_its_revision_has_batches(tmp_path):
    async with printed(tmp_path) as client:
        await client.greet("2025-03-26")
        pings = [{"jsonrpc": "2.0", "id": id_, "method": "ping"} for id_ in ("a", "b")]
        client.say(pings)
        assert [message["id"] for message in sorted(await client.line(), key=lambda message: message["id"])] == ["a", "b"]
        await client.greet("2025-11-25")
        client.say(pings)
        assert (await client.line())["error"]["code"] == -32600


async def test_a_second_handshake_begins_anew(tmp_path):
    async with printed(tmp_path, {"s": {**STATEFUL, "process": {"sharing": "session"}}}) as client:
        counted = []
        for _ in range(2):
            await client.greet()
            results = [await client.ask("tools/call", {"name": "s__count"}) for _ in range(2)]
            counted += [result["structuredContent"] for result in results]
        assert [answer["calls"] for answer in counted] == [1, 2, 1, 2]
        assert await vanished(counted[0]["pid"])


async def test_the_end_of_input_lets_calls_finish_and_ends_everything(tmp_path):
    # Time for a server that starts with the first of the calls: on a busy machine that took longer than the usual 5 s.
    async with printed(tmp_path, {"s": STATEFUL, "sdk": SDK}, limits={"drain_seconds": SOON / 2}) as client:
        await client.greet()
        pid = (await client.ask("tools/call", {"name": "s__count"}))["structuredContent"]["pid"]
        last = [client.begin("tools/call", {"name": "sdk__echo", "arguments": {"nonce": str(number)}}) for number in range(20)]
        assert await client.close() == 0
        answered = {json.loads(line)["id"]: json.loads(line) for line in await client.rest()}
        assert set(last) <= set(answered)
        assert all("result" in answered[id_] for id_ in last)
        assert await vanished(pid)


async def test_a_call_that_does_not_finish_is_told_that_the_proxy_ends(tmp_path):
    async with printed(tmp_path, limits={"drain_seconds": 0.4}) as client:
        await client.greet()
        id_ = client.begin("tools/call", {"name": "hand__hang", "arguments": {"key": "k"}})
        await client.ask("ping")
        assert await client.close() == 0
        answers = [json.loads(line) for line in await client.rest()]
        assert [answer["error"]["data"]["reason"] for answer in answers if answer.get("id") == id_] == ["draining"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_though_input_is_open(tmp_path, number):
    async with printed(tmp_path, {"s": STATEFUL}) as client:
        await client.greet()
        pid = (await client.ask("tools/call", {"name": "s__count"}))["structuredContent"]["pid"]
        client.process.send_signal(number)
        assert await asyncio.wait_for(client.process.wait(), SOON) == 0
        assert await vanished(pid)


async def test_a_proxy_that_is_killed_takes_its_children_along(tmp_path):
    async with printed(tmp_path, {"s": STATEFUL}) as client:
        await client.greet()
        pid = (await client.ask("tools/call", {"name": "s__count"}))["structuredContent"]["pid"]
        client.process.kill()
        assert await vanished(pid)


async def test_a_client_that_reads_no_more_ends_it_though_input_is_open(tmp_path):
    path = tmp_path / "servers.json"
    path.write_text(json.dumps({"servers": {"hand": BY_HAND}}))
    reads, writes = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "--config",
        str(path),
        stdin=asyncio.subprocess.PIPE,
        stdout=writes,
        stderr=asyncio.subprocess.PIPE,
        env=ENVIRONMENT,
    )
    os.close(writes)
    os.close(reads)
    process.stdin.write(b"{\n")
    assert await asyncio.wait_for(process.wait(), SOON) == 0


async def test_input_and_output_may_be_files(tmp_path):
    config, asked, told = tmp_path / "servers.json", tmp_path / "asked", tmp_path / "told"
    config.write_text(json.dumps({"servers": {"hand": BY_HAND}}))
    call = {"name": "hand__echo", "arguments": {"nonce": "file"}, "_meta": META}
    asked.write_text(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}))  # without a last line break
    with asked.open("rb") as source, told.open("wb") as target:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "--config", str(config), stdin=source, stdout=target, stderr=asyncio.subprocess.PIPE, env=ENVIRONMENT
        )
        _, errors = await asyncio.wait_for(process.communicate(), SOON)
    answers = [json.loads(line) for line in told.read_text().splitlines()]
    assert [answer["result"]["content"][0]["text"] for answer in answers if "id" in answer] == ["legacy: file"]
    assert b"serving 1 servers on standard input and output" in errors
