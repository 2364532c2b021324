"""How long a connection is used where the configuration does not say, and where it may say so."""

import pytest

from mcp_stack_proxy.config import CLUSTER_AGE_SECONDS, REMOTE_AGE_SECONDS, ProxyConfig, default_connection_age


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("staging-clock.mcp-staging.svc", "10.96.0.7"),
        ("staging-clock.mcp-staging.svc.cluster.local.", "10.96.0.7"),
        ("clock.tools.svc", "34.118.230.9"),  # a Service of GKE
        ("clock", "34.118.230.9"),
        ("clock.tools", "10.96.0.7"),
        ("10.0.3.7", "10.0.3.7"),
        ("clock.tools", "100.64.0.9"),  # shared address space, which clusters use, too
        ("clock.tools", "fd00::7"),
        ("clock.tools", "::ffff:10.0.0.7"),
        ("fe80::1%eth0", "fe80::1%eth0"),
    ],
)
def test_connections_to_what_may_be_a_pod_grow_old_quickly(host, address):
    assert default_connection_age(host, address) == CLUSTER_AGE_SECONDS


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("mcp.example.com", "93.184.215.14"),
        ("svc.example.com", "93.184.215.14"),
        ("93.184.215.14", "93.184.215.14"),
        ("2606:4700::1111", "2606:4700::1111"),
        ("localhost", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("localhost", "::ffff:127.0.0.1"),
    ],
)
def test_connections_beyond_the_cluster_and_within_one_pod_do_not(host, address):
    assert default_connection_age(host, address) == REMOTE_AGE_SECONDS


@pytest.mark.parametrize("kind", [{"command": "clock"}, {"command": "clock", "cli": True}], ids=["stdio", "cli"])
def test_no_connection_leads_to_a_child(kind):
    config = {"servers": {"clock": {**kind, "limits": {"max_connection_age_seconds": 3}}}}
    with pytest.raises(ValueError, match=r"`limits\.max_connection_age_seconds` does nothing beside `command`"):
        ProxyConfig.model_validate(config)


@pytest.mark.parametrize("age", [0, -1, "inf", True])
def test_an_age_is_a_duration(age):
    config = {"servers": {"clock": {"url": "http://clock:8000/mcp", "limits": {"max_connection_age_seconds": age}}}}
    with pytest.raises(ValueError, match="max_connection_age_seconds"):
        ProxyConfig.model_validate(config)
