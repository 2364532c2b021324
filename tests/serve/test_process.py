"""A real process: what it says at its start, how it ends, and that nothing outlives it."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.serve.asking import LegacyAsker, ModernAsker, events, http
from tests.serve.running import SOON, hosted, until
from tests.serve.scripted import Scripted

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CLI = [sys.executable, "-m", "mcp_stack_proxy.cli"]
PARENT = """
import os, subprocess, sys
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(os.environ["PIDS"], "a").write(f"{os.getpid()} {grandchild.pid}\\n")
exec(open(os.environ["SERVER"]).read())
"""


def environment(**more):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": f"{ROOT}/proxy:{ROOT}", **more}


class Process:
    """A proxy that serves, and what it logs."""

    def __init__(self, process, url):
        self.process = process
        self.url = url
        self.lines = []

    async def follow(self):
        async for line in self.process.stderr:
            self.lines.append(line.decode().rstrip())

    async def ended(self):
        async with asyncio.timeout(SOON):
            return await self.process.wait()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)


@asynccontextmanager
async def serving(config, tmp_path, *more, **env):
    """`mcp-stack-proxy serve` with `config`, and `more` on its command line."""
    path = tmp_path / "proxy.json"
    path.write_text(json.dumps(config))
    arguments = ["serve", "--config", str(path), "--listen", "127.0.0.1:0", *more]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*CLI, *arguments, stderr=pipe, env=environment(**env))
    found = Process(process, None)
    following = asyncio.create_task(found.follow())
    try:
        line = await until(lambda: next((line for line in found.lines if "serving" in line), None), lambda: found.lines)
        found.url = re.search(r"http://[^/]+", line)[0]
        yield found
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await following


@asynccontextmanager
async def beside_proxy(server, tmp_path, **limits):
    """A proxy for one server, and a client."""
    async with (
        hosted(server) as url,
        http() as client,
        asyncio.timeout(SOON),
        serving({"servers": {"s": {"url": url}}, "limits": limits}, tmp_path) as proxy,
    ):
        yield client, proxy


async def cli(*arguments, **env):
    """Exit code, stdout and stderr of a command that ends by itself."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*CLI, *arguments, stdout=pipe, stderr=pipe, env=environment(**env))
    async with asyncio.timeout(SOON):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def alive(pid):
    with suppress(OSError):
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture
def family(tmp_path):
    """A stdio server with a child of its own, and the ids of both."""
    pids = tmp_path / "pids"
    env = {"PIDS": str(pids), "SERVER": str(HERE / "legacy_stdio.py")}
    return {"command": sys.executable, "args": ["-c", PARENT], "env": env}, lambda: [int(pid) for pid in pids.read_text().split()]


async def nap(params, request):
    await asyncio.sleep(params["arguments"]["seconds"])
    return {"content": [], "rested": True}


async def test_a_call_in_flight_is_answered_before_the_end(tmp_path, family):
    """SIGTERM: calls finish, streams end cleanly, new connections are refused, children are gone, exit code 0."""
    config, pids = family
    slow = Scripted("modern", tools_call=nap, tools_list={"tools": [{"name": "nap"}]})
    async with hosted(slow) as url, http() as client, asyncio.timeout(2 * SOON):
        servers = {"slow": {"url": url}, "child": config}
        async with serving({"servers": servers, "limits": {"drain_seconds": 10 * SOON}}, tmp_path) as proxy:
            modern = ModernAsker(client, f"{proxy.url}/mcp")
            legacy = await LegacyAsker(client, f"{proxy.url}/mcp").begin()
            await modern.result("tools/call", {"name": "child__echo", "arguments": {"nonce": "n"}})
            assert all(alive(pid) for pid in pids())
            begun = [asyncio.Event(), asyncio.Event()]
            listening = asyncio.create_task(whole(listen(client, modern, {"toolsListChanged": True}), begun[0]))
            hearing = asyncio.create_task(whole(client.stream("GET", legacy.url, headers=legacy.headers), begun[1]))
            relayed = ModernAsker(client, f"{proxy.url}/servers/slow/mcp")
            name, arguments = ["slow__nap", "nap"], {"seconds": 1}
            calls = [
                asyncio.create_task(asker.result("tools/call", {"name": name, "arguments": arguments}))
                for asker, name in zip([modern, relayed], name, strict=True)
            ]
            calls.append(asyncio.create_task(legacy.result("tools/call", {"name": "slow__nap", "arguments": arguments})))
            await until(lambda: len(slow.of("tools/call")) == 3)
            for event in begun:
                await event.wait()
            proxy.stop()
            assert all(result["rested"] for result in await asyncio.gather(*calls))
            meta = {"io.modelcontextprotocol/subscriptionId": 1}
            assert (await listening)[-1]["result"] == {"resultType": "complete", "_meta": meta}
            assert await hearing == []
            assert await proxy.ended() == 0, proxy.lines
            assert not any(alive(pid) for pid in pids())
            assert not any("ERROR" in line for line in proxy.lines), proxy.lines
            with pytest.raises(OSError, match="refused"):
                await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))


def listen(client, asker, wanted):
    """A subscription."""
    return streamed(client, asker, "subscriptions/listen", {"notifications": wanted})


def streamed(client, asker, method, params):
    """A request whose answer is read as it comes."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": asker.meta({})}}
    mirrored = {name.replace("_", "-"): value for name, value in asker.mirrored(method, params).items()}
    return client.stream("POST", asker.url, json=body, headers={**asker.headers, **mirrored})


async def whole(stream, begun):
    """All events of a stream, until its end; its first piece sets `begun`."""
    text = ""
    async with stream as response:
        assert response.status_code == 200
        async for piece in response.aiter_text():
            text += piece
            begun.set()
    return list(events(text))


@pytest.mark.requirement("modern:listen.id")
async def test_a_relayed_stream_ends_cleanly(tmp_path):
    async def acknowledge(params, request):
        await request.event(method="notifications/subscriptions/acknowledged", params={})
        await request.left()

    server = Scripted("modern", subscriptions_listen=acknowledge)
    async with beside_proxy(server, tmp_path, drain_seconds=10 * SOON) as (client, proxy):
        asker, begun = ModernAsker(client, f"{proxy.url}/servers/s/mcp"), asyncio.Event()
        listening = asyncio.create_task(whole(listen(client, asker, {}), begun))
        await begun.wait()
        proxy.stop()
        first, last = await listening
        assert first["method"] == "notifications/subscriptions/acknowledged"
        assert last["result"]["_meta"] == {"io.modelcontextprotocol/subscriptionId": 1}
        assert await proxy.ended() == 0


@pytest.mark.parametrize("route", ["one", "all"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_call_that_outlasts_the_drain_is_told_so(tmp_path, route, stream):
    async def hang(params, request):
        if stream:
            await request.event(method="notifications/message", params={"level": "info", "data": "x"})
        await request.left()

    server = Scripted("modern", tools_call=hang)
    async with beside_proxy(server, tmp_path, drain_seconds=1) as (client, proxy):
        asker = ModernAsker(client, f"{proxy.url}/servers/s/mcp" if route == "one" else f"{proxy.url}/mcp")
        params, begun = {"name": "t" if route == "one" else "s__t"}, asyncio.Event()
        if stream:
            calling = asyncio.create_task(whole(streamed(client, asker, "tools/call", params), begun))
            await begun.wait()
        else:
            calling = asyncio.create_task(asker.error("tools/call", params))
            await until(lambda: server.of("tools/call"))
        proxy.stop()
        error = (await calling)[-1]["error"] if stream else await calling
        assert (error["code"], error["data"]["reason"], error["data"]["retryable"]) == (-31006, "draining", False)
        assert await proxy.ended() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_second_sigint_ends_at_once(tmp_path, family, number):
    config, pids = family
    config["env"]["SERVER"] = str(HERE / "stubborn.py")
    async with http() as client, serving({"servers": {"s": config}, "limits": {"drain_seconds": 10 * SOON}}, tmp_path) as proxy:
        calling = asyncio.create_task(ModernAsker(client, f"{proxy.url}/mcp").error("tools/call", {"name": "s__t"}))
        await until(lambda: Path(config["env"]["PIDS"]).exists() and len(pids()) == 2)
        proxy.stop(number)
        await until(lambda: any("draining" in line for line in proxy.lines), lambda: proxy.lines)
        proxy.stop(signal.SIGINT)
        assert await proxy.ended() == 0, proxy.lines
        assert not any(alive(pid) for pid in pids())
        calling.cancel()
        await asyncio.wait([calling])


async def test_kill_leaves_no_child_behind(tmp_path, family):
    config, pids = family
    async with http() as client, serving({"servers": {"s": config}}, tmp_path) as proxy:
        arguments = {"name": "s__echo", "arguments": {"nonce": "n"}}
        await ModernAsker(client, f"{proxy.url}/mcp").result("tools/call", arguments)
        child, grandchild = pids()
        proxy.stop(signal.SIGKILL)
        assert await proxy.ended() == -signal.SIGKILL
        await until(lambda: not alive(child))
        with suppress(ProcessLookupError):
            os.kill(grandchild, signal.SIGKILL)  # it has outlived its parent, which is the parent's affair


async def test_a_port_that_is_in_use_is_said_so(tmp_path):
    path = tmp_path / "proxy.json"
    path.write_text(json.dumps({"servers": {"s": {"command": "true"}}}))
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        address = f"127.0.0.1:{held.getsockname()[1]}"
        code, out, err = await cli("serve", "--config", str(path), "--listen", address)
    assert (code, out) == (2, "")
    assert f"cannot listen on {address}: the port is in use by another process" in err
    assert "Traceback" not in err


async def test_an_address_that_is_not_ours_is_said_so(tmp_path):
    path = tmp_path / "proxy.json"
    path.write_text(json.dumps({"servers": {"s": {"command": "true"}}, "trust_network": True}))
    code, _, err = await cli("serve", "--config", str(path), "--listen", "192.0.2.1:8080")
    assert code == 2
    assert "cannot listen on 192.0.2.1:8080: Cannot assign requested address" in err
    code, _, err = await cli("serve", "--config", str(path), "--listen", "no-such-host.invalid:8080")
    assert code == 2
    assert "cannot listen on no-such-host.invalid:8080:" in err


@pytest.mark.parity("mpl.config-invalid")
@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("servers: [unclosed", ["proxy.yaml", "line 1"]),
        ("servers: {s: {command: 'true'}}\nlimts: {}\nvalidation: strict\n", ["2 problems", "limts", "validation"]),
        ("servers: {s: {comand: 'true'}}\nlimits: {drain_seconds: soon}\n", ["servers.s", "comand", "limits.drain_seconds"]),
        ("", ["proxy.yaml"]),
    ],
)
async def test_a_configuration_with_a_fault_is_no_reason_to_start_with_defaults(tmp_path, text, parts):
    path = tmp_path / "proxy.yaml"
    path.write_text(text)
    code, out, err = await cli("serve", "--config", str(path), "--listen", "127.0.0.1:0")
    assert (code, out) == (2, "")
    assert [part for part in parts if part not in err] == [], err
    assert "serving" not in err
    assert "Traceback" not in err


@pytest.mark.parity("aggregate.placeholder-missing")
@pytest.mark.parametrize("command", ["serve", "check-config"])
async def test_a_placeholder_without_variable_names_both(tmp_path, command):
    path = tmp_path / "servers.json"
    path.write_text(
        json.dumps({"mcpServers": {"s": {"url": "http://a/mcp", "headers": {"authorization": "Bearer ${TOKEN_OF_S}"}}}})
    )
    code, out, err = await cli(command, *(["--config"] if command == "serve" else []), str(path))
    assert (code, out) == (2, "")
    assert "servers.s.headers.authorization" in err or "mcpServers.s.headers.authorization" in err
    assert "TOKEN_OF_S" in err
    code, out, _ = await cli("check-config", str(path), TOKEN_OF_S="x")
    assert (code, out) == (0, f"{path}: good, 1 servers\n")


@pytest.mark.parity("aggregate.config-servers-json")
async def test_a_configuration_may_be_inline(tmp_path):
    inline = json.dumps({"mcpServers": {"s": {"command": "true"}}})
    pipe = asyncio.subprocess.PIPE
    env = environment(MCP_SERVERS_CONFIG=inline, MCP_CONFIG_PATH="/no/such/file")
    process = await asyncio.create_subprocess_exec(*CLI, "serve", "--listen", "127.0.0.1:0", stderr=pipe, env=env)
    proxy = Process(process, None)
    following = asyncio.create_task(proxy.follow())
    await until(lambda: any("serving 1 servers" in line for line in proxy.lines), lambda: proxy.lines)
    assert any(line.endswith("configuration from $MCP_SERVERS_CONFIG") for line in proxy.lines)
    proxy.stop()
    assert await proxy.ended() == 0
    await following


async def test_no_configuration_at_all_says_where_one_is_looked_for(tmp_path):
    code, _, err = await cli("serve", HOME=str(tmp_path))
    assert code == 2
    assert "none given: pass --config FILE, or set MCP_CONFIG_PATH or MCP_SERVERS_CONFIG" in err


async def test_health_is_an_exit_code(tmp_path):
    async with serving({"servers": {"s": {"command": "true"}}}, tmp_path) as proxy:
        proxied = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
        assert await cli("health", "--url", f"{proxy.url}/readyz", **proxied) == (0, "", "")
        code, _, err = await cli("health", "--url", f"{proxy.url}/nowhere")
        assert (code, "HTTP Error 404" in err) == (1, True)
    code, _, err = await cli("health", "--url", f"{proxy.url}/readyz")
    assert (code, "refused" in err) == (1, True)
    code, _, err = await cli("health", "--url", "nonsense")
    assert (code, "unknown url type" in err) == (1, True)
    assert "Traceback" not in err


async def test_the_version_is_told():
    code, out, _ = await cli("--version")
    assert (code, re.fullmatch(r"\d+\.\d+\.\d+\n", out) is not None) == (0, True)
