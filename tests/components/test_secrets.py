"""Secrets and stores from a program of its own, and what waits for what."""

import pulumi
import pytest

from mcp_stack.gateway import McpGateway
from mcp_stack.preview.values import Secret, revealed
from mcp_stack.program import main
from mcp_stack.secrets import SecretSync
from mcp_stack.server import McpServer
from tests.spec.stores import store

ONE = {"store": "kept", "remote": {"key": "TOKEN"}}
PROXY = {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0"}


def by_name(result):
    return {one.inputs["metadata"]["name"] + "/" + one.inputs["kind"]: one for one in result.resources if "kind" in one.inputs}


@pytest.mark.parity("stack.secret-consume", "stack.package")
def test_secrets_without_servers_are_for_whoever_needs_them(run):
    def program():
        made = SecretSync(
            "keys",
            {
                "namespace": "team",
                "labels": {"team": "platform"},
                "secret_stores": {"kept": store("infisical", "token")},
                "secrets": {
                    "token": ONE,
                    "app": {"store": "kept", "data_from": [{"find": {}}]},
                    "own": {"config": "own"},
                    "theirs": {"existing": "theirs", "key": "a"},
                },
                "secret_values": {"credential": pulumi.Output.secret("hush"), "own": "mine"},
            },
        )
        pulumi.export("names", made.secret_names)
        pulumi.export("keys", made.secret_keys)
        pulumi.export("stores", made.store_names)

    result = run(program)
    found = by_name(result)
    assert set(found) == {
        "test-shared.store.kept/Secret",
        "test-shared.own/Secret",
        "test-shared.kept/SecretStore",
        "test-shared.app/ExternalSecret",
        "test-shared.token/ExternalSecret",
    }
    assert {one.inputs["metadata"]["namespace"] for one in found.values()} == {"team"}
    assert result.outputs == {
        "names": {"token": "test-shared.token", "app": "test-shared.app", "own": "test-shared.own", "theirs": "theirs"},
        "keys": {"token": "value", "own": "value", "theirs": "a"},
        "stores": {"kept": "test-shared.kept"},
    }
    assert found["test-shared.store.kept/Secret"].inputs["stringData"] == Secret({"credential": "hush"}) or revealed(
        found["test-shared.store.kept/Secret"].inputs["stringData"]
    ) == {"credential": "hush"}


def test_a_store_waits_for_its_credentials_and_what_asks_it_for_the_store(run):
    def program():
        args = {
            "secret_stores": {"kept": store("infisical_operator")},
            "secrets": {"token": ONE},
            "secret_values": {"credential": "x"},
        }
        SecretSync("keys", args)

    result = run(program)
    found, urns = by_name(result), {one.urn: one.inputs.get("kind") for one in result.resources}

    def before(name):
        return {urns[urn] for urn in found[name].options.get("dependencies", ())}

    assert before("test-shared.kept/InfisicalConnection") == {"Secret"}
    assert before("test-shared.kept/InfisicalAuth") == {"Secret", "InfisicalConnection"}
    assert before("test-shared.token/InfisicalStaticSecret") == {"InfisicalConnection", "InfisicalAuth"}


@pytest.mark.parity("stack.secret-consume")
def test_pods_of_a_stack_wait_until_its_secrets_have_come(run):
    stack = {
        "proxy": {"image": PROXY},
        "secret_stores": {"kept": store("fake")},
        "secrets": {"token": ONE},
        "gateway": {"trust_network": True},
        "servers": {
            "web": {
                "image": {"repository": "web", "tag": "1.0.0"},
                "restart": "reloader",
                "files": {"/run/s/t": {"secret": "token"}, "/run/o/t": {"secret": "own"}},
                "secrets": {"own": ONE},
            }
        },
    }
    result = run(main, {"mcp-stack:stack": stack})
    found, all_of = by_name(result), {one.urn: one for one in result.resources}
    types = {one.urn.split("::")[2] for one in result.resources}
    assert "mcp-stack:index:McpStack$mcp-stack:index:SecretSync$kubernetes:external-secrets.io/v1:ExternalSecret" in types
    pods = found["test-web/Deployment"]
    assert found["test-web.own/ExternalSecret"].urn in pods.options["dependencies"]
    server = all_of[pods.parent]
    assert found["test-shared.token/ExternalSecret"].urn in server.options["dependencies"]
    assert found["test-shared.token/ExternalSecret"].inputs["metadata"]["annotations"]["pulumi.com/waitFor"] == "condition=Ready"


def test_a_server_or_a_gateway_alone_brings_its_stores(run):
    def program():
        McpServer(
            "web",
            {
                "image": {"repository": "web", "tag": "1.0.0"},
                "env": {"T": {"secret": "own"}},
                "restart": "reloader",
                "secrets": {"own": ONE},
                "secret_stores": {"kept": store("fake")},
            },
        )
        McpGateway(
            "edge",
            {
                "stack": "edge",
                "proxy_image": PROXY,
                "trust_network": True,
                "restart": "reloader",
                "secrets": {"token": ONE},
                "secret_stores": {"kept": store("existing")},
                "servers": {"far": {"url": "https://far.example/mcp", "headers": {"A": "${T}"}, "env": {"T": {"secret": "token"}}}},
            },
        )

    found = by_name(run(program))
    assert found["test-web.own/ExternalSecret"].inputs["spec"]["secretStoreRef"]["name"] == "test-shared.kept"
    assert "test-shared.kept/SecretStore" in found
    assert found["edge-shared.token/ExternalSecret"].inputs["spec"]["secretStoreRef"]["name"] == "company"
    assert "reloader" in str(found["edge-gateway/Deployment"].inputs["metadata"]["annotations"])


def test_mistakes_are_named_as_the_program_wrote_them(run):
    with pytest.raises(pulumi.RunError) as caught:
        run(lambda: SecretSync("keys", {"secrets": {"token": ONE}, "secret_stores": {"kept": {"fake": {}}}, "namespace": "A"}))
    assert str(caught.value).splitlines() == [
        "SecretSync 'keys': 2 problems",
        "  namespace: 'A' is no DNS label: lower-case letters, digits and dashes inside, at most 63 characters",
        "  secret_stores.kept.fake.data: required, but missing",
    ]
