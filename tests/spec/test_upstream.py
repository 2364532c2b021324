"""The proxy before one server: what its arguments mean, and everything that is wrong with them at once."""

import pytest

from mcp_stack.inputs import moved
from mcp_stack.spec import GatewaySpec
from mcp_stack.spec.upstream import IN_A_SIDECAR, load_upstream, places_of
from mcp_stack_proxy.config import ConfigError

AROUND = {"namespace": {"name": "team", "create": False}, "proxy": {"image": {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0"}}}
SIDECAR = {"port": 8080, "selector": {"app": "orders"}}
URL = {"url": "https://mcp.example.org/mcp"}
OPEN = (
    "trust_network: nothing checks who calls the proxy, so pods would be open to whoever reaches them; set it to true where only "
    "trusted clients can (`clients` and `exposure` say who that is), or give `gateway.authentication`"
)


def load(data, around=None):
    return load_upstream({"trust_network": True, **data}, {**AROUND, **(around or {})}, "orders", "test", "here", moved)


def problems(data, around=None):
    try:
        load(data, around)
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (URL, []),
        ({"sidecar": SIDECAR}, []),
        ({**URL, "trust_network": False}, [OPEN]),
        ({}, ["url: required: the server's endpoint; or give `sidecar`, the workload in whose pods the proxy is to run"]),
        ({**URL, "sidecar": SIDECAR}, ["url: contradicts `sidecar`, which says where the server listens; remove one of them"]),
        (
            {"sidecar": SIDECAR, "replicas": 2, "egress": [{"internet": True}]},
            [
                "replicas: does nothing beside `sidecar`: the pods are the workload's; say it there",
                "egress: does nothing beside `sidecar`: the server is in the same pod; remove it",
            ],
        ),
        (
            {"sidecar": {"port": 0, "selector": {}}, "server_limits": {"queue_seconds": 3}, "replcas": 1},
            ["sidecar.port", "sidecar.selector", "replcas", "server_limits.queue_seconds"],
        ),
        ({**URL, "service": 3}, ["service"]),
        ({"sidecar": SIDECAR, "service": 3}, ["service"]),
        ({"sidecar": SIDECAR, "service": {"port": 0}}, ["service.port"]),
        ({"url": "http://127.0.0.1:8080/mcp"}, ["url: 127.0.0.1 is the gateway's own pod in a cluster; give the server's address"]),
        ({"sidecar": {**SIDECAR, "replicas": 2}}, ["sessions"]),
        ({"sidecar": {**SIDECAR, "path": "mcp"}}, ["sidecar.path"]),
        ({"sidecar": {**SIDECAR, "path": "/${X}"}}, ["sidecar.path"]),
        (
            {"sidecar": SIDECAR, "port": 9100},
            ["port: 9100 is the proxies' `gateway.management.port`"],
        ),
        (
            {"sidecar": {**SIDECAR, "port": 9443}},
            ["sidecar.port: 9443 is the proxy's own `port`, and containers of a pod share its ports"],
        ),
        (
            {"sidecar": SIDECAR, "management": {"port": 8080}},
            ["sidecar.port: 8080 is the proxy's own `management.port`, and containers of a pod share its ports"],
        ),
    ],
)
def test_all_that_is_wrong_is_said(data, expected):
    found = problems(data)
    assert len(found) == len(expected), found
    for line, start in zip(sorted(found), sorted(expected), strict=True):
        assert line.startswith(start), found


def test_records_of_shared_pods_need_a_volume_of_whoever_has_them():
    [found] = problems({"sidecar": SIDECAR, "audit": {"files": {"claim": {"size": "1Gi"}}}})
    assert found.startswith("audit.files: cannot be had beside `sidecar`")


def test_monitoring_of_shared_pods_belongs_to_who_has_them():
    [found] = problems({"sidecar": SIDECAR}, {"monitoring": {"labels": {"release": "prometheus"}}})
    assert found.startswith("monitoring: cannot be had beside `sidecar`")


def test_tools_keep_their_names_behind_one_proxy():
    spec, sidecar = load(URL)
    assert (spec.servers["orders"].namespace, sidecar) == ("", None)
    assert (spec.gateway.port, spec.gateway.service.port_name) == (9443, "http")


def test_a_sidecar_is_where_its_server_is():
    spec, sidecar = load({"sidecar": {**SIDECAR, "path": "/rpc"}, "port": 9000, "service": {"port": 80}})
    assert spec.servers["orders"].url == "http://127.0.0.1:8080/rpc"
    assert sidecar is not None
    assert (spec.gateway.port, spec.gateway.service.port, spec.gateway.service.port_name) == (9000, 80, "proxy")


@pytest.mark.parametrize(("key", "value"), [("port_name", "mcp"), ("annotations", {"a": "b"})])
def test_what_is_written_of_the_service_stays(key, value):
    spec, _ = load({"sidecar": SIDECAR, "service": {key: value}})
    assert getattr(spec.gateway.service, key) == value


def test_the_keys_of_a_sidecar_are_keys_of_a_gateway():
    assert set(GatewaySpec.model_fields) >= IN_A_SIDECAR


def test_places_of_its_own_arguments():
    assert places_of("orders", sidecar=True)["servers.orders.url"] == "sidecar.path"
    assert "servers.orders.url" not in places_of("orders", sidecar=False)
