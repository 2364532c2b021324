import pytest

NUMBERS = ("initialDelaySeconds", "periodSeconds", "timeoutSeconds", "successThreshold", "failureThreshold")


def numbers(probe):
    """A delay that is not written is zero."""
    return tuple(probe[name] if name != NUMBERS[0] else probe.get(name, 0) for name in NUMBERS)


@pytest.mark.parity("stack.probes-by-default")
def test_a_server_without_probe_keys_has_three_that_work(render):
    container = render().container("test-web")
    ((port, number),) = [(one["name"], one["containerPort"]) for one in container["ports"]]
    for probe, asked in (("startupProbe", port), ("readinessProbe", port), ("livenessProbe", number)):
        assert container[probe]["tcpSocket"] == {"port": asked}
        assert "initialDelaySeconds" not in container[probe]


@pytest.mark.parity("stack.probes")
@pytest.mark.parametrize(
    ("kind", "expected"), [("liveness", (30, 10, 5, 1, 3)), ("readiness", (10, 5, 3, 1, 3)), ("startup", (0, 10, 3, 1, 30))]
)
def test_written_probes_stand_over_the_charts_numbers(render, kind, expected):
    http = {"path": "/healthz", "port": 8081, "scheme": "HTTPS", "headers": {"X-Probe": "1"}}
    probe = render({f"servers.web.probes.{kind}": {"http_get": http}}).container("test-web")[f"{kind}Probe"]
    assert probe["httpGet"] == {
        "path": "/healthz",
        "port": 8081,
        "scheme": "HTTPS",
        "httpHeaders": [{"name": "X-Probe", "value": "1"}],
    }
    assert numbers(probe) == expected


@pytest.mark.parity("stack.probes")
def test_an_explicit_zero_stands_over_the_charts_delay_and_is_not_written(render):
    given = {
        "tcp_socket": {"port": 9},
        "initial_delay_seconds": 0,
        "period_seconds": 7,
        "timeout_seconds": 2,
        "failure_threshold": 9,
    }
    probe = render({"servers.web.probes.liveness": given}).container("test-web")["livenessProbe"]
    assert probe["tcpSocket"] == {"port": 9}
    assert numbers(probe) == (0, 7, 2, 1, 9)
    assert "initialDelaySeconds" not in probe, "the API server keeps no zero, and a refresh would miss it"


@pytest.mark.parity("stack.probes")
def test_a_probe_may_run_a_program(render):
    probe = render({"servers.web.probes.readiness": {"exec": ["check"], "success_threshold": 2}}).container("test-web")[
        "readinessProbe"
    ]
    assert probe["exec"] == {"command": ["check"]}
    assert probe["successThreshold"] == 2


@pytest.mark.parametrize(
    ("keys", "grpc", "ports"),
    [
        ({}, {"port": 8000}, [8000]),
        ({"port": 9000}, {"port": 9000}, [8000, 9000]),
        ({"service": "mcp"}, {"port": 8000, "service": "mcp"}, [8000]),
    ],
)
def test_a_probe_may_ask_by_grpc_which_knows_no_names_of_ports(render, keys, grpc, ports):
    container = render({"servers.web.probes.readiness": {"grpc": keys}}).container("test-web")
    assert container["readinessProbe"]["grpc"] == grpc
    assert [port["containerPort"] for port in container["ports"]] == ports, "what is asked is declared"


@pytest.mark.parity("stack.probes-by-default")
def test_a_stdio_server_takes_over_the_times_of_the_defaults_and_keeps_the_proxys_pages(render):
    probes = {"readiness": {"http_get": {"path": "/healthz"}, "period_seconds": 7}, "liveness": {"exec": ["check"]}}
    rendered = render({"defaults.probes": probes})
    web, box = rendered.container("test-web"), rendered.container("test-box")
    assert web["readinessProbe"]["httpGet"]["path"] == "/healthz"
    assert web["livenessProbe"]["exec"] == {"command": ["check"]}
    assert box["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert box["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert web["readinessProbe"]["periodSeconds"] == box["readinessProbe"]["periodSeconds"] == 7


@pytest.mark.parity("stack.probes-by-default")
def test_only_enabled_false_removes_a_probe(render):
    container = render({"servers.web.probes": {"startup": {"enabled": False}, "readiness": {}}}).container("test-web")
    assert "startupProbe" not in container
    assert {"readinessProbe", "livenessProbe"} <= set(container)


@pytest.mark.parity("aggregate.probe-startup")
@pytest.mark.parametrize(("keys", "seconds"), [({}, 30), ({"failure_threshold": 12}, 60)])
def test_the_proxy_has_half_a_minute_to_start_or_what_is_given(render, keys, seconds):
    probe = render({"gateway.probes.startup": keys}).container("test-gateway")["startupProbe"]
    assert probe["failureThreshold"] * probe["periodSeconds"] == seconds


@pytest.mark.parametrize(
    ("keys", "seconds"),
    [
        ({}, 180),
        ({"servers.box.probes.startup": {"failure_threshold": 120}}, 600),
        ({"defaults.probes.startup": {"failure_threshold": 60}}, 300),
        ({"servers.box.process": {"start": "first_call"}}, 30),
        ({"servers.box.cli": True}, 30),
    ],
)
def test_a_process_that_starts_with_its_pod_has_three_minutes_or_what_is_given(render, keys, seconds):
    probe = render(keys).container("test-box")["startupProbe"]
    assert probe["failureThreshold"] * probe["periodSeconds"] == seconds


@pytest.mark.parity("aggregate.probe-liveness", "aggregate.probe-readiness")
def test_the_proxy_is_asked_at_its_three_endpoints_on_its_management_port(render):
    for name in ("test-gateway", "test-box"):
        container = render().container(name)
        paths = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")}
        assert paths == {"startup": "/startupz", "readiness": "/readyz", "liveness": "/livez"}
        assert container["livenessProbe"]["periodSeconds"] == 30
        assert container["readinessProbe"]["periodSeconds"] == 10
        assert {container[f"{kind}Probe"]["httpGet"]["port"] for kind in paths} == {"management"}
        assert {"name": "management", "containerPort": 9100, "protocol": "TCP"} in container["ports"]


def test_a_probe_of_the_proxy_that_names_no_port_asks_where_its_pages_are(render):
    written = {"gateway.probes.readiness": {"http_get": {"path": "/livez"}}, "servers.web.probes.readiness": {"http_get": {}}}
    rendered = render(written)
    assert rendered.container("test-gateway")["readinessProbe"]["httpGet"]["port"] == "management"
    assert rendered.container("test-web")["readinessProbe"]["httpGet"]["port"] == "http"


def test_two_ways_of_asking_are_refused(render):
    with pytest.raises(ValueError, match=r"readiness: a probe asks in one way, not in 2: http_get, exec"):
        render({"servers.web.probes.readiness": {"exec": ["x"], "http_get": {}}})
