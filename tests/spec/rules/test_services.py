import pytest

UDP = {"servers.web.service": {"protocol": "UDP"}}
UNASKED = {"servers.web.probes": {kind: {"enabled": False} for kind in ("startup", "readiness", "liveness")}}
BEHIND = {"servers.web.in_gateway": False, "servers.other": {"image": {"repository": "acme/other", "tag": "1.0.0"}}}
ASKED = "would ask `port`, which is UDP; give it an `exec`, another port, or `enabled: false`"


@pytest.mark.parity("stack.service")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"gateway.service": {"target_port": 1}},
            ["gateway.service.target_port: the proxy in its pods says where it listens; remove it"],
            id="the gateway's",
        ),
        pytest.param(
            {"servers.web.service": {"target_port": 8000}},
            ["servers.web.service.target_port: 8000 is the server's `port` already; remove it"],
            id="the same port",
        ),
        pytest.param({"servers.web.service": {"target_port": 4180}}, [], id="a sidecar's"),
        pytest.param(
            UDP,
            [
                "servers.web.service.protocol: MCP does not run over UDP; remove it, or set `in_gateway: false` "
                "for what only other servers call"
            ],
            id="MCP over UDP",
        ),
        pytest.param(
            UDP | BEHIND,
            [f"servers.web.probes.{kind}: {ASKED}" for kind in ("startup", "readiness", "liveness")],
            id="probes over UDP",
        ),
        pytest.param(UDP | BEHIND | UNASKED, [], id="without probes"),
        pytest.param(
            UDP
            | BEHIND
            | {
                "servers.web.probes": {
                    "startup": {"exec": ["true"]},
                    "readiness": {"tcp_socket": {"port": 9}},
                    "liveness": {"http_get": {"path": "/"}},
                }
            },
            [f"servers.web.probes.liveness: {ASKED}"],
            id="probes that ask elsewhere",
        ),
        pytest.param(
            BEHIND | {"servers.web.service": {"protocol": "SCTP", "target_port": 9000}}, [], id="a further port of its own"
        ),
        pytest.param(
            UDP | BEHIND | UNASKED | {"servers.web.exposure": {"host": "a.example.com", "parent": {"name": "edge"}}},
            ["servers.web.service.protocol: routes and Ingresses forward no UDP; remove it, or `exposure`"],
            id="exposed",
        ),
        pytest.param(
            UDP
            | BEHIND
            | UNASKED
            | {
                "servers.web.storage": {"replicated": True, "claims": {"data": {"path": "/data", "size": "1Gi"}}},
                "servers.web.replicas": 2,
            },
            [
                "servers.web.service.protocol: replicas keep their volumes alike over TCP on `port`, not UDP; remove it, or "
                "`storage.replicated`"
            ],
            id="replicas that talk to each other",
        ),
    ],
)
def test_a_service_leads_somewhere_by_a_protocol_that_is_spoken_there(problems, changes, expected):
    assert problems(changes) == expected
