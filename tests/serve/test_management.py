"""Metrics and health on their ports, of a gateway with relayed calls and of a real process."""

import asyncio
import json
import re
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families as parse

from mcp_stack_proxy.observe import families
from tests.serve.asking import LegacyAsker, ModernAsker, http
from tests.serve.running import SOON, hosted, running
from tests.serve.scripted import Scripted
from tests.serve.test_trace_context import ECHO, PARENT

TRACE = PARENT.split("-")[1]


def calls(text):
    """Calls by server, method, tool and outcome."""
    found = next(family for family in parse(text) if family.name == "mcp_proxy_calls")
    return {tuple(one.labels.get(key, "") for key in ("server", "method", "tool", "outcome")): one.value for one in found.samples}


def failing(params, _request):
    return {"content": [], "isError": params["name"] == "bad"}


async def streamed(_params, request):
    await request.event(method="notifications/progress", params={})
    await request.event(id=request.id, result={"content": [], "isError": True})
    await request.end()


@pytest.mark.parametrize(("era", "asking"), [("modern", ModernAsker), ("legacy", LegacyAsker)])
async def test_relayed_calls_are_counted_and_recorded_like_all_others(era, asking, tmp_path):
    tools = {"tools": [{"name": name} for name in ("good", "bad")]}
    server = Scripted(
        era,
        tools_list=tools,
        tools_call=failing,
        prompts_get=lambda _params, _request: {"error": {"code": -32602, "message": "no"}},
    )
    more = {"metrics": {}, "audit": {"output": str(tmp_path / "audit")}}
    async with http() as client, hosted(server) as url, running({"h": {"url": url}}, **more) as gateway:
        asker = asking(client, gateway.mcp("h"))
        if era == "legacy":
            await asker.begin()
        await ModernAsker(client, gateway.mcp()).result("tools/list")
        for name in ("good", "good", "bad"):
            await asker.result("tools/call", {"name": name}, traceparent=PARENT)
        await asker.error("prompts/get", {"name": "p"})
        server.answers["tools/call"] = streamed
        await asker.ask("tools/call", {"name": "bad"})
        found = calls((await client.get(f"{gateway.url}/metrics")).text)
    assert found["h", "tools/call", "good", "ok"] == 2
    assert found["h", "tools/call", "bad", "tool-error"] == 2
    assert found["h", "prompts/get", "", "invalid-params"] == 1
    records = [json.loads(line) for line in (tmp_path / "audit").read_text().splitlines()]
    named = [one for one in records if one.get("tool_name") == "good"]
    assert [(one["server_name"], one["trace_id"], one["success"]) for one in named] == [("h", TRACE, True)] * 2


async def test_a_server_that_cannot_be_reached_is_counted_on_the_relay_too():
    async with http() as client, running({"h": {"url": "http://127.0.0.1:1/mcp"}}, metrics={}) as gateway:
        await LegacyAsker(client, gateway.mcp("h")).error("tools/call", {"name": "x"})
        assert calls((await client.get(f"{gateway.url}/metrics")).text)["h", "tools/call", "other", "upstream-unreachable"] == 1
        assert gateway.gateway.observation.counts["h"].in_flight == 0


async def test_metrics_on_the_main_port_are_for_those_who_may_call(tmp_path):
    (tmp_path / "keys").write_text(f"- {{subject: ci, hash: 'sha256:{'0' * 64}'}}\n")
    keys = {"api_keys": str(tmp_path / "keys")}
    async with http() as client, running({"h": {"url": "http://127.0.0.1:1/mcp"}}, metrics={}, authentication=keys) as gateway:
        assert (await client.get(f"{gateway.url}/metrics")).status_code == 401
        assert (await client.get(f"{gateway.url}/health")).status_code == 200
        assert (await client.get(f"{gateway.url}/metrics", headers={"host": "evil.example"})).status_code == 421
        text = "".join(gateway.gateway.metrics()())
        assert 'mcp_proxy_refused_requests_total{status="401"} 1' in text
        assert 'mcp_proxy_refused_requests_total{status="421"} 1' in text


async def test_without_metrics_there_is_no_page():
    async with http() as client, running({"h": {"url": "http://127.0.0.1:1/mcp"}}) as gateway:
        assert (await client.get(f"{gateway.url}/metrics")).status_code == 404


@asynccontextmanager
async def serving(config, tmp_path):
    """A real process; its two ports."""
    path = tmp_path / "proxy.yaml"
    path.write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "mcp_stack_proxy.cli", "serve", "--config", str(path)]
    options = ("--listen", "127.0.0.1:0", "--management", "127.0.0.1:0")
    pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}
    process = await asyncio.create_subprocess_exec(*command, *options, **pipes)
    try:
        ports = []
        async with asyncio.timeout(SOON):
            while len(ports) < 2:
                line = (await process.stderr.readline()).decode()
                assert line, "it ended"
                ports += re.findall(r"http://127\.0\.0\.1:(\d+)", line)
        yield process, ports
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_process_tells_on_its_management_port_and_audits_to_its_output_until_the_end(tmp_path):
    config = {"servers": {"s": {"command": sys.executable, "args": ["-c", ECHO]}}, "metrics": {}, "audit": {"flush_seconds": 60}}
    async with serving(config, tmp_path) as (process, (main, management)), http() as client:
        front, back = f"http://127.0.0.1:{main}", f"http://127.0.0.1:{management}"
        await ModernAsker(client, f"{front}/mcp").result("tools/call", {"name": "s__x"}, traceparent=PARENT)
        assert [(await client.get(f"{back}/{page}")).status_code for page in ("livez", "readyz", "startupz", "health")] == [200] * 4
        assert [(await client.get(f"{front}/{page}")).status_code for page in ("livez", "readyz", "metrics")] == [404] * 3
        assert (await client.get(f"{front}/health")).json() == {"status": "ok"}
        assert ("s", "tools/call", "other", "ok") in calls((await client.get(f"{back}/metrics")).text)
        process.send_signal(signal.SIGTERM)
        output, _ = await asyncio.wait_for(process.communicate(), SOON)
    (record,) = map(json.loads, output.splitlines())
    assert (record["tool_name"], record["outcome"], record["trace_id"]) == ("x", "ok", TRACE)


def test_the_manual_names_every_metric():
    manual = (Path(__file__).parents[2] / "docs" / "observing.md").read_text()
    shown = re.findall(r'"(mcp_proxy_[a-z_]+)"', Path(families.__file__).read_text())
    assert shown
    assert [name for name in shown if f"`{name}`" not in manual] == []
