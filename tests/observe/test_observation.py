"""What a gateway counts and records of real calls, read as a Prometheus and an auditor would."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from mcp_stack_proxy.catalog.kinds import TOOLS
from mcp_stack_proxy.config import ConfigError, ProxyConfig
from mcp_stack_proxy.observe import lag as lag_module
from mcp_stack_proxy.observe import observation
from mcp_stack_proxy.observe.families import Sources, families
from mcp_stack_proxy.observe.lag import LoopLag
from mcp_stack_proxy.observe.observation import Observation
from mcp_stack_proxy.observe.outcomes import OUTCOMES
from tests.serve.asking import LegacyAsker, ModernAsker, http
from tests.serve.running import hosted, running, until
from tests.serve.scripted import Scripted

STDIO = {"command": sys.executable, "args": [str(Path(__file__).parents[1] / "serve" / "legacy_stdio.py")]}
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


def scripted(**more):
    return Scripted("modern", tools_list={"tools": [{"name": "a"}, {"name": "b"}]}, tools_call={"content": []}, **more)


def samples(gateway):
    """Values by name and labels."""
    found = {}
    for family in parse("".join(gateway.gateway.metrics()())):
        for sample in family.samples:
            found[sample.name, *sorted(sample.labels.values())] = sample.value
    return found


def counted(gateway):
    """Calls by server, tool and outcome."""
    text = "".join(gateway.gateway.metrics()())
    calls = next(family for family in parse(text) if family.name == "mcp_proxy_calls")
    return {tuple(one.labels.get(key, "") for key in ("server", "tool", "outcome")): one.value for one in calls.samples}


async def test_calls_are_counted_by_server_tool_and_outcome():
    async with http() as client, hosted(scripted()) as url, running({"h": {"url": url}, "s": STDIO}, metrics={}) as gateway:
        asker = ModernAsker(client, gateway.mcp())
        await asker.result("tools/list")
        for name in ("h__a", "h__a", "h__made-up", "nobody"):
            await asker.ask("tools/call", {"name": name})
        found = counted(gateway)
        assert found["h", "a", "ok"] == 2
        assert found["h", "other", "ok"] == 1
        assert found["", "other", "unknown-name"] == 1
        assert found["", "", "ok"] == 1
        values = samples(gateway)
        assert values["mcp_proxy_call_duration_seconds_count", "a", "h", "tools/call"] == 2
        assert values["mcp_proxy_calls_in_flight", "h"] == 0
        assert values["mcp_proxy_tools", "h"] == 2
        assert values["mcp_proxy_upstream_connected", "h"] == 1
        assert values["mcp_proxy_upstream_connects_total", "h"] == 1
        assert values["process_resident_memory_bytes",] > 10**6


async def test_tools_are_learned_where_no_client_lists_them(monkeypatch):
    monkeypatch.setattr(observation, "LEARN_SECONDS", 0.0)
    async with http() as client, running({"s": STDIO}, metrics={}) as gateway:
        asker = ModernAsker(client, gateway.mcp())
        echo = {"name": "s__echo", "arguments": {"nonce": "n"}}
        await asker.ask("tools/call", echo)
        await until(lambda: gateway.gateway.servers["s"].lists.known(TOOLS) is not None)
        await asker.ask("tools/call", echo)
        assert counted(gateway)["s", "echo", "ok"] == 1


async def test_a_server_that_is_gone_and_a_client_that_leaves_have_outcomes_of_their_own():
    dead = {"url": "http://127.0.0.1:1/mcp"}
    async with http() as client, running({"h": dead, "s": STDIO}, metrics={}) as gateway:
        asker = ModernAsker(client, gateway.mcp())
        await asker.error("tools/call", {"name": "h__a"})
        calling = asyncio.create_task(asker.ask("tools/call", {"name": "s__hang", "arguments": {"key": "k"}}))
        await until(lambda: samples(gateway).get(("mcp_proxy_calls_in_flight", "s")) == 1)
        calling.cancel()
        await until(lambda: ("s", "other", "cancelled") in counted(gateway) or ("s", "hang", "cancelled") in counted(gateway))
        assert counted(gateway)["h", "other", "upstream-unreachable"] == 1
        assert {outcome for *_, outcome in counted(gateway)} <= OUTCOMES


@pytest.mark.parity("aggregate.partial-list")
async def test_lists_that_lack_a_server_are_counted_by_server_kind_and_reason():
    """Clients that ask show what is missing; who looks at the metrics sees it, too, and when it is over."""
    server = scripted(prompts_list=lambda _params, _request: {"error": {"code": -32603, "message": "no"}})
    dead = {"url": "http://127.0.0.1:1/mcp"}
    async with http() as client, hosted(server) as url, running({"h": {"url": url}, "d": dead}, metrics={}) as gateway:
        asker = ModernAsker(client, gateway.mcp())
        listed = await asker.result("tools/list")
        assert [one["server"] for one in listed["_meta"]["mcp-stack/partial"]] == ["d"]
        await asker.result("prompts/list")
        values = samples(gateway)
        failing = {tuple(labels): value for (name, *labels), value in values.items() if name == "mcp_proxy_list_failing"}
        assert failing == {("h", "tools"): 0, ("h", "prompts"): 1, ("d", "tools"): 1, ("d", "prompts"): 1}
        assert values["mcp_proxy_list_failures_total", "d", "tools", "upstream-unreachable"] == 1
        assert values["mcp_proxy_list_failures_total", "h", "prompts", "upstream-invalid"] == 1
        server.answers["prompts/list"] = {"prompts": []}
        await asker.result("prompts/list")
        assert samples(gateway)["mcp_proxy_list_failing", "h", "prompts"] == 0


async def test_each_call_has_one_complete_record_under_concurrency(tmp_path):
    path = tmp_path / "audit.jsonl"
    audit = {"output": str(path), "arguments": "full"}
    async with http() as client, hosted(scripted()) as url, running({"h": {"url": url}, "s": STDIO}, audit=audit) as gateway:
        askers = [await LegacyAsker(client, gateway.mcp()).begin() for _ in range(5)]
        calls = [
            asker.ask("tools/call", {"name": "h__a", "arguments": {"n": n, "text": "x" * 500}}, traceparent=PARENT)
            for n, asker in enumerate(askers * 20)
        ]
        await asyncio.gather(*calls)
        assert gateway.gateway.metrics() is None
    # the gateway has been closed: everything is written
    records = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert sorted(record["arguments"]["n"] for record in records) == list(range(100))
    assert len({record["id"] for record in records}) == 100
    assert {(one["server_name"], one["tool_name"], one["outcome"], one["trace_id"]) for one in records} == {("h", "a", "ok", TRACE)}
    assert len({record["session"] for record in records}) == 5
    assert all(record["client"]["name"] for record in records)


async def test_nothing_is_recorded_where_nothing_is_asked_for():
    async with running({"s": STDIO}) as gateway:
        assert gateway.gateway.metrics() is None
        assert gateway.gateway.observation.recorder(server="s") is None


def test_an_audit_without_a_place_stops_the_start(tmp_path):
    config = ProxyConfig.model_validate({"servers": {"s": STDIO}, "audit": {"output": str(tmp_path / "no" / "file")}})

    async def make():
        Observation(config, lambda _name: None, lambda _name: None)

    with pytest.raises(ConfigError, match=r"audit.output: '.*' cannot be written: No such file or directory"):
        asyncio.run(make())


class Children:
    state, processes, open_calls, resident_bytes = "running", 1, 2, None

    class counters:  # noqa: N801 - an attribute of the real thing
        starts, restarts, exits = 3, 2, {"killed": 1, "memory": 1}


class Log:
    written, lost, failures = 7, 1, 3


def test_processes_and_losses_show():
    children = {"s": Children(), "t": type("Known", (Children,), {"resident_bytes": 5})()}
    sources = Sources({}, {}, lambda: children, lambda: 4, lambda: 5, {"401": 6}, LoopLag(), {"file": Log()})
    text = "".join(observation.exposition(families(sources), 100))
    found = {(sample.name, *sample.labels.values()): sample.value for family in parse(text) for sample in family.samples}
    assert found["mcp_proxy_child_state", "s", "running"] == 1
    assert found["mcp_proxy_child_state", "s", "idle"] == 0
    assert found["mcp_proxy_child_exits_total", "s", "memory"] == 1
    assert found["mcp_proxy_child_restarts_total", "t"] == 2
    assert found["mcp_proxy_child_resident_memory_bytes", "t"] == 5
    assert ("mcp_proxy_child_resident_memory_bytes", "s") not in found
    assert found["mcp_proxy_refused_requests_total", "401"] == 6
    audit = [found[f"mcp_proxy_audit_{what}_total", "file"] for what in ("records", "lost", "write_failures")]
    assert audit == [7, 1, 3]
    assert (found["mcp_proxy_sessions",], found["mcp_proxy_streams",]) == (4, 5)


async def test_a_busy_loop_shows_as_lag(monkeypatch):
    monkeypatch.setattr(lag_module, "EVERY", 0.001)
    lag = LoopLag()
    lag.start()
    await until(lambda: list(lag.histogram.samples())[-1][1] >= 3)
    lag.close()
    LoopLag().close()
