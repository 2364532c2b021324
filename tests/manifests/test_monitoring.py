"""Who scrapes what, who may, and what is shown of it."""

import json

import pytest

from mcp_stack.manifests import manifests_for, overview
from mcp_stack.manifests.queries import label_name
from mcp_stack.spec import load_spec
from tests.manifests.promql import asked
from tests.manifests.test_metrics_asked import in_grafana

MONITORED = {"monitoring": {"labels": {"release": "prometheus"}}}


def ports(service):
    return {port["name"]: (port["port"], port["targetPort"]) for port in service["spec"]["ports"]}


@pytest.mark.parity("mpl.servicemonitor", "mpl.metrics-port")
def test_a_service_monitor_scrapes_the_service_that_is_rendered(render):
    rendered = render(MONITORED)
    for part in ("gateway", "box"):
        monitor, service = rendered.one("ServiceMonitor", f"test-{part}"), rendered.one("Service", f"test-{part}")
        assert monitor["spec"]["endpoints"] == [{"port": "metrics", "path": "/metrics", "interval": "30s", "scrapeTimeout": "10s"}]
        assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
        assert monitor["metadata"]["labels"]["release"] == "prometheus"
        assert monitor["metadata"]["namespace"] == service["metadata"]["namespace"]
        assert ports(service)["metrics"] == (9100, "management")
        assert {"name": "management", "containerPort": 9100, "protocol": "TCP"} in rendered.container(f"test-{part}")["ports"]
    assert not rendered.has("ServiceMonitor", "test-web"), "its pods are no proxy"
    assert set(ports(rendered.one("Service", "test-web"))) == {"http"}


@pytest.mark.parity("mpl.servicemonitor")
def test_another_interval_and_port_take_effect(render):
    rendered = render(
        {"monitoring": {"labels": {}, "interval_seconds": 15, "timeout_seconds": 5}, "gateway.management": {"port": 9200}}
    )
    (endpoint,) = rendered.one("ServiceMonitor", "test-gateway")["spec"]["endpoints"]
    assert (endpoint["interval"], endpoint["scrapeTimeout"]) == ("15s", "5s")
    assert ports(rendered.one("Service", "test-gateway"))["metrics"] == (9200, "management")


@pytest.mark.parity("mpl.servicemonitor")
def test_a_pod_monitor_needs_no_service(render):
    rendered = render({"monitoring": {"labels": {"release": "prometheus"}, "via": "pod-monitor"}})
    monitor = rendered.one("PodMonitor", "test-gateway")
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert endpoint["port"] == "management"
    assert monitor["spec"]["selector"] == rendered.one("Deployment", "test-gateway")["spec"]["selector"]
    assert set(ports(rendered.one("Service", "test-gateway"))) == {"http"}
    assert not any(one["kind"] == "ServiceMonitor" for one in rendered)


def test_queries_tell_proxies_apart_by_labels_that_monitors_carry_over(render):
    carried = render(MONITORED).one("ServiceMonitor", "test-gateway")["spec"]["podTargetLabels"]
    assert [label_name(key) for key in carried] == ["app_kubernetes_io_instance", "app_kubernetes_io_name"]


@pytest.mark.parity("mpl.network-policy-ingress")
def test_prometheus_is_let_in_and_nobody_else(render):
    rendered = render({"monitoring": {"labels": {}, "namespace": "watch", "pods": {"app": "prometheus"}}})
    for part in ("gateway", "box"):
        (rule,) = [
            one for one in rendered.one("NetworkPolicy", f"test-{part}")["spec"]["ingress"] if one["ports"][0]["port"] == 9100
        ]
        assert rule["from"] == [
            {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "watch"}},
                "podSelector": {"matchLabels": {"app": "prometheus"}},
            }
        ]
    assert "watch" not in str(rendered.one("NetworkPolicy", "test-web"))


def test_scrapers_stand_beside_it_and_once(render):
    scrapers = [{"namespace": "monitoring"}, {"namespace": "agents"}]
    rendered = render({**MONITORED, "gateway.management": {"scrapers": scrapers}})
    rule = rendered.one("NetworkPolicy", "test-gateway")["spec"]["ingress"][-1]
    names = [one["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] for one in rule["from"]]
    assert names == ["monitoring", "agents"]


@pytest.mark.parity("mpl.dashboard")
def test_grafanas_sidecar_finds_a_dashboard(render):
    found = render(MONITORED).one("ConfigMap", "test-shared-dashboard")
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert found["metadata"]["annotations"]["grafana_folder"] == "MCP"
    assert "immutable" not in found
    ((name, text),) = found["data"].items()
    board = json.loads(text)
    assert name == "test-shared.json"
    assert board["uid"] == "test-shared"
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"]) > 15
    spots = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]
    assert len(set(spots)) == len(spots)
    for panel in board["panels"]:
        for target in panel["targets"]:
            assert asked(in_grafana(target["expr"])), panel["title"]
            assert "$__range" not in target["expr"], "each point of a graph stands for its own step"


def test_every_panel_says_what_it_means_to_whoever_is_on_call(render):
    (text,) = render(MONITORED).one("ConfigMap", "test-shared-dashboard")["data"].values()
    panels = {panel["title"]: panel["description"] for panel in json.loads(text)["panels"]}
    assert all(panels.values())
    (rules,) = render(MONITORED).one("PrometheusRule", "test-shared")["spec"]["groups"]
    told = {word.strip(".:,") for description in panels.values() for word in description.split() if word.startswith("MCP")}
    assert told
    assert told <= {rule["alert"] for rule in rules["rules"]}


def test_uids_stay_within_what_grafana_takes():
    from mcp_stack.manifests.dashboard import dashboard

    assert len(json.loads(dashboard("x" * 60, "t", {}))["uid"]) == 40


def test_other_sidecars_and_folders_can_be_named(render):
    dashboard = {"labels": {"dashboards": "yes"}, "folder": "Tools"}
    found = render({"monitoring": {"labels": {}, "dashboard": dashboard}}).one("ConfigMap", "test-shared-dashboard")["metadata"]
    assert found["labels"]["dashboards"] == "yes"
    assert "grafana_dashboard" not in found["labels"]
    assert found["annotations"]["grafana_folder"] == "Tools"


def test_without_monitoring_there_is_none_of_it(render):
    kinds = {one["kind"] for one in render()}
    assert kinds.isdisjoint({"ServiceMonitor", "PodMonitor", "PrometheusRule", "ScaledObject"})
    spec = load_spec({"servers": {"a": {"image": {"repository": "a", "tag": "1.0.0"}}}, "gateway": {"enabled": False}}, "test")
    assert overview(spec) == {}
    assert all(not one["metadata"]["name"].endswith("-dashboard") for one in manifests_for(spec))


def test_a_server_by_itself_has_alerts_of_its_own(render):
    data = {
        "gateway": {"enabled": False, "trust_network": True},
        "proxy": {"image": {"repository": "proxy", "tag": "1.0.0"}},
        "monitoring": {"labels": {"release": "prometheus"}},
        "servers": {"box": {"command": ["run"]}},
    }
    found = overview(load_spec(data, "test"), "box")
    assert {role: one["metadata"]["name"] for role, one in found.items()} == {
        "alerts": "test-box",
        "dashboard": "test-box-dashboard",
    }
    (group,) = found["alerts"]["spec"]["groups"]
    assert all('app_kubernetes_io_name="box"' in rule["expr"] for rule in group["rules"])
