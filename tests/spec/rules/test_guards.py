"""What the gateway is to check acts where there is a gateway, and something to check."""

import pytest

from mcp_stack.spec import load_spec
from mcp_stack.spec.proxy_config import cluster_address, gateway_config
from mcp_stack_proxy.config import ConfigError, ProxyConfig

SERVER = {"url": "https://hub.example/mcp"}
IMAGE = {"image": {"repository": "hub", "tag": "1.0.0"}}


def load(servers, **more):
    return load_spec({"gateway": {"trust_network": True}, "servers": servers, **more}, "test", cluster=False)


def entry(spec, name):
    config = gateway_config(spec, cluster_address(spec))
    ProxyConfig.model_validate(config)
    return {key: config["servers"][name][key] for key in ("tools", "validation") if key in config["servers"][name]}


@pytest.mark.parametrize("kind", [SERVER, IMAGE, {"command": ["hub"]}], ids=["url", "image", "command"])
def test_every_kind_of_server_is_guarded_by_the_gateway(kind):
    guard = {"tools": {"allow": ["list_*"], "deny": ["list_all"]}, "validation": {"arguments": "enforce", "max_depth": 9}}
    assert entry(load({"hub": {**kind, **guard}}), "hub") == guard


def test_validation_is_inherited_field_by_field_and_can_be_switched_off():
    servers = {
        "one": SERVER,
        "two": {**SERVER, "validation": {"results": "observe"}},
        "three": {**SERVER, "validation": {"arguments": False}},
    }
    spec = load(servers, defaults={"validation": {"arguments": "enforce", "max_bytes": 10}})
    assert entry(spec, "one") == {"validation": {"arguments": "enforce", "max_bytes": 10}}
    assert entry(spec, "two") == {"validation": {"arguments": "enforce", "results": "observe", "max_bytes": 10}}
    assert entry(spec, "three") == {}


def test_names_with_a_dollar_reach_the_proxy_as_they_are():
    spec = load({"hub": {**SERVER, "tools": {"allow": ["a$b"]}}})
    assert entry(spec, "hub") == {"tools": {"allow": ["a$$b"]}}


@pytest.mark.parametrize(
    ("servers", "path"),
    [
        (
            {"a": SERVER, "hub": {**IMAGE, "in_gateway": False, "tools": {"deny": ["x"]}}},
            "hub.tools",
        ),
        ({"hub": {**SERVER, "tools": {}}}, "hub.tools"),
        ({"hub": {**SERVER, "tools": {"allow": []}}}, "hub.tools.allow"),
        ({"hub": {**SERVER, "validation": {"max_bytes": 5}}}, "hub.validation.max_bytes"),
        ({"hub": {**SERVER, "validation": {"arguments": "loud"}}}, "hub.validation.arguments"),
        ({"hub": {**SERVER, "validation": {"arguments": "enforce", "max_depth": 1000}}}, "hub.validation.max_depth"),
    ],
)
def test_what_would_do_nothing_is_refused(servers, path):
    with pytest.raises(ConfigError) as caught:
        load(servers)
    assert f"servers.{path}" in {problem.path for problem in caught.value.problems}
