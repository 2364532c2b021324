"""Stdio servers that are not there, die, hang, flood or talk nonsense: the exact error, and no other server is disturbed."""

import asyncio
import itertools
import sys
from pathlib import Path

import pytest

from mcp_stack_proxy.upstream import backoff
from tests.serve.asking import ModernAsker, http
from tests.serve.beside import DISCOVERY_TIMEOUT, INVALID, SILENT, TIMEOUT, UNREACHABLE, assert_told, beside, failing
from tests.serve.running import SOON, running, until

HERE = Path(__file__).parent


def program(source, **env):
    return {"command": sys.executable, "args": ["-c", source], "env": env}


GREETS = """
import json, os, sys, time
def say(**m): print(json.dumps({"jsonrpc": "2.0", **m}), flush=True)
for line in sys.stdin:
    m = json.loads(line); method = m.get("method")
    if method == "initialize":
        info = {"name": "x", "version": "0"}
        say(id=m["id"], result={"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": info})
    elif method == "server/discover":
        say(id=m["id"], error={"code": -32601, "message": "no"})
    elif method == "tools/call":
        id_ = m["id"]
        exec(os.environ["THEN"])
"""


async def test_a_program_that_does_not_exist_is_named_without_its_path():
    async with beside({"command": "/opt/secret/no-such-program"}) as (gateway, client):
        for era, route in itertools.product(["modern", "legacy"], ["one", "all"]):
            error = await failing(gateway, client, era, route)
            assert_told(error, UNREACHABLE, "program 'no-such-program' was not found", retryable=True)
            assert error["data"]["hint"] == "install it, or correct `command`"
            assert "/opt" not in str(error)


@pytest.mark.parametrize("route", ["one", "all"])
@pytest.mark.parity("aggregate.backend-stdio")
async def test_a_child_that_dies_in_a_call_is_an_error_and_starts_again(route, caplog, monkeypatch):
    monkeypatch.setattr(backoff, "FIRST_SECONDS", 10 * SOON)
    dies = program(GREETS, THEN="print('last words', file=sys.stderr, flush=True); os._exit(3)")
    async with beside(dies) as (gateway, client):
        error = await failing(gateway, client, "modern", route)
        assert_told(error, UNREACHABLE, "its process exited with code 3 before it answered", retryable=False)
        assert "last words" in caplog.text
        assert "last words" not in str(error)
        assert gateway.gateway.connected() == 1
        error = await failing(gateway, client, "modern", route)
        assert_told(error, UNREACHABLE, "its process exited with code 3; next attempt in ", retryable=True)
        gateway.peer("bad")._supervisor._backoff._not_before = 0
        error = await failing(gateway, client, "modern", route)
        assert_told(error, UNREACHABLE, "its process exited with code 3 before it answered")


async def test_a_child_that_hangs_is_cancelled_and_lives_on():
    hangs = program(GREETS, THEN="pass")
    async with beside(hangs, exchange_seconds=0.6) as (gateway, client):
        assert_told(await failing(gateway, client, "modern", "all"), SILENT, "said nothing for 0.6 s", retryable=False)
        assert gateway.gateway.connected() == 2


async def test_a_child_that_prints_what_it_likes_is_understood_all_the_same(caplog):
    noisy = program(GREETS, THEN="[print('Loading {', i) for i in range(3000)]; say(id=id_, result={'content': []})")
    async with beside(noisy) as (gateway, client):
        assert await ModernAsker(client, gateway.mcp("bad")).result("tools/call", {"name": "t"})
        lines = [record.getMessage() for record in caplog.records if "no MCP message" in record.getMessage()]
        assert len(lines) == 5
        assert lines[0] == "server bad wrote a line that is no MCP message: the body is not valid JSON"
        assert lines[-1].endswith("; more of them are not reported")


@pytest.mark.parametrize(
    "then",
    [
        "[print('x' * 60, flush=False) for i in range(10**7)]",
        "[say(method='notifications/progress', params={'progressToken': id_, 'progress': i}) for i in range(10**7)]",
        "[say(id=i, result={}) for i in range(10**9, 10**10)]",
    ],
    ids=["garbage", "progress", "answers to nobody"],
)
async def test_a_child_that_floods_keeps_nobody_else_waiting(then):
    async with beside(program(GREETS, THEN=then), request_seconds=1, exchange_seconds=1) as (gateway, client):
        asker = ModernAsker(client, gateway.mcp("bad"))
        error = await asker.error("tools/call", {"name": "t"}, meta={"progressToken": "p"})
        assert error["code"] == TIMEOUT


async def test_a_line_without_end_is_not_kept():
    async with beside(program(GREETS, THEN="sys.stdout.write('x' * 10**6); sys.stdout.flush()")) as (gateway, client):
        error = await failing(gateway, client, "modern", "one")
        assert_told(error, INVALID, "sent a line of more than 200000 bytes")


@pytest.mark.parametrize(
    "then",
    [
        "print(json.dumps({'jsonrpc': '2.0', 'id': int('9' * 4000), 'result': {}})); say(id=id_, result={'content': []})",
        "say(method='notifications/progress', params=[1]); say(id=id_, result={'content': []})",
        "say(method='notifications/progress', params={'progressToken': {}}); say(id=id_, result={'content': []})",
        "say(id='x', result={}); say(id=id_, result={'content': []})",
    ],
)
async def test_nonsense_between_the_lines_is_left_out(then):
    async with beside(program("import sys; sys.set_int_max_str_digits(0)\n" + GREETS, THEN=then)) as (gateway, client):
        result = await ModernAsker(client, gateway.mcp("bad")).result("tools/call", {"name": "t"}, meta={"progressToken": "p"})
        assert result["content"] == []


@pytest.mark.parametrize(
    ("source", "code", "message", "limits"),
    [
        ("import sys; sys.exit(7)", UNREACHABLE, "its process exited with code 7 before it answered", {}),
        ("import sys; sys.stdin.read()", DISCOVERY_TIMEOUT, "did not answer in time", {"discovery_seconds": 1}),
        (
            "import sys,json\nfor l in sys.stdin: print(json.dumps({'jsonrpc':'2.0','id':json.loads(l)['id'],"
            "'error':{'code':1,'message':'no'}}), flush=True)",
            INVALID,
            "refused to initialize",
            {},
        ),
    ],
)
async def test_a_child_that_never_greets_is_a_clear_error(source, code, message, limits):
    async with beside(program(source), **limits) as (gateway, client):
        assert_told(await failing(gateway, client, "modern", "all"), code, message)


async def test_many_calls_share_one_start():
    """Single flight: all who wait have one attempt, and one child."""
    async with running({"bad": {"command": sys.executable, "args": [str(HERE / "sample.py")]}}) as gateway, http() as client:
        asker = ModernAsker(client, gateway.mcp("bad"))
        await asyncio.gather(*(asker.result("tools/call", {"name": "echo", "arguments": {"nonce": "1"}}) for _ in range(20)))
        assert gateway.peer("bad")._supervisor.counters.starts == 1
        await until(lambda: not gateway.peer("bad")._conversation._inboxes)
