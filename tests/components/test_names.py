"""What others are told of names before anything exists is what the components then make."""

import pytest

from mcp_stack import names
from mcp_stack.manifests import labels_of, manifests_for, selector_of
from mcp_stack.spec import load_spec
from mcp_stack.stack import McpStack
from tests.components.conftest import PROXY

IMAGE = {"repository": "ghcr.io/acme/web", "tag": "1.0.0"}
LONG = "a-server-with-a-name-as-long-as-they-go"
STACK = {
    "proxy": {"image": PROXY},
    "gateway": {"trust_network": True},
    "servers": {"web": {"image": IMAGE}, "box": {"command": ["run"]}, LONG: {"image": IMAGE}},
}
STACKS = pytest.mark.parametrize("stack", ["staging", "eu-staging", "a-stack-with-a-name-of-quite-some-length"])


@STACKS
@pytest.mark.parity("stack.package")
def test_urls_are_those_that_a_stack_gives_out(run, stack):
    def program():
        import pulumi

        made = McpStack("mcp", {"stack": stack, **STACK})
        pulumi.export("urls", made.server_urls)
        pulumi.export("gateway", made.gateway_url)
        pulumi.export("namespace", made.namespace)

    assert run(program).outputs == {
        "urls": {
            "web": names.server_url(stack, "web"),
            "box": names.server_url(stack, "box", wrapped=True),
            LONG: names.server_url(stack, LONG),
        },
        "gateway": names.gateway_url(stack),
        "namespace": names.namespace_of(stack),
    }


@STACKS
@pytest.mark.parametrize("part", ["gateway", "web", "box", LONG])
def test_names_ports_and_labels_are_those_of_the_objects(stack, part):
    spec = load_spec(STACK, stack)
    objects = {one["kind"]: one for one in manifests_for(spec) if one["metadata"]["labels"].get(names.NAME_LABEL) == part}
    assert objects["Deployment"]["metadata"]["name"] == names.object_name(stack, part)
    assert objects["Service"]["metadata"]["name"] == names.object_name(stack, part)
    assert objects["Deployment"]["spec"]["selector"]["matchLabels"] == names.selector(stack, part) == selector_of(spec, part)
    assert names.labels(stack, part).items() <= labels_of(spec, part).items()
    assert names.labels(stack, part) == objects["Deployment"]["spec"]["template"]["metadata"]["labels"]
    port = names.GATEWAY_PORT if part == "gateway" else names.SERVER_PORT
    assert objects["Service"]["spec"]["ports"][0]["port"] == port
    management = {one["containerPort"] for one in objects["Deployment"]["spec"]["template"]["spec"]["containers"][0]["ports"]} - {
        port
    }
    assert management == (set() if part in ("web", LONG) else {names.MANAGEMENT_PORT})


def test_what_a_stack_file_changes_can_be_said():
    changed = {**STACK, "namespace": {"name": "team"}, "servers": {"web": {"image": IMAGE, "port": 9000, "path": "/rpc"}}}
    spec = load_spec(changed, "staging")
    (service,) = [one for one in manifests_for(spec) if one["kind"] == "Service" and one["metadata"]["name"] == "staging-web"]
    url = names.server_url("staging", "web", "team", port=9000, path="/rpc")
    assert url == f"http://{service['metadata']['name']}.{service['metadata']['namespace']}.svc:9000/rpc"
    assert names.gateway_url("staging", "team", port=9000) == "http://staging-gateway.team.svc:9000/mcp"


@pytest.mark.parametrize("ask", [names.namespace_of, names.object_name, names.selector, names.labels, names.service_host])
@pytest.mark.parametrize("stack", ["", "Staging", "eu--staging", "1st", "x" * 64])
def test_a_stack_that_cannot_be_is_told_no_names(ask, stack):
    with pytest.raises(ValueError, match="is no stack name: lower-case letters"):
        ask(stack)


@pytest.mark.parametrize("part", ["Web", "a--b", "x" * 41, ""])
def test_nor_is_a_server_that_cannot_be(part):
    with pytest.raises(ValueError, match="is no server name"):
        names.object_name("staging", part)
