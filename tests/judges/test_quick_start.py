"""Seed 001's quick start: what its page promises that one command creates."""

from tests.judges.stacks import EXAMPLES, manifests


def test_one_stack_file_creates_what_the_page_lists():
    made = {(item["kind"], item["metadata"]["name"]): item for item in manifests(EXAMPLES / "quick-start", "staging")}
    assert ("Namespace", "mcp") in made
    deployment = made["Deployment", "staging-gateway"]
    assert deployment["spec"]["replicas"] == 1
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    requests, limits = container["resources"]["requests"], container["resources"]["limits"]
    assert [(requests[name], limits[name]) for name in ("cpu", "memory")] == [("100m", "1"), ("64Mi", "256Mi")]
    service = made["Service", "staging-gateway"]["spec"]
    assert [(port["name"], port["port"]) for port in service["ports"]] == [("http", 8080)]
    assert service.get("type", "ClusterIP") == "ClusterIP"
    (config,) = (item for (kind, _), item in made.items() if kind == "ConfigMap")
    assert {"sentry", "grafana"} <= {text.strip(" :") for text in config["data"]["proxy.yaml"].split("\n")}
    assert "Bearer ${SENTRY_TOKEN}" in config["data"]["proxy.yaml"]
