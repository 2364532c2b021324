"""Namespaces, images and Secrets that a program makes itself: their outputs are arguments, also while they are unknown."""

import re

import pulumi
import pulumi_kubernetes as k8s
import pytest
from pulumi.output import Unknown

from mcp_stack.autoscaling import Autoscaling
from mcp_stack.backup import Backup
from mcp_stack.disruption import Disruption
from mcp_stack.exposure import Exposure
from mcp_stack.gateway import McpGateway
from mcp_stack.image import ImageBuild
from mcp_stack.monitoring import Monitoring
from mcp_stack.network import Network
from mcp_stack.preview.values import Secret, masked, revealed
from mcp_stack.preview.values import Unknown as Later
from mcp_stack.proxy import McpProxy
from mcp_stack.secrets import SecretSync
from mcp_stack.server import McpServer
from mcp_stack.stack import McpStack
from tests.components.conftest import PROXY

DIGEST = f"sha256:{'a' * 64}"
FAR = {"servers": {"far": {"url": "https://far.example/mcp"}}, "proxy_image": PROXY, "trust_network": True}
STORES = {"secret_stores": {"vault": {"existing": {"kind": "ClusterSecretStore", "name": "v"}}}, "environment": "test"}
PODS = {"selector": {"app": "web"}}

IN_A_NAMESPACE = {
    "McpServer": lambda at: McpServer("web", {"namespace": at, "image": {"repository": "web", "tag": "1"}}),
    "wrapped McpServer": lambda at: McpServer(
        "tool", {"namespace": at, "command": ["run"], "proxy_image": PROXY, "trust_network": True}
    ),
    "McpGateway": lambda at: McpGateway("edge", {"namespace": at, **FAR}),
    "McpProxy": lambda at: McpProxy(
        "one", {"namespace": at, "url": "https://far.example/mcp", "proxy_image": PROXY, "trust_network": True}
    ),
    "McpStack": lambda at: McpStack(
        "all",
        {
            "stack": "team",
            "namespace": {"name": at},
            "proxy": {"image": PROXY},
            "gateway": {"trust_network": True},
            "servers": {"web": {"image": {"repository": "web", "tag": "1"}}},
        },
    ),
    "SecretSync": lambda at: SecretSync("keys", {"namespace": at, "secrets": {"t": {"config": "t"}}, "secret_values": {"t": "x"}}),
    "Exposure": lambda at: Exposure(
        "shop", {"namespace": at, "service": "shop", "port": 80, "host": "shop.example.com", "parent": {"name": "public"}}
    ),
    "Autoscaling": lambda at: Autoscaling("web", {"namespace": at, "workload": "web"}),
    "Disruption": lambda at: Disruption("web", {"namespace": at, **PODS, "min_replicas": 2}),
    "Network": lambda at: Network("web", {"namespace": at, **PODS, "clients": [{"namespace": at}], "ports": [80]}),
    "Backup": lambda at: Backup(
        "data", {"namespace": at, "existing_claim": "data", "size": "5Gi", "image": PROXY, "to": {"claim": {"size": "9Gi"}}}
    ),
    "Monitoring": lambda at: Monitoring("web", {"namespace": at, **PODS, "labels": {}}),
}
EVERY = pytest.mark.parametrize("component", IN_A_NAMESPACE.values(), ids=IN_A_NAMESPACE)


def objects(evaluated):
    return {
        one.name: one.inputs for one in evaluated.resources if one.type.startswith("kubernetes:") and one.name != "made-elsewhere"
    }


def content(found):
    """`found` without names of ConfigMaps, which hold a digest of their text, and what refers to them."""
    return {name: one for name, one in found.items() if one["kind"] not in ("ConfigMap", "Deployment", "StatefulSet")}


@EVERY
def test_a_namespace_may_be_one_that_the_program_makes(run, component):
    def program():
        made = k8s.core.v1.Namespace("made-elsewhere", metadata={"name": "tools"})
        component(made.metadata.apply(lambda metadata: metadata["name"]))

    late, known = objects(run(program)), objects(run(lambda: component("tools")))
    assert late.keys() == known.keys()
    assert content(late) == content(known)
    assert "later-" not in str([revealed(one) for one in late.values()])
    texts = [[one["data"] for one in found.values() if one["kind"] == "ConfigMap"] for found in (late, known)]
    assert texts[0] == texts[1]


@EVERY
def test_a_namespace_that_is_unknown_in_a_preview_is_shown_as_that(run, component):
    found = objects(run(lambda: component(pulumi.Output.from_input(Unknown()))))
    assert found
    homes = [one["metadata"].get("namespace", one["metadata"].get("name")) for one in found.values()]
    assert all(isinstance(home, Later) for home in homes)
    assert "later-" not in str(list(found.values()))


def test_images_run_by_the_digest_that_the_program_has_built(run):
    def program():
        image = ImageBuild("image", {"repository": "ghcr.io/acme/web", "digest": pulumi.Output.from_input(DIGEST)})
        built = {"repository": image.repository, "digest": image.digest}
        server = {"image": built, "init_containers": [{"name": "first", "image": built}]}
        McpServer("web", server)
        McpGateway("edge", {**FAR, "proxy_image": built})
        McpStack("all", {"stack": "team", "proxy": {"image": built}, "gateway": {"trust_network": True}, "servers": {"x": server}})
        Backup("data", {"namespace": "n", "existing_claim": "c", "size": "1Gi", "image": built, "to": {"claim": {"size": "9Gi"}}})
        proxy = McpProxy("beside", {"sidecar": {"port": 80, **PODS}, "proxy_image": built, "trust_network": True})
        pulumi.export("container", proxy.container)
        pulumi.export("template", proxy.inject({"spec": {"containers": [{"name": "app", "ports": [{"containerPort": 80}]}]}}))

    evaluated = run(program)
    (found, reference) = str(objects(evaluated)), f"ghcr.io/acme/web@{DIGEST}"
    assert found.count("'image': ") == found.count(f"'image': '{reference}'") == 8
    assert evaluated.outputs["container"]["image"] == reference
    assert evaluated.outputs["template"]["spec"]["initContainers"][0]["image"] == reference


def test_names_of_others_objects_may_come_late(run):
    def program():
        def named(name):
            return pulumi.Output.from_input(name)

        Autoscaling("web", {"namespace": "n", "workload": named("the-workload")})
        to = {"existing_claim": {"name": named("the-target")}}
        pulumi.export(
            "target",
            Backup(
                "data", {"namespace": "n", "existing_claim": named("the-claim"), "size": "1Gi", "image": PROXY, "to": to}
            ).target_claim,
        )
        McpServer(
            "web",
            {
                "image": {"repository": "web", "tag": named("1.4.2")},
                "service_account": named("the-account"),
                "secrets": {"t": {"existing": named("the-secret"), "key": "k"}},
                "env": {"T": {"secret": "t"}, "C": {"config_map": {"name": named("the-map"), "key": "k"}}},
                "env_from": [{"existing_secret": named("all-of-them")}],
                "volumes": {"v": {"path": "/v", "existing_claim": {"name": named("the-volume")}}},
                "clients": [{"namespace": named("the-callers")}],
                "egress": [{"namespace": named("the-database"), "ports": [5432]}],
                "exposure": {"host": "web.example.com", "parent": {"name": named("the-door"), "namespace": named("the-house")}},
            },
        )

    evaluated = run(program)
    text = str(list(objects(evaluated).values()))
    for name in (
        *("the-workload", "the-claim", "web:1.4.2", "the-account", "the-secret", "the-map", "all-of-them", "the-volume"),
        *("the-callers", "the-database", "the-door", "the-house"),
    ):
        assert f"'{name}'" in text
    assert evaluated.outputs["target"] == "the-target"
    assert "later" not in text


@pytest.mark.parametrize(
    ("place", "value", "rule"),
    [
        ("namespace", "No_Label", "is no DNS label"),
        ("image.digest", "sha256:1", "is no digest"),
        ("image.tag", "latest", "names another image tomorrow"),
        ("image.repository", "web", "names no registry"),
    ],
)
def test_what_comes_late_is_checked_when_it_comes(run, place, value, rule):
    def program():
        late = {place: pulumi.Output.from_input(value)}
        image = {"repository": "web", "tag": "1", **{key.removeprefix("image."): one for key, one in late.items() if "." in key}}
        McpServer("web", {"image": image, **{key: one for key, one in late.items() if "." not in key}})

    with pytest.raises(pulumi.RunError, match=re.escape(f"McpServer 'web': {place}: {value!r} {rule}")):
        run(program)


def test_an_output_that_has_to_be_known_is_still_refused_with_its_place(run):
    def program():
        late = pulumi.Output.from_input("x")
        image = {"repository": "web", "tag": "1", "registry": late}
        McpServer("web", {"image": image, "exposure": {"host": late}, "namespace": late})

    with pytest.raises(pulumi.RunError, match="known only after") as caught:
        run(program)
    places = [line.split(":")[0].strip() for line in str(caught.value).splitlines()[1:]]
    assert places == ["exposure.host", "image.registry"]


def test_a_name_that_is_a_secret_stays_one(run):
    evaluated = run(lambda: Disruption("web", {"namespace": pulumi.Output.secret("hush"), **PODS, "min_replicas": 2}))
    (found,) = objects(evaluated).values()
    assert isinstance(found["metadata"]["namespace"], Secret)
    assert "hush" not in str(masked(found))


def test_a_variable_may_be_called_like_a_key_and_holds_any_text(run):
    late = {"existing": "Not a name", "parent": "", "service_account": "x\ny"}

    def program():
        env = {key: pulumi.Output.from_input(value) for key, value in late.items()}
        McpServer("web", {"image": {"repository": "web", "tag": "1"}, "env": env})

    (deployment,) = [one for one in objects(run(program)).values() if one["kind"] == "Deployment"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert {one["name"]: one["value"] for one in container["env"]} == late
