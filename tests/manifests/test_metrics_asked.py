"""Whatever a rule, the dashboard or an autoscaler asks for is there: a real proxy is called and scraped."""

import asyncio
import json
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from mcp_stack.manifests.alerts import FAULTS, LOST
from mcp_stack.manifests.queries import label_name
from mcp_stack_proxy.observe.counts import METHODS
from mcp_stack_proxy.observe.families import STATES
from mcp_stack_proxy.observe.outcomes import OUTCOMES
from mcp_stack_proxy.observe.recorder import Refusals
from tests.manifests.promql import asked
from tests.serve.asking import ModernAsker, http
from tests.serve.running import SOON, hosted, running, until_found
from tests.serve.scripted import Scripted
from tests.serve.test_management import serving
from tests.serve.test_trace_context import ECHO

OF_PROMETHEUS = {"up"}
"""Metrics that Prometheus itself makes of each scrape."""

OF_OPERATOR = {"namespace", "pod", "container", "endpoint", "job", "service", "le"}
"""Labels that the operator's scrape configuration adds to every series of pods; `le` belongs to histograms."""

VALUES = {
    "outcome": OUTCOMES,
    "state": set(STATES),
    "method": METHODS,
    "status": {*map(str, Refusals.STATUSES)},
    "server": {"", "web", "box", "gone"},
    "tool": {""},
}
"""What labels of the proxy can be."""

STACK = {
    "gateway.autoscaling": {"calls": 50, "keda": {}},
    "gateway.sessions": {"keys": {"secret": "token"}},
    "servers.web.autoscaling": {"calls": 8, "keda": {}},
    "servers.box.autoscaling": {"calls": 8, "keda": {}},
    "monitoring": {"labels": {"release": "prometheus"}, "prometheus": {"address": "http://prometheus.example"}},
}


@pytest.fixture
def stack(render):
    return render(STACK)


def queries(stack):
    """Every query of the stack by where it stands."""
    rule = stack.one("PrometheusRule", "test-shared")
    found = {one["alert"]: one["expr"] for group in rule["spec"]["groups"] for one in group["rules"]}
    for scaled in (one for one in stack if one["kind"] == "ScaledObject"):
        found[scaled["metadata"]["name"]] = scaled["spec"]["triggers"][0]["metadata"]["query"]
    (text,) = stack.one("ConfigMap", "test-shared-dashboard")["data"].values()
    board = json.loads(text)
    for panel in board["panels"]:
        found |= {f"{panel['title']} {target['refId']}": in_grafana(target["expr"]) for target in panel["targets"]}
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            found[variable["name"]] = variable["definition"].removeprefix("label_values(").rpartition(",")[0]
    return found


def in_grafana(query):
    """`query` as Grafana sends it: its own variables filled in."""
    for variable, value in {"$__rate_interval": "5m", "$__range": "1h", "$proxy": "gateway"}.items():
        query = query.replace(variable, value)
    return query


@pytest.fixture
async def exposed(tmp_path):
    """Labels by metric of a proxy that has been called, over HTTP and stdio, in vain, and by somebody who may not."""
    server = Scripted("modern", tools_list={"tools": [{"name": "good"}]}, tools_call={"content": []})
    async with hosted(server) as url, http() as client:
        servers = {
            "web": {"url": url},
            "box": {"command": sys.executable, "args": ["-c", ECHO]},
            "gone": {"url": "http://127.0.0.1:1/mcp"},
        }
        audit = {"output": str(tmp_path / "audit")}
        async with serving({"servers": servers, "metrics": {}, "audit": audit}, tmp_path) as (_, (main, management)):
            asker = ModernAsker(client, f"http://127.0.0.1:{main}/mcp")
            await asker.result("tools/list")
            for tool in ("web__good", "box__x"):
                await asker.result("tools/call", {"name": tool})
            await asker.ask("tools/call", {"name": "gone__x"})
            await client.get(f"http://127.0.0.1:{main}/mcp", headers={"host": "evil.example"})
            page = f"http://127.0.0.1:{management}/metrics"
            # what processes occupy is looked at once in a while
            text = await until_found(lambda: _text(client, page), lambda text: "mcp_proxy_child_resident_memory_bytes{" in text)
    found = {}
    for family in parse(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.mark.parity("mpl.dashboard", "hangar.alerts", "stack.autoscaling-calls")
async def test_every_metric_and_label_that_is_asked_for_is_there(stack, exposed):
    carried = {label_name(key) for key in stack.one("ServiceMonitor", "test-gateway")["spec"]["podTargetLabels"]}
    missing = []
    for place, query in queries(stack).items():
        for one in asked(query):
            if one.metric in OF_PROMETHEUS:
                own = set()
            elif one.metric not in exposed:
                missing.append(f"{place}: {one.metric}")
                continue
            else:
                own = exposed[one.metric]
            missing += [f"{place}: {one.metric} {label}" for label in one.labels - own - carried - OF_OPERATOR]
    assert missing == []


def test_every_value_that_is_asked_for_can_come(stack):
    for place, query in queries(stack).items():
        for one in asked(query):
            for label, values in one.matchers.items():
                assert set(values) <= VALUES.get(label, set(values)), f"{place}: {label}"
    assert {*FAULTS, *LOST} <= OUTCOMES


def test_every_query_is_about_this_stack_alone(stack):
    for place, query in queries(stack).items():
        for one in asked(query):
            mine = {key: one.matchers[key] for key in ("namespace", "app_kubernetes_io_instance")}
            assert mine == {"namespace": ["mcp-test"], "app_kubernetes_io_instance": ["test"]}, place


@pytest.mark.parametrize(
    ("part", "counted"),
    [
        ("gateway", {"app_kubernetes_io_name": ["gateway"]}),
        ("box", {"app_kubernetes_io_name": ["box"]}),
        ("web", {"app_kubernetes_io_name": ["gateway"], "server": ["web"]}),
    ],
)
def test_calls_in_flight_are_those_of_the_pods_or_those_that_the_gateway_has_sent_there(stack, part, counted):
    (one,) = asked(queries(stack)[f"test-{part}"])
    assert one.metric == "mcp_proxy_calls_in_flight"
    assert counted.items() <= one.matchers.items()
    assert "server" in counted or "server" not in one.matchers


@pytest.mark.parity("stack.autoscaling-calls")
async def test_a_call_is_in_flight_until_it_is_answered_and_a_stream_of_notifications_is_none():
    come, go = asyncio.Event(), asyncio.Event()

    async def held(_params, _request):
        come.set()
        await go.wait()
        return {"content": []}

    def in_flight(text):
        family = next(one for one in parse(text) if one.name == "mcp_proxy_calls_in_flight")
        return {sample.labels.get("server", ""): sample.value for sample in family.samples}

    async def scraped():
        return in_flight((await client.get(f"{gateway.url}/metrics")).text)

    server = Scripted("modern", tools_list={"tools": [{"name": "slow"}]}, tools_call=held)
    async with hosted(server) as url, http() as client, running({"web": {"url": url}}, metrics={}) as gateway:
        asker = ModernAsker(client, gateway.mcp())
        await asker.result("tools/list")
        listen = {"notifications": {"toolsListChanged": True}}
        listening = asyncio.ensure_future(asker.ask("subscriptions/listen", listen, id_="ear"))
        call = asyncio.ensure_future(asker.result("tools/call", {"name": "web__slow"}))
        async with asyncio.timeout(SOON):
            await come.wait()
        await until_found(lambda: _streams(client, gateway), lambda count: count == 1)
        assert await scraped() == {"web": 1, "": 0}
        go.set()
        await call
        assert await scraped() == {"web": 0, "": 0}
        listening.cancel()


async def _text(client, page):
    return (await client.get(page)).text


async def _streams(client, gateway):
    text = (await client.get(f"{gateway.url}/metrics")).text
    return next(one for one in parse(text) if one.name == "mcp_proxy_streams").samples[0].value
