"""The proxies' management port, and what stands in their configurations and policies for it."""

import pytest
import yaml

SCRAPERS = [{"namespace": "monitoring", "pods": {"app": "prometheus"}}]
ANNOTATIONS = {"prometheus.io/scrape": "true", "prometheus.io/port": "9100", "prometheus.io/path": "/metrics"}


def config(rendered, part):
    """Configuration of the proxy `part`."""
    (text,) = rendered.one("ConfigMap", f"test-{part}-config")["data"].values()
    return yaml.safe_load(text)


def ingress(rendered, part):
    return rendered.one("NetworkPolicy", f"test-{part}")["spec"]["ingress"]


def ports(rendered, part):
    return {port["name"]: port["containerPort"] for port in rendered.container(f"test-{part}")["ports"]}


def annotations(rendered, part):
    found = rendered.one("Deployment", f"test-{part}")["spec"]["template"]["metadata"].get("annotations", {})
    return {key: value for key, value in found.items() if key.startswith("prometheus.io/")}


@pytest.mark.parity("mpl.metrics-port")
def test_only_proxies_have_the_port_and_say_that_it_can_be_scraped(render):
    rendered = render({"gateway.management": {"scrapers": SCRAPERS}})
    assert ports(rendered, "gateway") == {"http": 8080, "management": 9100}
    assert ports(rendered, "box") == {"http": 8000, "management": 9100}
    assert ports(rendered, "web") == {"http": 8000}
    assert [annotations(rendered, part) for part in ("gateway", "box", "web")] == [ANNOTATIONS, ANNOTATIONS, {}]


def test_pods_that_nobody_may_scrape_ask_nobody_to(render):
    assert annotations(render(), "gateway") == annotations(render(), "box") == {}


def test_pods_that_a_monitor_finds_are_not_counted_twice(render):
    monitored = {"monitoring": {"labels": {}}, "gateway.management": {"scrapers": SCRAPERS}}
    assert annotations(render(monitored), "gateway") == annotations(render(monitored), "box") == {}


def test_what_the_stack_says_of_its_pods_counts_more(render):
    own = {"prometheus.io/scrape": "false"}
    rendered = render({"gateway.annotations": own, "gateway.management": {"scrapers": SCRAPERS}})
    assert annotations(rendered, "gateway")["prometheus.io/scrape"] == "false"


@pytest.mark.parametrize("part", ["gateway", "box"])
def test_scrapers_reach_the_management_port_and_nothing_else(render, part):
    rendered = render({"gateway.management": {"port": 9200, "scrapers": SCRAPERS}})
    assert ports(rendered, part)["management"] == 9200
    assert ingress(rendered, part)[-1] == {
        "from": [
            {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}},
                "podSelector": {"matchLabels": {"app": "prometheus"}},
            }
        ],
        "ports": [{"protocol": "TCP", "port": 9200}],
    }
    assert all(rule["ports"][0]["port"] != 9200 for rule in [*ingress(rendered, "web"), *ingress(render(), part)])


def test_metrics_are_counted_unless_switched_off(render):
    rendered = render()
    assert config(rendered, "gateway")["metrics"] == config(rendered, "box")["metrics"] == {"tools_per_server": 100}
    rendered = render({"gateway.metrics": {"enabled": False}, "gateway.management": {"scrapers": SCRAPERS}})
    assert "metrics" not in config(rendered, "gateway") | config(rendered, "box")
    assert annotations(rendered, "gateway") == {}


def test_calls_are_audited_once_where_they_come_in(render):
    rendered = render({"gateway.audit": {"arguments": "digest"}})
    assert config(rendered, "gateway")["audit"] == {"output": "stdout", "arguments": "digest"}
    assert "audit" not in config(rendered, "box")
    direct = render({"servers.box.clients": [{"namespace": "agents"}]})
    assert config(direct, "box")["audit"] == {"output": "stdout"}
    assert "audit" not in config(render({"gateway.audit": {"enabled": False}}), "gateway")
