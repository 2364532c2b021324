"""Virtual servers consist of what the gateway has, and reach the proxy as they are written."""

import pytest

from mcp_stack.spec import load_spec
from mcp_stack.spec.proxy_config import cluster_address, gateway_config
from mcp_stack_proxy.config import ConfigError, ProxyConfig

IMAGE = {"image": {"repository": "hub", "tag": "1.0.0"}}
SERVERS = {"hub": IMAGE, "off": {**IMAGE, "enabled": False}, "inner": {**IMAGE, "in_gateway": False}}


def load(virtual, servers=SERVERS, **gateway):
    stack = {"gateway": {"trust_network": True, "virtual_servers": virtual, **gateway}, "servers": servers}
    return load_spec(stack, "test", cluster=False)


def problems(virtual, **more):
    with pytest.raises(ConfigError) as caught:
        load(virtual, **more)
    return {problem.path.removeprefix("gateway.virtual_servers."): problem.message for problem in caught.value.problems}


def tools(server="hub", **more):
    return {"support": {"tools": [{"server": server, "tool": "search", **more}]}}


def test_a_virtual_server_reaches_the_proxy_as_it_is_written():
    virtual = {"support": {"title": "A $ sign", **tools(description="${NOT} filled", annotations={"read_only": True})["support"]}}
    spec = load(virtual)
    config = gateway_config(spec, cluster_address(spec))
    ProxyConfig.model_validate(config)
    (tool,) = config["virtual_servers"]["support"]["tools"]
    assert config["virtual_servers"]["support"]["title"] == "A $$ sign"
    assert tool == {"server": "hub", "tool": "search", "description": "$${NOT} filled", "annotations": {"read_only": True}}


@pytest.mark.parametrize(
    ("server", "why"),
    [
        ("hup", "no server 'hup'; did you mean `hub`?"),
        ("jira", "no server 'jira'; the gateway has: hub"),
        ("off", "server 'off' is disabled; enable it"),
        ("inner", "server 'inner' is kept out of the gateway"),
    ],
)
@pytest.mark.parametrize(("kind", "key"), [("tools", "tool"), ("prompts", "prompt"), ("resources", "uri")])
def test_a_selection_is_of_a_server_that_the_gateway_has(kind, key, server, why):
    selections = [{"server": "hub", key: "a"}, {"server": server, key: "b"}]
    found = problems({"support": {kind: selections}})
    assert list(found) == [f"support.{kind}[1].server"]
    assert found[f"support.{kind}[1].server"].startswith(why)


@pytest.mark.parametrize("name", ["hub", "off", "inner"])
def test_a_name_stands_for_one_server(name):
    assert problems({name: tools()["support"]}) == {name: f"{name!r} is the name of a server; call one of them otherwise"}


def test_there_is_no_virtual_server_without_a_gateway():
    found = problems(tools(), enabled=False, servers={"hub": IMAGE})
    assert found["gateway.virtual_servers"] == "does nothing, the gateway is disabled; remove it"


def test_what_the_proxy_would_refuse_is_refused_here():
    assert "offers nothing" in problems({"support": {}})["support"]
    assert "is the name of both" in problems({"support": {"tools": tools()["support"]["tools"] * 2}})["support.tools"]


def test_a_server_with_faults_of_its_own_is_not_said_to_be_missing():
    found = problems(tools(), servers={"hub": {**IMAGE, "replicas": "many"}})
    assert all(path.startswith("servers.hub") for path in found)
