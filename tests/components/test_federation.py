"""Servers of other stacks: what a gateway is told of them, and what is said where the other stack lacks something."""

import pulumi
import pytest

from mcp_stack import names
from mcp_stack.federation import _url, servers_of
from mcp_stack.gateway import McpGateway
from tests.components.conftest import PROXY

NOTES, TEAM = "organization/mcp-stack/notes", "organization/mcp-stack/eu-team"


def gateway(stacks):
    def program():
        args = {"namespace": "edge", "proxy_image": PROXY, "trust_network": True}
        McpGateway("edge", {**args, "servers": servers_of(stacks)})

    return program


def test_one_gateway_takes_several_servers_of_several_stacks(run):
    resources = run(gateway({NOTES: ["notes", "todo"], TEAM: ["clock"]})).resources
    assert {one.name for one in resources if one.type == "pulumi:pulumi:StackReference"} == {NOTES, TEAM}
    (policy,) = [one.inputs for one in resources if one.type.endswith(":NetworkPolicy")]
    asked = [way["to"][0] for way in policy["spec"]["egress"] if "podSelector" in way["to"][0] and "ports" not in way]
    assert [(one["namespaceSelector"]["matchLabels"], one["podSelector"]["matchLabels"]) for one in asked] == [
        ({"kubernetes.io/metadata.name": names.namespace_of(stack)}, names.selector(stack, server))
        for stack, server in [("eu-team", "clock"), ("notes", "notes"), ("notes", "todo")]
    ]


def test_two_servers_of_one_name_are_refused_with_both_their_stacks(run):
    with pytest.raises(pulumi.RunError, match=f"{NOTES} and {TEAM} both offer 'notes'"):
        run(gateway({NOTES: ["notes"], TEAM: ["notes"]}))


@pytest.mark.parametrize(
    ("urls", "said"),
    [
        (None, f"stack {NOTES} has no output 'server_urls', from which server 'notes' is to come: it was not brought up yet"),
        ({}, f"stack {NOTES} has no server 'notes'; it has none"),
        ({"b": "x", "a": "y"}, f"stack {NOTES} has no server 'notes'; it has a, b"),
    ],
)
def test_what_the_other_stack_lacks_is_said(urls, said):
    with pytest.raises(pulumi.RunError) as caught:
        _url(NOTES, "notes", urls)
    assert str(caught.value).startswith(said)


def test_the_url_is_what_the_other_stack_says():
    assert _url(NOTES, "notes", {"notes": "http://there/mcp"}) == "http://there/mcp"
