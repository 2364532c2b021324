"""A gateway in front of servers of another stack: the way from the one to the other is open on both sides, and for nobody else."""

import shutil

import pytest

from mcp_stack import names
from mcp_stack.cli import main
from mcp_stack.manifests import manifests_for
from mcp_stack.preview.checking import check_stack
from mcp_stack.preview.checks import check_objects
from mcp_stack.preview.checks.cluster import Cluster
from mcp_stack.preview.checks.external import External
from mcp_stack.preview.checks.flows import _Scene
from mcp_stack.preview.flows import Pod
from mcp_stack.preview.rendered import KubeObject
from mcp_stack.preview.values import Unknown
from mcp_stack.spec import load_spec
from tests.judges.stacks import EXAMPLES, rendered

PROXY = {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0", "digest": "sha256:" + "a" * 64}
GATEWAY = {"namespace": names.namespace_of("edge"), "pods": names.selector("edge")}
STRANGERS = [Pod("an agent", "agents"), Pod("a pod beside the gateway", "mcp-edge"), Pod("a pod beside the server", "mcp-notes")]


@pytest.fixture(scope="module")
def example():
    """Both stacks of the example in one cluster: the scene, and its pods by stack and part."""
    objects = [one for stack in ("edge", "notes") for one in rendered(EXAMPLES / "federation", stack).objects]
    scene = _Scene(Cluster(objects, External()))
    return scene, {(pod.labels[names.INSTANCE_LABEL], pod.labels[names.NAME_LABEL]): pod for pod in scene.pods.values()}


def test_the_gateway_reaches_the_other_stacks_server_on_its_port_alone(example):
    scene, pods = example
    gateway, server = pods["edge", "gateway"], pods["notes", "notes"]
    assert [(one.protocol, one.first, one.last) for one in scene.network.open_ports(gateway, server)] == [("TCP", 8000, 8000)]
    assert not scene.network.open_ports(server, gateway)


@pytest.mark.parametrize("stranger", STRANGERS, ids=str)
def test_nobody_else_reaches_the_server(example, stranger):
    scene, pods = example
    assert not scene.network.open_ports(stranger, pods["notes", "notes"])


def test_agents_reach_the_gateway(example):
    scene, pods = example
    assert scene.network.allows(STRANGERS[0], pods["edge", "gateway"], names.GATEWAY_PORT)


def test_the_url_is_the_other_stacks_output_and_all_else_is_known_in_a_preview():
    objects = {one.kind: one.manifest for one in rendered(EXAMPLES / "federation", "edge").objects}
    (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    values = {one["name"]: one.get("value") for one in container["env"]}
    assert isinstance(values["URL_OF_NOTES"], Unknown)
    assert "${URL_OF_NOTES}" in objects["ConfigMap"]["data"]["proxy.yaml"]
    published = rendered(EXAMPLES / "federation", "notes").outputs
    assert published["server_urls"] == {"notes": names.server_url("notes", "notes")}


def stack(name, servers, gateway):
    data = {"proxy": {"image": PROXY}, "image": {"registry": "ghcr.io/acme"}, "servers": servers, "gateway": gateway}
    return load_spec(data, name)


def notes(clients):
    image = {"repository": "notes", "tag": "1.0.0", "digest": PROXY["digest"]}
    return stack("notes", {"notes": {"image": image, "clients": clients}}, {"enabled": False})


def edge(egress):
    far = {"url": names.server_url("notes", "notes"), "egress": egress}
    return stack("edge", {"notes": far}, {"trust_network": True, "clients": [{"namespace": "agents"}]})


TO_NOTES = {"namespace": "mcp-notes", "pods": names.selector("notes", "notes"), "ports": [names.SERVER_PORT]}


@pytest.mark.parametrize(
    ("clients", "egress", "opened"),
    [
        ([GATEWAY], [TO_NOTES], True),
        ([], [TO_NOTES], False),
        ([{"namespace": "mcp-other"}], [TO_NOTES], False),
        ([GATEWAY], [{**TO_NOTES, "ports": [9000]}], False),
        ([GATEWAY], [{"internet": True}], False),
        ([GATEWAY], [], True),
    ],
    ids=["both", "no-client", "other-client", "other-port", "internet", "by-the-url"],
)
def test_both_stacks_have_to_say_so(clients, egress, opened):
    """A URL that is known names a namespace; then `egress` may be left out, and opens all of it."""
    specs = [notes(clients), edge(egress)]
    objects = [KubeObject(one) for spec in specs for one in manifests_for(spec)]
    scene = _Scene(Cluster(objects, External()))
    pods = {pod.labels[names.NAME_LABEL]: pod for pod in scene.pods.values()}
    assert scene.network.allows(pods["gateway"], pods["notes"], names.SERVER_PORT) is opened


def test_check_sees_where_only_one_of_them_says_so():
    """With both stacks before it, the check of the gateway's stack names the policy that lacks the rule."""
    gateway = edge([TO_NOTES])
    for clients, expected in (([GATEWAY], []), ([{"namespace": "mcp-other"}], ["spec.ingress"])):
        objects = [KubeObject(one) for spec in (notes(clients), gateway) for one in manifests_for(spec)]
        found = [one for one in check_objects(objects, External(), gateway) if one.fails and one.check == "flows"]
        assert [one.path for one in found] == expected


@pytest.mark.parametrize(("stack", "beside"), [("notes", "edge"), ("edge", "notes")])
def test_each_stack_of_the_example_passes_every_check_beside_the_other(stack, beside):
    assert [str(one) for one in check_stack(EXAMPLES / "federation", stack, beside=[beside]) if one.fails] == []


def test_the_check_of_a_stack_names_what_its_neighbour_lacks(tmp_path):
    """The server's stack names a client; the gateway's policy leads to another port."""
    project = tmp_path / "federation"
    shutil.copytree(EXAMPLES / "federation", project)
    program = project / "__main__.py"
    elsewhere = "{name: {**one, 'egress': [{**one['egress'][0], 'ports': [9000]}]} for name, one in servers_of(teams).items()}"
    program.write_text(program.read_text().replace("servers_of(teams)", elsewhere))
    assert not [one for one in check_stack(project, "notes") if one.fails], "alone it cannot know"
    found = {one.check: one for one in check_stack(project, "notes", beside=["edge"]) if one.fails}
    assert set(found) == {"flows", "network"}
    found = found["flows"]
    assert found.object == "NetworkPolicy mcp-edge/edge-gateway"
    assert "must reach Deployment mcp-notes/notes-notes on TCP 8000 (`servers.notes.clients[0]`), and is refused" in found.message


def test_the_command_takes_neighbours(capsys):
    assert main(["check", "--project", str(EXAMPLES / "federation"), "--stack", "notes", "--beside", "edge"]) == 0
    assert capsys.readouterr().err + capsys.readouterr().out == "notes: no findings\n"
