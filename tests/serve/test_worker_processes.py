"""Several worker processes at one address: to clients they are one. Each request comes on a connection of its own, to whichever."""

import json
import os
import signal
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.serve.asking import LegacyAsker, ModernAsker, http
from tests.serve.curious import curious
from tests.serve.eras import legacy_only
from tests.serve.running import hosted, until, until_found
from tests.serve.scripted import Scripted
from tests.serve.test_asking import ALL, answer, begin, calling, result
from tests.serve.test_process import cli, serving

MANY = 24
"""Requests of which at least one comes to each worker, but for one time in a million."""


async def tell(params, _request):
    return {"content": [{"type": "text", "text": params["name"]}]}


@asynccontextmanager
async def workers(server, tmp_path, **more):
    """Two workers before one server, and a client that never keeps a connection."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(hosted(server))
        proxy = await stack.enter_async_context(
            serving({"servers": {"c": {"url": url}}, "metrics": {}, **more}, tmp_path, "--workers", "2")
        )
        await until(lambda: sum("serving" in line for line in proxy.lines) == 2, lambda: proxy.lines)
        client = await stack.enter_async_context(http())
        client.headers["connection"] = "close"
        yield client, proxy


def children_of(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


async def metrics(client, proxy):
    """Samples by name and worker, added up over other labels."""
    found = {}
    for family in text_string_to_metric_families((await client.get(f"{proxy.url}/metrics")).text):
        for sample in family.samples:
            key = sample.name, sample.labels["worker"]
            found[key] = found.get(key, 0) + sample.value
    return found


@pytest.mark.parametrize("route", ["/mcp", "/servers/c/mcp"])
@pytest.mark.parametrize("era", ["legacy", "modern"])
async def test_a_session_goes_on_in_whichever_worker_is_asked(tmp_path, era, route):
    async with workers(Scripted(era, tools_call=tell), tmp_path) as (client, proxy):
        asker = await LegacyAsker(client, f"{proxy.url}{route}").begin()
        name = "c__echo" if route == "/mcp" else "echo"
        for number in range(MANY):
            found = await asker.result("tools/call", {"name": name}, id_=number)
            assert found["content"][0]["text"] == "echo"


async def test_what_a_server_asks_is_answered_through_whichever_worker(tmp_path):
    async with workers(legacy_only(curious().streamable_http_app()), tmp_path) as (client, proxy):
        asker = await begin(client, f"{proxy.url}/mcp", ALL)
        for number in range(MANY // 2):
            async with calling(asker, id_=number, nonce=f"n{number}") as coming:
                asked = await anext(coming)
                assert asked["method"] == "elicitation/create"
                await answer(asker, asked["id"], result={"action": "accept", "content": {"name": f"w{number}"}})
                message = await anext(coming)
                assert f"w{number}" in result(message), message


async def test_a_call_that_waits_for_input_is_resumed_through_whichever_worker(tmp_path):
    async with workers(legacy_only(curious().streamable_http_app()), tmp_path) as (client, proxy):
        asker = ModernAsker(client, f"{proxy.url}/mcp")
        meta = {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}}}
        for number in range(MANY // 2):
            params = {"name": "c__ask", "arguments": {"kinds": "form", "nonce": f"n{number}"}}
            first = await asker.result("tools/call", params, meta=meta)
            assert first["resultType"] == "input_required"
            (key,) = first["inputRequests"]
            answers = {key: {"action": "accept", "content": {"name": f"w{number}"}}}
            again = {**params, "requestState": first["requestState"], "inputResponses": answers}
            assert f"w{number}" in (await asker.result("tools/call", again, meta=meta))["content"][0]["text"]


async def test_numbers_are_those_of_all_workers(tmp_path):
    async with workers(Scripted("modern", tools_call=tell), tmp_path) as (client, proxy):
        asker = ModernAsker(client, f"{proxy.url}/mcp")
        for _ in range(MANY):
            await asker.result("tools/call", {"name": "c__echo"})
        for _ in range(4):  # whoever is asked
            found = await metrics(client, proxy)
            calls = {worker: value for (name, worker), value in found.items() if name == "mcp_proxy_calls_total"}
            assert set(calls) == {"0", "1"}
            assert sum(calls.values()) == MANY
            health = (await client.get(f"{proxy.url}/health")).json()
            assert (health["status"], health["backends_connected"]) == ("ok", 1)
        forged = await client.get(f"{proxy.url}/metrics", headers={"mcp-stack-sibling": "guessed"})
        assert forged.text.count('worker="1"') > 0, "a header alone makes nobody a sibling"


async def test_a_worker_that_is_killed_takes_no_other_along(tmp_path):
    async with workers(Scripted("modern", tools_call=tell), tmp_path) as (client, proxy):
        asker = ModernAsker(client, f"{proxy.url}/mcp")
        children = children_of(proxy.process.pid)
        assert len(children) == 2
        os.kill(int(children[0]), signal.SIGKILL)
        await until(lambda: sum("serving" in line for line in proxy.lines) == 3, lambda: proxy.lines)
        for _ in range(MANY):
            assert await asker.result("tools/call", {"name": "c__echo"})
        await until_found(lambda: metrics(client, proxy), lambda found: {worker for _, worker in found} == {"0", "1"})
        proxy.stop()
        assert await proxy.ended() == 0


async def test_replicas_cannot_reach_one_worker_of_several(tmp_path):
    config = tmp_path / "proxy.json"
    keys = {"keys": str(tmp_path / "keys"), "advertise": "127.0.0.1:8080"}
    config.write_text(json.dumps({"servers": {"s": {"command": "true"}}, "sessions": keys}))
    code, _, err = await cli("serve", "--config", str(config), "--listen", "127.0.0.1:0", "--workers", "2")
    assert code == 2
    assert "sessions.advertise: does not go with 2 workers" in err
    assert (await cli("serve", "--config", str(config), "--workers", "0"))[0] == 2
