"""The gateway's file of API keys in a cluster."""

import pytest
import yaml

from mcp_stack.manifests import gateway_objects
from mcp_stack.spec import load_spec
from tests.manifests.conftest import STACK


def with_keys(secret):
    return {"gateway": {"authentication": {"api_keys": {"secret": "keys"}}}, "secrets.keys": secret}


OURS, THEIRS = {"config": "keys"}, {"existing": "callers", "key": "agents.yaml"}


@pytest.mark.parity("aggregate.auth-tokens")
@pytest.mark.parametrize(
    ("secret", "source"),
    [(THEIRS, ("callers", "agents.yaml")), (OURS, ("test-shared.keys", "value"))],
    ids=["somebody else's", "ours"],
)
def test_the_secret_is_a_directory_of_its_own_that_the_configuration_names(render, secret, source):
    made = render(with_keys(secret))
    [volume] = [one for one in made.pod("test-gateway")["volumes"] if one["name"] == "api-keys"]
    name, key = source
    assert volume["projected"]["sources"] == [{"secret": {"name": name, "items": [{"key": key, "path": "api-keys.yaml"}]}}]
    [mount] = [one for one in made.container("test-gateway")["volumeMounts"] if one["name"] == "api-keys"]
    assert mount == {"name": "api-keys", "mountPath": "/keys", "readOnly": True}, "a subPath would never be refreshed"
    config = yaml.safe_load(made.one("ConfigMap", "test-gateway-config")["data"]["proxy.yaml"])
    assert config["authentication"]["api_keys"].endswith(":-/keys/api-keys.yaml}")


def test_nobody_else_sees_it(render):
    made = render(with_keys(OURS))
    for part in ("test-web", "test-box"):
        assert "keys" not in [one["name"].removeprefix("api-") for one in made.pod(part)["volumes"]]


@pytest.mark.parity("hangar.manager-credentials")
def test_a_changed_key_rolls_no_pod(render):
    """The process follows the file; any other secret of ours that changes does roll."""
    servers = {name: server for name, server in STACK["servers"].items() if name != "far"}
    spec = load_spec({**STACK, "servers": servers, "gateway": {"authentication": {"api_keys": {"secret": "token"}}}}, "test")
    assert spec.api_keys().config == "token"
    assert spec.secrets_of("gateway") == []
    annotations = gateway_objects(spec)["deployment"]["spec"]["template"]["metadata"]["annotations"]
    assert "mcp-stack/secrets-checksum" not in annotations
