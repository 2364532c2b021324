"""Virtual servers: what a selection may say."""

import pytest

from mcp_stack_proxy.config import ConfigError, ProxyConfig, VirtualServer, validate


def config(virtual, name="support"):
    servers = {one: {"url": f"http://{one}.example/mcp"} for one in ("github", "docs")}
    return validate(ProxyConfig, {"servers": servers, "virtual_servers": {name: virtual}}, "test")


def tool(tool="search", server="github", **more):
    return {"server": server, "tool": tool, **more}


@pytest.mark.parametrize(
    "virtual",
    [
        {"tools": [tool()]},
        {"tools": [tool(), tool(name="find"), tool("*")]},
        {"tools": [tool("*"), tool("*", "docs")]},
        {"tools": [tool("list_*", prefix="gh_"), tool(annotations={"read_only": True}, title="T", description="D")]},
        {"prompts": [{"server": "docs", "prompt": "*", "prefix": "d "}]},
        {"resources": [{"server": "docs", "uri": "docs://*"}], "title": "T", "instructions": "I"},
    ],
)
def test_a_selection_may_name_things_and_patterns(virtual):
    assert config(virtual).virtual_servers["support"] == VirtualServer.model_validate(virtual)


@pytest.mark.parametrize(
    ("virtual", "path", "why"),
    [
        ({}, "", "offers nothing"),
        ({"tools": [tool(server="jira")]}, None, "no server 'jira'; servers are: docs, github"),
        ({"tools": [tool(), tool(server="docs")]}, "tools", r"'search' is the name of both \[0\] and \[1\]"),
        ({"tools": [tool("get", name="search"), tool(server="docs")]}, "tools", r"'search' is the name of both"),
        ({"tools": [tool("*"), tool("*", prefix="x")]}, "tools", r"\[0\] and \[1\] select the same"),
        ({"resources": [{"server": "docs", "uri": "docs://a"}] * 2}, "resources", "select the same"),
        ({"prompts": [{"server": "docs", "prompt": "a", "name": "b"}, {"server": "docs", "prompt": "b"}]}, "prompts", "'b' is the"),
        ({"tools": [tool("*", name="all")]}, "tools[0]", "`prefix` renames all"),
        ({"tools": [tool("*", description="all")]}, "tools[0]", "stands for several, name it by itself as well"),
        ({"tools": [tool(prefix="x_")]}, "tools[0]", "give `name`"),
        ({"tools": [tool(name="a b")]}, "tools[0].name", "'a b'"),
        ({"tools": [tool("")]}, "tools[0].tool", "at least 1 character"),
        ({"tools": [tool(annotations={"readOnlyHint": True})]}, "tools[0].annotations.readOnlyHint", "unknown key"),
        ({"resources": [{"server": "docs", "uri": "a", "name": "b"}]}, "resources[0].name", "unknown key"),
    ],
)
def test_what_cannot_be_offered_is_refused(virtual, path, why):
    with pytest.raises(ConfigError, match=why) as caught:
        config(virtual)
    if path is not None:
        at = f"virtual_servers.support.{path}".rstrip(".")
        assert at in {problem.path for problem in caught.value.problems}


def test_a_virtual_server_has_no_servers_name():
    with pytest.raises(ConfigError, match="'docs' has the name of a server"):
        config({"tools": [tool()]}, "docs")


def test_a_virtual_server_has_a_name_that_a_server_could_have():
    with pytest.raises(ConfigError, match="no server name"):
        config({"tools": [tool()]}, "My Server")
