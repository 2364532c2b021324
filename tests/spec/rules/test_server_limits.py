"""Bounds of one server reach every proxy that leads to it, and none where they do nothing."""

import pytest

from mcp_stack.spec import load_spec
from mcp_stack.spec.proxy_config import cluster_address, gateway_config, wrapper_config
from mcp_stack_proxy.config import ConfigError, ProxyConfig

URL = {"url": "https://hub.example/mcp"}
IMAGE = {"image": {"repository": "hub", "tag": "1.0.0"}}
COMMAND = {"command": ["hub"]}


def load(servers, **more):
    return load_spec({"gateway": {"trust_network": True}, "servers": servers, **more}, "test", cluster=False)


def limits(config, name="hub"):
    ProxyConfig.model_validate(config)
    return config["servers"][name].get("limits")


@pytest.mark.parametrize("kind", [URL, IMAGE, COMMAND], ids=["url", "image", "command"])
def test_the_gateway_keeps_to_the_limits_of_every_kind_of_server(kind):
    own = {"request_seconds": 600.0, "max_concurrent": 4, "max_queue": 0}
    spec = load({"hub": {**kind, "limits": own}})
    assert limits(gateway_config(spec, cluster_address(spec))) == own
    if kind is COMMAND:
        assert limits(wrapper_config(spec, "hub")) == own


def test_limits_are_inherited_field_by_field_and_a_bound_can_be_lifted():
    servers = {"one": URL, "two": {**URL, "limits": {"max_concurrent": 9}}, "three": {**URL, "limits": {"max_concurrent": None}}}
    spec = load(servers, defaults={"limits": {"max_concurrent": 4, "max_queue": 7}})
    config = gateway_config(spec, cluster_address(spec))
    assert limits(config, "one") == {"max_concurrent": 4, "max_queue": 7}
    assert limits(config, "two") == {"max_concurrent": 9, "max_queue": 7}
    assert limits(config, "three") is None


@pytest.mark.parametrize(
    ("servers", "path"),
    [
        ({"a": URL, "hub": {**IMAGE, "in_gateway": False, "limits": {"max_concurrent": 1}}}, "hub.limits"),
        ({"hub": {**URL, "limits": {"max_queue": 5}}}, "hub.limits.max_queue"),
        ({"hub": {**URL, "limits": {"max_concurrent": 1, "max_queue": 0, "queue_seconds": 5}}}, "hub.limits.queue_seconds"),
        ({"hub": {**URL, "limits": {"max_concurrent": 0}}}, "hub.limits.max_concurrent"),
        ({"hub": {**URL, "limits": {"drain_seconds": 1}}}, "hub.limits.drain_seconds"),
    ],
)
def test_what_would_do_nothing_is_refused(servers, path):
    with pytest.raises(ConfigError) as caught:
        load(servers)
    assert f"servers.{path}" in {problem.path for problem in caught.value.problems}


def test_a_wrapped_server_without_gateway_keeps_to_its_limits():
    spec = load({"hub": {**COMMAND, "in_gateway": False, "limits": {"max_concurrent": 1}}, "a": URL})
    assert limits(wrapper_config(spec, "hub")) == {"max_concurrent": 1}
