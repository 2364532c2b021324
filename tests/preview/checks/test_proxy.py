"""The proxy's configuration against the objects around it."""

import pytest

from tests.preview.checks.sound import CONTAINER, expect, findings

PLACE = "spec.template.spec.containers[gateway].args"


def config(url):
    return ("ConfigMap gateway-config", ("data", "proxy.yaml"), f"servers: {{clock: {{url: '{url}'}}}}\n")


@pytest.mark.parametrize(
    ("edits", "faults"),
    [
        (
            [config("http://watch.shop.svc:8000/mcp")],
            [("Deployment shop/gateway", f"{PLACE} (servers.clock.url)", "namespace shop has no Service 'watch'")],
        ),
        (
            [config("http://clock.shop.svc.cluster.local/mcp")],
            [("Deployment shop/gateway", f"{PLACE} (servers.clock.url)", "Service clock has no port 80; it has: 8000")],
        ),
        (
            [("Deployment gateway", (*CONTAINER, "args", 4), "0.0.0.0:9090")],
            [("Deployment shop/gateway", PLACE, "listens on 9090, which the container does not declare; it declares: [8080]")],
        ),
    ],
)
def test_a_proxy_that_reaches_or_hears_nobody_is_found(edits, faults):
    expect("proxy", edits, faults)


@pytest.mark.parametrize(
    "url", ["http://clock.other.svc:8000/mcp", "https://mcp.example.com", "${CLOCK_URL}", "http://clock.shop.svc:8000/mcp"]
)
def test_addresses_outside_the_stack_are_not_judged(url):
    assert findings(config(url)) == []
