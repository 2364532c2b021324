"""Autoscaling, Disruption, Network and Monitoring in a program of somebody's own, for workloads that are not of a stack."""

import pulumi
import pytest

from mcp_stack.autoscaling import Autoscaling
from mcp_stack.disruption import Disruption
from mcp_stack.gateway import McpGateway
from mcp_stack.monitoring import Monitoring
from mcp_stack.network import Network
from mcp_stack.server import McpServer
from mcp_stack.spec.alone import (
    ProxyMonitoringSpec,
    WorkloadAutoscalingSpec,
    WorkloadDisruptionSpec,
    WorkloadNetworkSpec,
    load_alone,
)
from mcp_stack.spec.rules.flows import CREDENTIALS, OWN_IDENTITY
from mcp_stack.stack import McpStack
from mcp_stack_proxy.config import ConfigError
from tests.components.conftest import PROXY

WORKLOAD = {"namespace": "team", "workload": "web"}
PODS = {"namespace": "team", "selector": {"app": "web"}}
ASKED = {"address": "http://prometheus.example", "query": "sum(in_flight)"}


@pytest.fixture
def objects(run):
    """Kubernetes objects by kind that a component makes of its arguments."""

    def made(component, args):
        resources = run(lambda: component("web", args)).resources
        return {one.inputs["kind"]: one.inputs for one in resources if one.type.startswith("kubernetes:")}

    return made


@pytest.mark.parity("stack.autoscaling")
def test_any_workload_can_be_scaled(objects):
    keys = {"kind": "StatefulSet", "cpu": 60, "container": {"memory": 70}, "container_name": "app", "labels": {"team": "a"}}
    (found,) = objects(Autoscaling, {**WORKLOAD, **keys}).values()
    assert found["spec"]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web"}
    assert [one["type"] for one in found["spec"]["metrics"]] == ["Resource", "ContainerResource"]
    assert found["spec"]["metrics"][1]["containerResource"]["container"] == "app"
    assert (found["metadata"]["namespace"], found["metadata"]["labels"]) == ("team", {"team": "a"})


@pytest.mark.parity("stack.autoscaling-calls")
def test_keda_can_be_asked_with_a_query_of_ones_own(objects):
    asked = {**ASKED, "authentication": "prometheus", "modes": ["bearer"]}
    (found,) = objects(Autoscaling, {**WORKLOAD, "calls": 5, "keda": {}, "prometheus": asked}).values()
    (trigger,) = found["spec"]["triggers"]
    assert found["kind"] == "ScaledObject"
    assert trigger["metadata"]["query"] == "sum(in_flight)"
    assert (trigger["metadata"]["authModes"], trigger["authenticationRef"]) == ("bearer", {"name": "prometheus"})


@pytest.mark.parametrize(("replicas", "allowed"), [(1, None), (2, 1), (5, 1)])
@pytest.mark.parity("mpl.pdb")
def test_a_budget_exists_only_where_it_can_protect(run, replicas, allowed):
    def program():
        pulumi.export("budget", Disruption("web", {**PODS, "min_replicas": replicas}).budget_name)

    evaluated = run(program)
    budgets = [one.inputs for one in evaluated.resources if one.type.endswith("PodDisruptionBudget")]
    assert [one["spec"]["maxUnavailable"] for one in budgets] == ([allowed] if allowed else [])
    assert all(one["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow" for one in budgets)
    assert evaluated.outputs.get("budget") == ("web" if allowed else None)


NETWORK = {
    **PODS,
    "clients": [{"namespace": "agents", "pods": {"app": "bot"}}],
    "ports": [8000, 8001],
    "egress": [{"pods": {"app": "db"}, "ports": [5432]}, {"internet": True, "ports": [443]}, {"api_server": True}],
    "api_server": {"cidrs": ["10.96.0.1/32"], "ports": [443]},
    "scrapers": [{"namespace": "monitoring"}],
    "metrics_port": 9100,
    "dns": {"addresses": []},
    "labels": {"team": "a"},
}


def test_pods_of_somebody_else_are_reached_by_those_alone_who_are_declared(objects):
    (found,) = objects(Network, NETWORK).values()
    assert (found["metadata"]["name"], found["metadata"]["namespace"], found["metadata"]["labels"]) == (
        "web",
        "team",
        {"team": "a"},
    )
    body = found["spec"]
    assert (body["podSelector"], body["policyTypes"]) == ({"matchLabels": {"app": "web"}}, ["Ingress", "Egress"])
    called, scraped = body["ingress"]
    agents = {"matchLabels": {"kubernetes.io/metadata.name": "agents"}}
    assert called["from"] == [{"namespaceSelector": agents, "podSelector": {"matchLabels": {"app": "bot"}}}]
    assert [one["port"] for one in called["ports"]] == [8000, 8001]
    assert [one["port"] for one in scraped["ports"]] == [9100]
    names, database, internet, api = body["egress"]
    assert {one["port"] for one in names["ports"]} == {53}
    assert database == {"to": [{"podSelector": {"matchLabels": {"app": "db"}}}], "ports": [{"protocol": "TCP", "port": 5432}]}
    assert "169.254.0.0/16" in internet["to"][0]["ipBlock"]["except"]
    assert api["to"] == [{"ipBlock": {"cidr": "10.96.0.1/32"}}]


def test_a_namespace_is_closed_but_for_dns_where_nothing_is_declared(objects):
    (found,) = objects(Network, {"namespace": "team"}).values()
    assert (found["spec"]["podSelector"], found["spec"]["ingress"]) == ({}, [])
    (names,) = found["spec"]["egress"]
    assert {one["port"] for one in names["ports"]} == {53}


CHANGED = {
    "namespace": "other",
    "selector": {"app": "api"},
    "clients": [{"cidr": "10.0.0.0/8"}],
    "ports": [80],
    "egress": [{"internet": True}, {"api_server": True}],
    "api_server": {"cidrs": ["10.0.0.4/32"]},
    "scrapers": [{"pods": {"app": "prometheus"}}],
    "metrics_port": 9090,
    "dns": {"namespace": "openshift-dns"},
    "labels": {"team": "b"},
}


@pytest.mark.parametrize("key", WorkloadNetworkSpec.model_fields)
def test_every_key_of_a_network_changes_it(objects, key):
    assert objects(Network, NETWORK) != objects(Network, {**NETWORK, key: CHANGED[key]})


@pytest.mark.parity("mpl.servicemonitor", "mpl.dashboard")
def test_proxies_of_somebody_else_can_be_watched(objects):
    found = objects(Monitoring, {**PODS, "labels": {"release": "prometheus"}, "interval_seconds": 15})
    assert set(found) == {"ServiceMonitor", "PrometheusRule", "ConfigMap"}
    assert found["ServiceMonitor"]["spec"]["selector"] == {"matchLabels": {"app": "web"}}
    assert found["ServiceMonitor"]["spec"]["podTargetLabels"] == ["app", "app.kubernetes.io/instance", "app.kubernetes.io/name"]
    (group,) = found["PrometheusRule"]["spec"]["groups"]
    assert all('{namespace="team",app="web"' in rule["expr"] for rule in group["rules"])
    quiet = objects(Monitoring, {**PODS, "labels": {}, "alerts": {"enabled": False}, "dashboard": {"enabled": False}})
    assert set(quiet) == {"ServiceMonitor"}


def test_a_server_in_a_program_has_its_own_alerts_and_one_in_a_stack_has_not(objects):
    args = {"namespace": "team", "command": ["run"], "proxy_image": PROXY, "trust_network": True}
    found = objects(McpServer, {**args, "monitoring": {"labels": {"release": "prometheus"}}})
    assert found["PrometheusRule"]["metadata"]["name"] == "test-web"
    assert {port["name"] for port in found["Service"]["spec"]["ports"]} == {"http", "metrics"}


def test_a_gateway_in_a_program_has_them_too(objects):
    args = {
        "namespace": "team",
        "proxy_image": PROXY,
        "trust_network": True,
        "servers": {"far": {"url": "https://mcp.example.com"}},
    }
    found = objects(McpGateway, {**args, "monitoring": {"labels": {"release": "prometheus"}, "via": "pod-monitor"}})
    assert found["PrometheusRule"]["metadata"]["name"] == "test-gateway"
    assert found["PodMonitor"]["spec"]["selector"] == found["Deployment"]["spec"]["selector"]


def test_a_stack_has_one_set_of_alerts_and_a_monitor_for_each_proxy(run):
    args = {
        "stack": "mcp",
        "proxy": {"image": PROXY},
        "gateway": {"trust_network": True},
        "monitoring": {"labels": {"release": "prometheus"}},
        "servers": {"box": {"command": ["run"]}},
    }
    made = [one.inputs for one in run(lambda: McpStack("mcp", args)).resources if one.type.startswith("kubernetes:monitoring")]
    assert sorted((one["kind"], one["metadata"]["name"]) for one in made) == [
        ("PrometheusRule", "mcp-shared"),
        ("ServiceMonitor", "mcp-box"),
        ("ServiceMonitor", "mcp-gateway"),
    ]


def test_nothing_is_made_of_arguments_that_cannot_act(run):
    with pytest.raises(Exception, match=r"Autoscaling 'web': 1 problem\n  min: 0 would leave nobody to answer"):
        run(lambda: Autoscaling("web", {**WORKLOAD, "min": 0}))


@pytest.mark.parametrize(
    ("model", "data", "expected"),
    [
        (WorkloadAutoscalingSpec, WORKLOAD, []),
        (WorkloadAutoscalingSpec, {"namespace": "team"}, ["workload: required, but missing"]),
        (WorkloadAutoscalingSpec, {**WORKLOAD, "min": 4, "max": 3}, ["min: 4 is above `max` (3)"]),
        (
            WorkloadAutoscalingSpec,
            {**WORKLOAD, "calls": 3, "keda": {}},
            ["prometheus: required beside `keda`: whom it asks"],
        ),
        (WorkloadAutoscalingSpec, {**WORKLOAD, "prometheus": ASKED}, ["prometheus: does nothing without `keda`; remove it"]),
        (
            WorkloadAutoscalingSpec,
            {**WORKLOAD, "container": {"cpu": 5}},
            ["container_name: required beside `container`: which one it is"],
        ),
        (WorkloadAutoscalingSpec, {**WORKLOAD, "container_name": "a"}, ["container_name: does nothing without `container`"]),
        (
            WorkloadAutoscalingSpec,
            {**WORKLOAD, "calls": 3, "keda": {}, "prometheus": {**ASKED, "modes": ["tls"]}},
            ["prometheus: `authentication` and `modes` belong together"],
        ),
        (WorkloadDisruptionSpec, {**PODS, "min_replicas": 3, "max_unavailable": 2}, []),
        (
            WorkloadDisruptionSpec,
            {**PODS, "min_replicas": 2, "max_unavailable": 2},
            ["max_unavailable: 2 must stay below `min_replicas` (2), else a drain may take every pod at once"],
        ),
        (WorkloadNetworkSpec, PODS, []),
        (
            WorkloadNetworkSpec,
            {**PODS, "clients": [{"namespace": "agents"}], "scrapers": [{"namespace": "monitoring"}]},
            [
                "ports: required beside `clients`: what they may call",
                "metrics_port: required beside `scrapers`: what they may call",
            ],
        ),
        (
            WorkloadNetworkSpec,
            {**PODS, "ports": [80], "metrics_port": 81},
            ["ports: does nothing without `clients`; remove it", "metrics_port: does nothing without `scrapers`; remove it"],
        ),
        (
            WorkloadNetworkSpec,
            {**PODS, "egress": [{"server": "db"}, {"api_server": True}, {"cidr": "169.254.169.254/32"}]},
            [
                "egress[0].server: names a server of a stack, and there is none here; give `namespace` and `pods`",
                "egress[1].api_server: unknown where the API server is, policies know addresses only; give them, such as "
                "`api_server: {cidrs: [10.96.0.1/32, 10.0.0.4/32]}`",
                f"egress[2].cidr: 169.254.169.254 {CREDENTIALS}; {OWN_IDENTITY}",
            ],
        ),
        (
            WorkloadNetworkSpec,
            {**PODS, "api_server": {"cidrs": ["169.254.169.254/32"]}, "dns": {"addresses": ["100.100.100.200/32"]}},
            [
                "api_server: does nothing, no `egress` names it (`egress: [{api_server: true}]`); remove it",
                f"api_server.cidrs[0]: 169.254.169.254 {CREDENTIALS}",
                f"dns.addresses[0]: 100.100.100.200 {CREDENTIALS}",
            ],
        ),
        (ProxyMonitoringSpec, {**PODS, "labels": {}}, []),
        (
            ProxyMonitoringSpec,
            {**PODS, "labels": {}, "interval_seconds": 5},
            ["timeout_seconds: 10 is above `interval_seconds` (5), which Prometheus refuses"],
        ),
    ],
)
def test_all_that_is_wrong_is_said(model, data, expected):
    assert problems(model, data) == expected


def problems(model, data):
    """What is said against `data`."""
    try:
        load_alone(model, data, "here", "web")
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_a_selector_selects_something():
    with pytest.raises(ConfigError, match="selector"):
        load_alone(WorkloadDisruptionSpec, {"namespace": "team", "selector": {}, "min_replicas": 2}, "here", "web")
