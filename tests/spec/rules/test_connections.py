"""A pod stays for as long as the gateway uses the connections that lead to it."""

from urllib.parse import urlsplit

import pytest

from mcp_stack.spec import cluster_address, gateway_config, load_spec, wrapper_config
from mcp_stack_proxy.config import CLUSTER_AGE_SECONDS, ProxyConfig, default_connection_age, limits_of

AGE = "max_connection_age_seconds"
BOX = {"command": ["box"]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"servers.web.pause_seconds": 2},
            "servers.web.pause_seconds: 2 is below 3: the gateway uses a connection for 2 s "
            "(`servers.web.limits.max_connection_age_seconds` by default), and may open one for 1 s after a pod has left; "
            "calls would be lost at every rollout; raise the one or lower the other",
            id="default age",
        ),
        pytest.param(
            {f"servers.web.limits.{AGE}": 4.5},
            "5 is below 5.5: the gateway uses a connection for 4.5 s (`servers.web.limits.max_connection_age_seconds`)",
            id="default pause",
        ),
        pytest.param({f"defaults.limits.{AGE}": 60}, "(`defaults.limits.max_connection_age_seconds`)", id="inherited age"),
        pytest.param({f"gateway.limits.{AGE}": 60}, "(`gateway.limits.max_connection_age_seconds`)", id="of the gateway"),
        pytest.param({"defaults.pause_seconds": 0}, "servers.web.pause_seconds: 0 is below 3", id="inherited pause"),
        pytest.param({"servers.web": {**BOX, "pause_seconds": 2}}, "servers.web.pause_seconds: 2 is below 3", id="wrapped"),
    ],
)
def test_a_pod_that_is_gone_before_the_connections_to_it_is_refused_with_both_keys(problems, changes, expected):
    (problem,) = problems(changes)
    assert expected in problem
    assert "servers.web.pause_seconds" in problem
    assert AGE in problem


@pytest.mark.parametrize(
    "changes",
    [
        {"servers.web.pause_seconds": 3},
        {"servers.web": {**BOX, "pause_seconds": 0}, "gateway.enabled": False},
        {"servers.web.pause_seconds": 2, f"servers.web.limits.{AGE}": 1},
        {f"gateway.limits.{AGE}": 3600, f"servers.web.limits.{AGE}": 4},
        {"servers.hub": {"url": "https://hub.example/mcp", "limits": {AGE: 60}}},
        {"servers.db": {"image": {"repository": "acme/db", "tag": "1"}, "in_gateway": False, "pause_seconds": 0}},
        {"gateway.pause_seconds": 0},
    ],
)
def test_a_pod_that_stays_long_enough_or_that_no_gateway_calls_is_not(problems, changes):
    assert [line for line in problems(changes) if "pause_seconds" in line] == []


def test_the_default_that_the_rule_knows_is_the_one_that_the_proxy_has_for_a_service_of_the_stack(load):
    spec = load()
    host = urlsplit(cluster_address(spec)("web")).hostname
    assert default_connection_age(host, "34.118.224.9") == CLUSTER_AGE_SECONDS


@pytest.mark.parametrize("server", [BOX, {"image": {"repository": "box", "tag": "1.0.0"}, "proxy": {}}], ids=["stdio", "front"])
def test_the_age_is_that_of_the_gateways_connections_and_none_leads_to_a_child(server):
    spec = load_spec(
        {"gateway": {"trust_network": True}, "servers": {"box": {**server, "limits": {AGE: 3.0}}}}, "test", cluster=False
    )
    config = ProxyConfig.model_validate(gateway_config(spec, cluster_address(spec)))
    assert limits_of(config, "box").max_connection_age_seconds == 3
    if server is BOX:
        wrapper = wrapper_config(spec, "box")
        ProxyConfig.model_validate(wrapper)
        assert "limits" not in wrapper["servers"]["box"]


def test_the_age_of_connections_that_nobody_opens_is_refused(problems):
    changes = {"servers.box": {**BOX, "in_gateway": False, "limits": {AGE: 3}, "clients": [{"namespace": "a"}]}}
    assert f"servers.box.limits.{AGE}: does nothing for a server that no gateway offers; remove it" in problems(changes)


def test_an_inherited_age_is_passed_over_where_nobody_opens_connections(load):
    box = {**BOX, "in_gateway": False, "clients": [{"namespace": "a"}]}
    assert load({"servers.box": box, f"defaults.limits.{AGE}": 3}).servers["box"].limits is not None
