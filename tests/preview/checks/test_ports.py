"""Every port that something names is one on which a container listens."""

import pytest

from tests.preview.checks.sound import CONTAINER, POD, brief, expect, findings


@pytest.mark.parametrize(
    ("edits", "faults"),
    [
        (
            [("Service gateway", ("spec", "ports", 0, "targetPort"), "mcp")],
            [
                (
                    "Service shop/gateway",
                    "spec.ports[http].targetPort",
                    "'mcp' is no port of Deployment shop/gateway; it has: 8080 (http)",
                )
            ],
        ),
        (
            [("Service clock", ("spec", "ports", 0, "targetPort"), 9000)],
            [("Service shop/clock", "spec.ports[http].targetPort", "9000 is no port of Deployment shop/clock")],
        ),
        (
            [("Deployment gateway", (*CONTAINER, "readinessProbe", "httpGet", "port"), "metrics")],
            [
                (
                    "Deployment shop/gateway",
                    "spec.template.spec.containers[gateway].readinessProbe.httpGet.port",
                    "'metrics' is no port of this container",
                )
            ],
        ),
        (
            [("Deployment clock", (*CONTAINER, "livenessProbe", "tcpSocket", "port"), 8001)],
            [
                (
                    "Deployment shop/clock",
                    "spec.template.spec.containers[clock].livenessProbe.tcpSocket.port",
                    "8001 is no port of this container",
                )
            ],
        ),
        (
            [("Deployment clock", (*CONTAINER, "lifecycle", "preStop"), {"httpGet": {"port": "stop"}})],
            [("Deployment shop/clock", "spec.template.spec.containers[clock].lifecycle.preStop.httpGet.port", "'stop' is no port")],
        ),
    ],
)
def test_a_port_that_no_container_has_is_found(edits, faults):
    expect("ports", edits, faults)


def test_a_policy_that_admits_to_a_port_that_nobody_has_is_found():
    found = findings(("NetworkPolicy gateway", ("spec", "ingress", 0, "ports", 0, "port"), 9090))
    assert brief(found) == [("ports", "NetworkPolicy shop/gateway", "spec.ingress[0].ports")]


@pytest.mark.parametrize("port", [{"name": "http", "containerPort": 9}, {"name": "other", "containerPort": 8000}])
def test_a_port_that_two_containers_take_is_found(port):
    twin = {
        "name": "twin",
        "image": "acme/twin:1",
        "ports": [port],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
    }
    by_number = ("NetworkPolicy clock", ("spec", "ingress", 0, "ports", 0, "port"), 8000)
    found = findings(("Deployment clock", (*POD, "containers", 1), twin), by_number)
    assert brief(found) == [("ports", "Deployment shop/clock", "spec.template.spec.containers[twin].ports")]


def test_a_native_sidecars_port_counts():
    sidecar = {
        "name": "proxy",
        "image": "acme/proxy:1",
        "restartPolicy": "Always",
        "ports": [{"name": "side", "containerPort": 9000}],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
    }
    edits = [
        ("Deployment clock", (*POD, "initContainers"), [sidecar]),
        ("Service clock", ("spec", "ports", 0, "targetPort"), "side"),
    ]
    assert findings(*edits) == []
