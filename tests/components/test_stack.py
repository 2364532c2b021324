import pulumi
import pytest

from mcp_stack.manifests import manifests_for
from mcp_stack.preview.values import Secret, holds_secret, masked, revealed
from mcp_stack.program import main
from mcp_stack.spec import load_spec
from tests.spec.stores import store

STACK = {
    "domain": "example.com",
    "proxy": {"image": {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0"}},
    "exposure": {"parent": {"name": "public"}},
    "secrets": {
        "token": {"config": "the-token"},
        "foreign": {"existing": "mcp-secrets", "key": "foreign"},
        "sealing": {"existing": "mcp-secrets", "key": "sealing"},
    },
    "gateway": {"trust_network": True, "exposure": {}, "replicas": 2, "sessions": {"keys": {"secret": "sealing"}}},
    "servers": {
        "web": {
            "image": {"repository": "web", "tag": "1.0.0"},
            "files": {"/run/s/t": {"secret": "token"}, "/a/b": {"content": "x"}},
        },
        "box": {"command": ["run"], "env": {"F": {"secret": "foreign"}}, "autoscaling": {}},
        "far": {
            "url": "https://mcp.example.org/mcp",
            "headers": {"A": "${T}"},
            "env": {"T": {"secret": "own"}},
            "secrets": {"own": {"config": "far-token"}},
        },
    },
}
CONFIG = {"mcp-stack:stack": STACK, "mcp-stack:the-token": "s3cr3t", "mcp-stack:far-token": "hush"}
SECRET_KEYS = ("mcp-stack:the-token", "mcp-stack:far-token")


@pytest.fixture
def whole(run):
    return run(main, CONFIG, SECRET_KEYS)


def objects(result):
    return {
        (one.inputs["kind"], one.inputs["metadata"]["name"]): one for one in result.resources if one.type.startswith("kubernetes:")
    }


@pytest.mark.parity("stack.package")
def test_the_program_registers_exactly_the_objects_of_the_pure_functions(whole):
    spec = load_spec(STACK, "test")
    checksums = {
        one.inputs["spec"]["template"]["metadata"].get("annotations", {}).get("mcp-stack/secrets-checksum")
        for one in objects(whole).values()
        if one.inputs["kind"] == "Deployment"
    }
    assert len(checksums) == 3, "web and the gateway read different secrets, box reads none of ours"
    values = {"the-token": "s3cr3t", "far-token": "hush"}
    expected = {(one["kind"], one["metadata"]["name"]): one for one in manifests_for(spec, values.__getitem__, "sum")}
    found = {key: revealed(one.inputs) for key, one in objects(whole).items()}
    for one in found.values():
        annotations = (
            one.get("spec", {}).get("template", {}).get("metadata", {}).get("annotations", {})
            if one["kind"] == "Deployment"
            else {}
        )
        if "mcp-stack/secrets-checksum" in annotations:
            annotations["mcp-stack/secrets-checksum"] = "sum"
    assert found == expected


def test_what_belongs_to_no_server_is_registered_once(run):
    """Namespace, stores and their secrets, alerts and dashboard, the Gateway of the stack's own."""
    shared = {
        "monitoring": {"labels": {"release": "prometheus"}},
        "exposure": {"gateway": {"gateway_class": "public"}, "tls": {"secret": "certificate"}},
        "secret_stores": {"kept": store("fake")},
        "secrets": {**STACK["secrets"], "kept": {"store": "kept", "remote": {"key": "a"}}},
    }
    servers = {**STACK["servers"], "box": {"command": ["run"], "env": {"F": {"secret": "kept"}}, "restart": "reloader"}}
    data = {**STACK, **shared, "servers": servers}
    data["secrets"].pop("foreign")
    found = objects(run(main, {**CONFIG, "mcp-stack:stack": data}, SECRET_KEYS))
    expected = {(one["kind"], one["metadata"]["name"]) for one in manifests_for(load_spec(data, "test"))}
    assert set(found) == expected
    assert {"PrometheusRule", "ConfigMap", "Gateway", "SecretStore", "ExternalSecret", "Namespace"} <= {kind for kind, _ in found}


def test_components_form_a_tree_with_the_programs_provider(whole):
    types = {one.urn.split("::")[2] for one in whole.resources}
    assert "mcp-stack:index:McpStack$mcp-stack:index:McpServer$kubernetes:apps/v1:Deployment" in types
    assert "mcp-stack:index:McpStack$mcp-stack:index:McpGateway$kubernetes:core/v1:Service" in types
    assert "mcp-stack:index:McpStack$kubernetes:core/v1:Namespace" in types
    (provider,) = [one for one in whole.resources if one.type == "pulumi:providers:kubernetes"]
    assert provider.name == "cluster"
    assert {one.provider for one in objects(whole).values()} == {provider.urn}


def test_logical_names_come_from_roles_and_never_from_content(run, whole):
    changed = {**CONFIG, "mcp-stack:stack": {**STACK, "gateway": {**STACK["gateway"], "instructions": "New."}}}
    other = run(main, changed, SECRET_KEYS)
    assert [one.urn for one in other.resources] == [one.urn for one in whole.resources]
    assert objects(other).keys() != objects(whole).keys(), "the ConfigMap has another name"


def test_secrets_stay_secret_on_every_way(whole):
    for (kind, _), one in objects(whole).items():
        if kind == "Secret":
            assert isinstance(one.inputs["stringData"], Secret) or holds_secret(one.inputs["stringData"])
    everything = str([masked(one.inputs) for one in whole.resources]) + str(masked(whole.outputs))
    assert "s3cr3t" not in everything
    assert "hush" not in everything


def test_a_rotated_secret_rolls_the_pods_that_read_it_and_no_other(run, whole):
    rotated = objects(run(main, {**CONFIG, "mcp-stack:the-token": "new"}, SECRET_KEYS))
    before = objects(whole)
    changed = {name for (kind, name), one in rotated.items() if kind == "Deployment" and one.inputs != before[kind, name].inputs}
    assert changed == {"test-web"}


def test_pods_wait_for_what_they_mount(whole):
    by_urn = {one.urn: one for one in whole.resources}
    for (kind, name), one in objects(whole).items():
        if kind == "Deployment":
            needed = {by_urn[urn].inputs["kind"] for urn in one.options["dependencies"]}
            assert {"ServiceAccount", "NetworkPolicy", "Service"} <= needed
            if name != "test-web":
                assert "ConfigMap" in needed
        if kind != "Namespace" and one.urn.split("::")[2].count("$") == 2:
            reached = {by_urn[urn].type for urn in _closure(one, by_urn)}
            assert "kubernetes:core/v1:Namespace" in reached, f"{kind} {name} may come before the namespace"


def _closure(resource, by_urn):
    """Everything that `resource` and its parents wait for."""
    found, todo = set(), [resource.urn]
    while todo:
        one = by_urn.get(todo.pop())
        if one is not None:
            more = {*one.options.get("dependencies", ()), one.parent} - found
            found |= more
            todo += more
    return found & by_urn.keys()


def test_outputs_say_where_to_go(whole):
    assert whole.outputs == {
        "namespace": "mcp-test",
        "gateway_url": "http://test-gateway.mcp-test.svc:8080/mcp",
        "gateway_host": "mcp.test.example.com",
        "public_urls": {"gateway": ["https://mcp.test.example.com/mcp"]},
        "server_urls": {
            "box": "http://test-box.mcp-test.svc:8000/servers/box/mcp",
            "web": "http://test-web.mcp-test.svc:8000/mcp",
        },
    }


@pytest.mark.parity("stack.unknown-keys")
def test_problems_end_a_preview_with_one_message_that_names_the_file(run):
    bad = {**STACK, "servers": {**STACK["servers"], "web": {**STACK["servers"]["web"], "prot": 1}}}
    with pytest.raises(pulumi.RunError) as caught:
        run(main, {**CONFIG, "mcp-stack:stack": bad}, SECRET_KEYS)
    assert str(caught.value) == "Pulumi.test.yaml: 1 problem\n  servers.web.prot: unknown key, did you mean `port`?"


def test_a_secret_that_the_file_does_not_have_is_named_with_the_command_that_sets_it(run):
    with pytest.raises(pulumi.RunError, match="pulumi config set --secret the-token --stack test"):
        run(main, {key: value for key, value in CONFIG.items() if key != "mcp-stack:the-token"}, SECRET_KEYS)
