"""Wrapped programs behind the whole gateway: both eras, both routes, and what callers and programs do to each other."""

import asyncio
import json
import shutil
import subprocess
import sys
import textwrap

import jsonschema
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from tests.serve.asking import ModernAsker, http
from tests.serve.running import running, until
from tests.upstream.processes import dead, members

pytestmark = pytest.mark.parity("aggregate.backend-cli")

PROGRAM = """
    import argparse, json, os, subprocess, sys, time

    parser = argparse.ArgumentParser(prog="tool", description="A tool for tests.")
    commands = parser.add_subparsers(dest="command", required=True)
    say = commands.add_parser("say", help="Says what it is given")
    say.add_argument("words", nargs="*")
    say.add_argument("--as", dest="style", choices=["list", "text"], default="list", help="How to say it")
    say.add_argument("--note", help="A note")
    say.add_argument("--times", type=int, metavar="INTEGER")
    say.add_argument("-v", "--verbose", action="store_true")
    fail = commands.add_parser("fail", help="Fails")
    fail.add_argument("--code", required=True)
    raw = commands.add_parser("raw", help="Writes bytes")
    raw.add_argument("hex")
    raw.add_argument("--times", type=int, default=1, metavar="INT")
    read = commands.add_parser("read", help="Reads its input")
    wait = commands.add_parser("wait", help="Starts a child and waits")
    wait.add_argument("file")
    count = commands.add_parser("count", help="Counts")
    count.add_argument("--to", type=int, metavar="INT", default=3)
    given = parser.parse_args()

    if given.command == "say":
        out = {"argv": sys.argv[1:], "environment": sorted(os.environ), "words": given.words, "note": given.note}
        print(json.dumps(out))
    elif given.command == "fail":
        print("as asked", file=sys.stderr)
        sys.exit(int(given.code))
    elif given.command == "raw":
        for _ in range(given.times):
            sys.stdout.buffer.write(bytes.fromhex(given.hex))
    elif given.command == "read":
        print(len(sys.stdin.read()))
    elif given.command == "wait":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        with open(given.file + ".part", "w") as out:
            out.write(f"{os.getpid()} {child.pid}")
        os.rename(given.file + ".part", given.file)
        print("waiting", flush=True)
        child.wait()
    elif given.command == "count":
        for number in range(given.to):
            print("line", number, flush=True)
"""


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "tool.py"
    path.write_text(textwrap.dedent(PROGRAM))
    return path


def server(program, **cli):
    return {"command": sys.executable, "args": [str(program)], "cli": {"prefix": "tool", **cli}}


def said(result):
    assert not result.is_error, result.content
    return json.loads(result.structured_content["stdout"])


def words(said):
    return said["argv"]


@pytest.mark.parametrize("route", ["aggregate", "single"])
async def test_subcommands_are_tools_whose_results_fit_their_schemas(program, era, route):
    prefix = "box__" if route == "aggregate" else ""
    async with running({"box": server(program, read_only=["tool_say", "tool_c*"])}) as gateway:
        url = gateway.mcp(None if route == "aggregate" else "box")
        async with Client(streamable_http_client(url), mode=era) as client:
            tools = {tool.name.removeprefix(prefix): tool for tool in (await client.list_tools()).tools}
            assert [*tools] == ["tool_say", "tool_fail", "tool_raw", "tool_read", "tool_wait", "tool_count"]
            say = tools["tool_say"]
            assert say.description == "Says what it is given"
            assert say.input_schema == {
                "type": "object",
                "properties": {
                    "as": {"type": "string", "enum": ["list", "text"], "description": "How to say it"},
                    "note": {"type": "string", "description": "A note"},
                    "times": {"type": "integer"},
                    "verbose": {"type": "boolean"},
                    "words": {"type": "array", "items": {"type": "string"}},
                },
                "additionalProperties": False,
            }
            assert tools["tool_fail"].input_schema["required"] == ["code"]
            assert [name for name, tool in tools.items() if tool.annotations] == ["tool_say", "tool_count"]
            assert say.annotations.read_only_hint is True
            assert say.annotations.destructive_hint is None

            result = await client.call_tool(f"{prefix}tool_say", {"words": ["a b", "c"], "times": 2, "verbose": True})
            jsonschema.validate(result.structured_content, say.output_schema)
            assert words(said(result)) == ["say", "--times=2", "--verbose", "a b", "c"]
            assert result.content[0].text == result.structured_content["stdout"]

            result = await client.call_tool(f"{prefix}tool_fail", {"code": 3})
            assert result.is_error
            assert "code" in result.content[0].text

            result = await client.call_tool(f"{prefix}tool_fail", {"code": "3"})
            jsonschema.validate(result.structured_content, say.output_schema)
            assert result.is_error
            assert (result.structured_content["exit_code"], result.structured_content["stderr"]) == (3, "as asked\n")
            assert [block.text for block in result.content] == ["stderr:\nas asked\n", "It exited with code 3"]

            with pytest.raises(MCPError, match="Unknown tool"):
                await client.call_tool(f"{prefix}tool_none", {})
            if route == "single":
                with pytest.raises(MCPError, match="Method not found"):
                    await client.list_resources()
    await gateway.quiet()


INJECTIONS = [
    "; touch x",
    "$(touch x)",
    "`touch x`",
    "a\ntouch x",
    "a && touch x",
    "| touch x",
    "> x",
    "'\"\\",
    "%s",
    "*",
    "~",
    "",
    " ",
]


@pytest.mark.parametrize("text", INJECTIONS)
async def test_no_value_is_more_than_one_word(program, tmp_path, text):
    async with running({"box": {**server(program), "cwd": str(tmp_path)}}) as gateway, http() as client:
        asker = ModernAsker(client, gateway.mcp())
        result = await asker.result("tools/call", {"name": "box__tool_say", "arguments": {"words": [text, text], "note": text}})
        out = json.loads(result["structuredContent"]["stdout"])
        assert out["words"] == [text, text]
        assert out["note"] == text
        assert not (tmp_path / "x").exists()


async def test_no_value_becomes_an_option(program):
    async with running({"box": server(program), "open": server(program, end_of_options="--")}) as gateway, http() as client:
        asker = ModernAsker(client, gateway.mcp())

        async def call(server, **arguments):
            return await asker.result("tools/call", {"name": f"{server}__tool_say", "arguments": arguments})

        refused = await call("box", words=["--note=x"])
        assert refused["isError"] is True
        assert "`words` begins with `-`" in refused["content"][0]["text"]
        assert "--note=x" not in refused["content"][0]["text"]
        joined = json.loads((await call("box", note="--verbose"))["structuredContent"]["stdout"])
        assert (joined["note"], joined["argv"]) == ("--verbose", ["say", "--note=--verbose"])
        behind = json.loads((await call("open", words=["--note=x", "-v"]))["structuredContent"]["stdout"])
        assert (behind["words"], behind["note"]) == (["--note=x", "-v"], None)


async def test_a_program_sees_its_own_environment_alone(program, monkeypatch):
    monkeypatch.setenv("SECRET_OF_ANOTHER", "x")
    async with running({"box": {**server(program), "env": {"OWN": "1"}}}) as gateway, http() as client:
        result = await ModernAsker(client, gateway.mcp()).result("tools/call", {"name": "box__tool_say", "arguments": {}})
        seen = set(json.loads(result["structuredContent"]["stdout"])["environment"])
        assert {"OWN", "NO_COLOR", "TERM", "PAGER"} <= seen
        assert seen <= {"OWN", "NO_COLOR", "TERM", "PAGER", "MANPAGER", "PATH", "HOME", "LANG", "TZ", "LC_CTYPE"}


async def test_there_is_nothing_to_read_but_what_the_call_brings(program):
    async with running({"deaf": server(program), "box": server(program, stdin=True)}) as gateway, http() as client:
        asker = ModernAsker(client, gateway.mcp())
        nothing = await asker.result("tools/call", {"name": "deaf__tool_read", "arguments": {}})
        assert nothing["structuredContent"]["stdout"] == "0\n"
        text = await asker.result("tools/call", {"name": "box__tool_read", "arguments": {"stdin": "é" * 300_000}})
        assert text["structuredContent"]["stdout"] == "300000\n"
        refused = await asker.result("tools/call", {"name": "deaf__tool_read", "arguments": {"stdin": "x"}})
        assert "`stdin` is no argument of this tool" in refused["content"][0]["text"]
        unread = await asker.result("tools/call", {"name": "box__tool_say", "arguments": {"stdin": "x" * 1_000_000}})
        assert unread["structuredContent"]["exit_code"] == 0


async def test_output_that_is_no_text_and_output_without_end(program):
    async with running({"box": server(program, max_output_bytes=1000)}) as gateway, http() as client:
        asker = ModernAsker(client, gateway.mcp())

        async def raw(hexadecimal, times=1):
            arguments = {"hex": hexadecimal, "times": times}
            return await asker.result("tools/call", {"name": "box__tool_raw", "arguments": arguments})

        assert (await raw("ff00c328e282ac1b5b31"))["structuredContent"]["stdout"] == "\ufffd\0\ufffd(€\x1b[1"
        long = (await raw("e282ac", 5000))["structuredContent"]
        assert (long["truncated"], long["exit_code"]) == (True, 0)
        assert long["stdout"] == "€" * 166 + "\n[14000 bytes left out]\n" + "€" * 166
        flood = await raw("79" * 1000, 1_000_000)
        assert flood["isError"] is True
        assert "more than 64000 bytes" in flood["content"][-1]["text"]
        assert len(flood["structuredContent"]["stdout"]) < 1100


def wait_call(directory):
    return {"name": "box__tool_wait", "arguments": {"file": str(directory / "pids")}}


async def waiting(file):
    """Process ids of the program and its child, once both run."""
    await until(file.exists)
    return [int(pid) for pid in file.read_text().split()]


async def test_a_run_that_takes_too_long_is_ended_with_its_children(tmp_path):
    script = f"sleep 600 & echo $$ $! > {tmp_path}/pids; echo waiting; wait"  # a shell says so in no time
    cli = {"timeout_seconds": 2, "presets": [{"name": "wait", "args": ["-c", script]}]}
    async with running({"box": {"command": "sh", "cli": cli}}) as gateway, http() as client:
        result = await ModernAsker(client, gateway.mcp()).result("tools/call", {"name": "box__wait", "arguments": {}})
        assert result["isError"] is True
        assert result["structuredContent"]["timed_out"] is True
        assert result["structuredContent"]["stdout"] == "waiting\n"
        assert result["content"][-1]["text"] == "It was ended because it did not end by itself within 2 s"
        for pid in await waiting(tmp_path / "pids"):
            assert await dead(pid)


@pytest.mark.parametrize("progress", [False, True])
async def test_a_cancelled_call_ends_its_run(program, tmp_path, progress):
    async with running({"box": server(program)}) as gateway, http() as client:
        meta = {"progressToken": "p"} if progress else {}
        asker = ModernAsker(client, gateway.mcp())
        call = asyncio.ensure_future(asker.ask("tools/call", wait_call(tmp_path), meta=meta))
        pids = await waiting(tmp_path / "pids")
        call.cancel()
        await asyncio.wait({call})
        for pid in pids:
            assert await dead(pid)
        assert members(pids[0]) == []
        await gateway.quiet()


async def test_closing_the_gateway_ends_what_runs(program, tmp_path):
    async with http() as client:
        async with running({"box": server(program)}) as gateway:
            call = asyncio.ensure_future(ModernAsker(client, gateway.mcp()).ask("tools/call", wait_call(tmp_path)))
            pids = await waiting(tmp_path / "pids")
        await asyncio.wait({call})
        for pid in pids:
            assert await dead(pid)


async def test_lines_come_as_progress_while_it_runs(program, era):
    async with running({"box": server(program)}) as gateway, Client(streamable_http_client(gateway.mcp()), mode=era) as client:
        seen = []

        async def progress(done, total, message):
            seen.append((done, total, message))

        result = await client.call_tool("box__tool_count", {"to": 4}, progress_callback=progress)
        assert result.structured_content["stdout"].count("line") == 4
        await until(lambda: len(seen) == 4)
        assert seen == [(number + 1, None, f"line {number}") for number in range(4)]


async def test_a_program_that_is_not_there_is_a_partial_error(program):
    servers = {
        "good": server(program),
        "gone": {"command": "/opt/no-such-program", "cli": True},
        "mute": {"command": sys.executable, "args": ["-c", ""], "cli": {"prefix": "mute"}},
    }
    servers["loud"] = {"command": sys.executable, "args": ["-c", "raise SystemExit(1)"], "cli": True}
    servers["wrong"] = server(program, subcommands=["say", "sya"])
    async with running(servers) as gateway, http() as client:
        asker = ModernAsker(client, gateway.mcp())
        result = await asker.result("tools/list", {})
        names = [tool["name"] for tool in result["tools"]]
        assert "good__tool_say" in names
        assert "mute__mute" in names, "nothing is known of it but that it runs"
        partial = {one["server"]: one for one in result["_meta"]["mcp-stack/partial"]}
        assert partial["gone"]["message"] == "program 'no-such-program' was not found"
        assert partial["gone"]["reason"] == "upstream-unreachable"
        assert partial["loud"]["message"].endswith(" --help` prints no help, and exits with code 1")
        assert "cli.help" in partial["loud"]["hint"]
        assert "no subcommand 'sya'" in partial["wrong"]["message"]
        assert {*partial} == {"gone", "loud", "wrong"}
        error = await asker.error("tools/call", {"name": "gone__x", "arguments": {}})
        assert error["data"]["reason"] == "upstream-unreachable"


async def test_a_replaced_program_is_read_again(program):
    async with running({"box": server(program)}, limits={"catalog_seconds": 0.001}) as gateway, http() as client:
        asker = ModernAsker(client, gateway.mcp())
        first = await asker.result("tools/list", {})
        other = program.with_suffix(".new")
        other.write_text(program.read_text().replace('"fail"', '"stumble"'))
        other.replace(program)
        second = await asker.result("tools/list", {})
        assert "box__tool_fail" in [tool["name"] for tool in first["tools"]]
        assert "box__tool_stumble" in [tool["name"] for tool in second["tools"]]


async def test_presets_are_tools_without_any_look_at_the_help(program, tmp_path):
    presets = [{"name": "hello", "args": ["say", "hello", "--note=$HOME"], "description": "Says hello"}]
    async with running({"box": {**server(program), "cli": {"presets": presets}}}) as gateway, http() as client:
        asker = ModernAsker(client, gateway.mcp())
        (tool,) = (await asker.result("tools/list", {}))["tools"]
        assert (tool["name"], tool["description"]) == ("box__hello", "Says hello")
        assert tool["inputSchema"] == {"type": "object", "properties": {}, "additionalProperties": False}
        result = await asker.result("tools/call", {"name": "box__hello", "arguments": {}})
        assert json.loads(result["structuredContent"]["stdout"])["argv"] == ["say", "hello", "--note=$HOME"]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
async def test_git_is_wrapped(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=T", "-c", "user.email=t@example.com"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    (tmp_path / "--weird").write_text("x")
    git("add", "--all")
    git("commit", "-q", "-m", "first; touch x")
    cli = {"help": "-h", "subcommands": ["log", "status", "ls-files", "clone"], "options": {"deny": ["--upload-pack", "-c"]}}
    async with running({"git": {"command": "git", "cwd": str(tmp_path), "cli": cli}}) as gateway, http() as client:
        asker = ModernAsker(client, gateway.mcp())

        async def call(tool, **arguments):
            return await asker.result("tools/call", {"name": f"git__git_{tool}", "arguments": arguments})

        tools = {tool["name"]: tool for tool in (await asker.result("tools/list", {}))["tools"]}
        assert [*tools] == ["git__git_log", "git__git_status", "git__git_ls-files", "git__git_clone"]
        clone = tools["git__git_clone"]["inputSchema"]["properties"]
        assert {"repo", "dir", "bare"} <= {*clone}
        assert not {"upload_pack", "config"} & {*clone}
        assert "first; touch x" in (await call("log"))["structuredContent"]["stdout"]
        weird = await call("log", path=["--weird"])
        assert "first" in weird["structuredContent"]["stdout"]
        refused = await call("log", revision_range="--output=x")
        assert refused["isError"] is True
        assert "structuredContent" not in refused
        attack = await call("clone", repo="--upload-pack=touch x", dir="there")
        assert attack["isError"] is True
        assert "does not exist" in attack["structuredContent"]["stderr"]
        assert not (tmp_path / "x").exists()


@pytest.mark.skipif(shutil.which("tar") is None, reason="tar is not installed")
async def test_tar_is_one_tool(tmp_path):
    (tmp_path / "a").write_text("a")
    async with (
        running(
            {"tar": {"command": "tar", "cwd": str(tmp_path), "cli": {"options": {"deny": ["--to-command", "--checkpoint-action"]}}}}
        ) as gateway,
        http() as client,
    ):
        asker = ModernAsker(client, gateway.mcp())
        (tool,) = (await asker.result("tools/list", {}))["tools"]
        assert tool["name"] == "tar__tar"
        assert "to_command" not in tool["inputSchema"]["properties"]
        made = await asker.result("tools/call", {"name": "tar__tar", "arguments": {"create": True, "file": "x.tar", "FILE": ["a"]}})
        assert "isError" not in made
        seen = await asker.result("tools/call", {"name": "tar__tar", "arguments": {"list": True, "file": "x.tar"}})
        assert seen["structuredContent"]["stdout"] == "a\n"
