"""Components in programs of somebody else: what a program says of them reaches everything below them."""

import pulumi
import pytest
import yaml

from mcp_stack.autoscaling import Autoscaling
from mcp_stack.backup import Backup
from mcp_stack.disruption import Disruption
from mcp_stack.exposure import Exposure
from mcp_stack.gateway import McpGateway
from mcp_stack.monitoring import Monitoring
from mcp_stack.network import Network
from mcp_stack.package import COMPONENTS
from mcp_stack.preview.values import Unknown
from mcp_stack.proxy import McpProxy
from mcp_stack.secrets import SecretSync
from mcp_stack.server import McpServer
from mcp_stack.stack import McpStack
from tests.components.conftest import PROXY

IMAGE = {"repository": "ghcr.io/acme/web", "tag": "1.0.0"}
PODS = {"namespace": "team", "selector": {"app": "web"}}
AWS = {"aws": {"service": "SecretsManager", "region": "eu-central-1"}}
FAR = {"far": {"url": "https://mcp.example.com/mcp"}}
ARGS = {
    McpStack: {
        "stack": "team",
        "proxy": {"image": PROXY},
        "gateway": {"trust_network": True},
        "servers": {"web": {"image": IMAGE}},
    },
    McpServer: {"namespace": "team", "image": IMAGE, "replicas": 2},
    McpGateway: {"namespace": "team", "proxy_image": PROXY, "trust_network": True, "servers": FAR},
    McpProxy: {"namespace": "team", "proxy_image": PROXY, "trust_network": True, "url": "https://mcp.example.com/mcp"},
    SecretSync: {
        "namespace": "team",
        "secret_stores": {"aws": AWS},
        "secrets": {"token": {"store": "aws", "remote": {"key": "a/b"}}},
    },
    Exposure: {"service": "web", "port": 80, "domain": "example.com", "parent": {"name": "public"}},
    Autoscaling: {"namespace": "team", "workload": "web"},
    Disruption: {**PODS, "min_replicas": 2},
    Network: {**PODS, "clients": [{"namespace": "agents"}], "ports": [8000]},
    Backup: {
        "namespace": "team",
        "existing_claim": "data",
        "size": "5Gi",
        "pods": {"app": "web"},
        "image": PROXY,
        "to": {"claim": {"size": "10Gi"}},
    },
    Monitoring: {**PODS, "labels": {"release": "prometheus"}},
}
"""Arguments of every component that makes Kubernetes objects."""

EVERY = pytest.mark.parametrize("component", ARGS, ids=lambda one: one.__name__)


def made(result):
    """Kubernetes objects by logical name."""
    return {one.name: one for one in result.resources if one.type.startswith("kubernetes:")}


def test_every_component_of_the_package_is_looked_at():
    assert {one.__name__ for one in (*COMPONENTS,)} - {one.__name__ for one in ARGS} == {"ImageBuild"}, "which makes no object"


def charged(args: pulumi.ResourceTransformArgs):
    """A transform as programs write them: every Kubernetes object says who pays for it, and stays when it is removed."""
    if not args.type_.startswith("kubernetes:"):
        return None
    metadata = {**args.props["metadata"], "annotations": {**args.props["metadata"].get("annotations", {}), "cost": "42"}}
    options = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(retain_on_delete=True))
    return pulumi.ResourceTransformResult({**args.props, "metadata": metadata}, options)


@EVERY
def test_transforms_of_a_program_reach_every_child(run, component):
    options = pulumi.ResourceOptions(transforms=[charged])
    objects = made(run(lambda: component("web", ARGS[component], options)))
    assert objects
    assert {name for name, one in objects.items() if one.inputs["metadata"]["annotations"].get("cost") != "42"} == set()
    assert {name for name, one in objects.items() if not one.options.get("retainOnDelete")} == set()
    plain = made(run(lambda: component("web", ARGS[component])))
    assert plain.keys() == objects.keys()
    assert not any("cost" in one.inputs["metadata"].get("annotations", {}) for one in plain.values())


@EVERY
def test_options_of_a_program_reach_every_child(run, component):
    def program():
        there = pulumi.ComponentResource("acme:index:Base", "base")
        component("web", ARGS[component], pulumi.ResourceOptions(parent=there, protect=True))

    objects = made(run(program))
    assert {one.urn.split("::")[2].split("$")[0] for one in objects.values()} == {"acme:index:Base"}
    assert {name for name, one in objects.items() if not one.options.get("protect")} == set()


@EVERY
def test_a_renamed_component_finds_every_child_by_an_alias(run, component):
    """Names of children follow from that of their component, which is what Pulumi makes aliases of children by."""
    before = made(run(lambda: component("old", ARGS[component])))
    options = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")])
    after = made(run(lambda: component("new", ARGS[component], options)))
    known = {urn for one in after.values() for urn in one.aliases}
    assert {one.urn for one in before.values()} <= known
    assert not {one.urn for one in before.values()} & {one.urn for one in after.values()}


def test_a_component_that_keeps_its_server_keeps_its_objects(run):
    """What an alias cannot do is rename in the cluster: `server` says what the objects are called."""
    before = made(run(lambda: McpServer("old", ARGS[McpServer])))
    after = made(run(lambda: McpServer("new", {**ARGS[McpServer], "server": "old"})))
    titles = [{(one.inputs["kind"], one.inputs["metadata"]["name"]) for one in found.values()} for found in (before, after)]
    assert titles[0] == titles[1]


def referring(component, extra):
    """A program whose component takes a server's URL from another stack."""

    def program():
        other = pulumi.StackReference("organization/mcp-stack/notes")
        urls = other.require_output("server_urls")
        servers = {"my-notes": {"url": urls["notes"], "egress": [{"namespace": "mcp-notes", "ports": [8000]}]}}
        component("edge", {**ARGS[component], "servers": servers, **extra})

    return program


@pytest.mark.parametrize("component", [McpGateway, McpStack], ids=lambda one: one.__name__)
def test_a_url_of_another_stack_leaves_the_configuration_known(run, component):
    objects = {one.inputs["kind"]: one.inputs for one in made(run(referring(component, {}))).values()}
    text = objects["ConfigMap"]["data"]["proxy.yaml"]
    assert yaml.safe_load(text)["servers"] == {"my-notes": {"url": "${URL_OF_MY_NOTES}"}}
    (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    (variable,) = [one for one in container["env"] if one["name"] == "URL_OF_MY_NOTES"]
    assert isinstance(variable["value"], Unknown)
    assert objects["NetworkPolicy"]["spec"]["egress"][1] == {
        "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "mcp-notes"}}}],
        "ports": [{"protocol": "TCP", "port": 8000}],
    }


@pytest.mark.parametrize(
    ("env", "expected"),
    [({}, "URL_OF_FAR"), ({"URL_OF_FAR": "taken"}, "URL_OF_FAR_")],
)
def test_a_url_that_comes_later_takes_no_variable_of_somebody_else(run, env, expected):
    far = {"env": env, "headers": {f"X-{key}": f"${{{key}}}" for key in env}, "egress": [{"namespace": "team"}]}

    def program():
        url = pulumi.Output.from_input("http://far.team.svc/mcp")
        McpGateway("e", {**ARGS[McpGateway], "servers": {"far": {**far, "url": url}}})

    objects = {one.inputs["kind"]: one.inputs for one in made(run(program)).values()}
    (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    values = {one["name"]: one.get("value") for one in container["env"]}
    assert values | env | {expected: "http://far.team.svc/mcp"} == values


@pytest.mark.parametrize("component", [McpGateway, McpStack], ids=lambda one: one.__name__)
def test_where_a_url_leads_that_comes_later_has_to_be_said(run, component):
    def program():
        url = pulumi.Output.from_input("http://far.team.svc/mcp")
        component("edge", {**ARGS[component], "servers": {"far": {"url": url}}})

    with pytest.raises(pulumi.RunError, match=r"servers\.far\.egress: required, `url` is known only after deployment"):
        run(program)


@pytest.mark.parametrize(
    ("servers", "message"),
    [
        (list, "servers"),
        (lambda: {"far": 1}, r"servers\.far"),
        (lambda: {"far": {"url": pulumi.Output.from_input("x"), "env": 1}}, r"servers\.far\.(env|url)"),
    ],
)
def test_what_is_no_server_is_said_as_ever(run, servers, message):
    with pytest.raises(pulumi.RunError, match=message):
        run(lambda: McpStack("edge", {**ARGS[McpStack], "servers": servers()}))


@EVERY
def test_transforms_of_the_whole_program_and_older_ones_of_a_parent_reach_every_child(run, component):
    def older(args):
        if not args.type_.startswith("kubernetes:"):
            return None
        metadata = {**args.props["metadata"], "labels": {**args.props["metadata"].get("labels", {}), "old": "way"}}
        return pulumi.ResourceTransformationResult({**args.props, "metadata": metadata}, args.opts)

    def program():
        pulumi.runtime.register_resource_transform(charged)
        component("web", ARGS[component], pulumi.ResourceOptions(transformations=[older]))

    objects = made(run(program))
    assert {one.inputs["metadata"]["annotations"].get("cost") for one in objects.values()} == {"42"}
    assert {one.inputs["metadata"]["labels"].get("old") for one in objects.values()} == {"way"}


DATA = {
    "db": {
        "image": IMAGE,
        "storage": {"claims": {"data": {"path": "/data", "size": "1Gi"}}},
        "files": {"/run/t": {"secret": "own"}, "/etc/a": {"content": "x"}},
        "secrets": {"own": {"config": "own"}},
        "clients": [{"namespace": "agents"}],
    },
    "web": {"image": IMAGE, "egress": [{"server": "db"}]},
}


def renamed(formerly):
    """The servers of DATA, `db` as `base`."""
    extra = {"formerly": "db"} if formerly else {}
    return {"base": {**DATA["db"], **extra}, "web": {**DATA["web"], "egress": [{"server": "base"}]}}


def by_urn(run, servers):
    args = {**ARGS[McpStack], "servers": servers, "secret_values": {"own": "hush"}}
    return {one.urn: one for one in run(lambda: McpStack("mcp", args)).resources}


def titles(resources):
    return {(one.inputs["kind"], one.inputs["metadata"]["name"]) for one in resources.values() if "kind" in one.inputs}


def test_a_renamed_server_of_a_stack_keeps_every_object_and_volume(run):
    before, after = by_urn(run, DATA), by_urn(run, renamed(formerly=True))
    assert before.keys() == after.keys(), "nothing comes or goes in Pulumi's state"
    changed = titles(before) ^ titles(after)
    assert {kind for kind, _ in changed} == {"ConfigMap"}, "the gateway's, which says the new name to clients"
    (held,) = [one.inputs for one in after.values() if one.type.endswith(":StatefulSet")]
    (was,) = [one.inputs for one in before.values() if one.type.endswith(":StatefulSet")]
    assert (held["metadata"], held["spec"]["volumeClaimTemplates"]) == (was["metadata"], was["spec"]["volumeClaimTemplates"])
    assert (held["spec"]["selector"], held["spec"]["serviceName"]) == (was["spec"]["selector"], was["spec"]["serviceName"])
    (text,) = [one.inputs["data"]["proxy.yaml"] for one in after.values() if "proxy.yaml" in one.inputs.get("data", {})]
    assert yaml.safe_load(text)["servers"]["base"]["url"] == "http://team-db.mcp-team.svc:8000/mcp"


def test_a_server_that_does_not_say_what_it_was_called_begins_anew(run):
    before, after = by_urn(run, DATA), by_urn(run, renamed(formerly=False))
    assert {urn for urn, one in before.items() if one.type.endswith(":StatefulSet")} - after.keys()
    assert ("StatefulSet", "team-base") in titles(after)


def test_an_output_where_none_can_be_is_named_once_and_with_its_reason(run):
    def program():
        later = pulumi.Output.from_input(8000)
        McpServer("web", {**ARGS[McpServer], "port": later, "env": {"FINE": later}, "egress": [{"cidr": later}]})

    with pytest.raises(pulumi.RunError) as caught:
        run(program)
    reason = "known only after deployment, and has to be known before: a preview shows what follows from it; give the value itself"
    assert str(caught.value).splitlines()[1:] == [f"  port: {reason}", f"  egress[0].cidr: {reason}"]
