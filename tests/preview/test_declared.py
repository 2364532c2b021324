"""What a stack file says to exist is not missed, and nothing else is taken to exist."""

import pytest

from mcp_stack.preview import render
from mcp_stack.preview.declared import declared_by, looked_up_by
from mcp_stack.spec import load_spec

DIGEST = "sha256:1241936d4dd3aad68fe7bfbdfe854b935926bc678fc72377e15166078916227a"
STACK = {
    "domain": "example.com",
    "namespace": {"name": "mcp", "create": False},
    "image": {"registry": "ghcr.io/acme", "pull_secrets": ["ghcr"], "registries": {"docker.io/acme": ["hub"]}},
    "proxy": {"image": {"repository": "quay.io/acme/proxy", "tag": "1.0.0", "pull_secrets": ["quay"]}},
    "secrets": {"shared": {"existing": "tokens", "key": "a"}},
    "exposure": {"parent": {"name": "public", "namespace": "gateways"}},
    "gateway": {"trust_network": True, "exposure": {}},
    "servers": {
        "clock": {
            "image": {"repository": "clock", "tag": "1.0.0", "digest": DIGEST},
            "secrets": {"own": {"existing": "clock-token", "key": "b"}},
            "env": {"A": {"secret": "own"}, "B": {"secret": "shared"}, "C": {"config_map": {"name": "levels", "key": "c"}}},
            "volumes": {
                "claim": {"path": "/claim", "existing_claim": {"name": "data"}},
                "map": {"path": "/map", "existing_config_map": {"name": "files"}},
                "keys": {"path": "/keys", "existing_secret": {"name": "certificate"}},
            },
            "init_containers": [
                {
                    "name": "first",
                    "image": {"repository": "docker.io/acme/first", "tag": "1.0.0"},
                    "env": {"D": {"config_map": {"name": "more-levels", "key": "d"}}},
                    "env_from": [{"existing_secret": "even-more"}],
                },
                {"name": "second", "image": {"repository": "quay.io/x/y", "tag": "1.0.0", "pull_secrets": ["second"]}},
            ],
            "env_from": [{"existing_secret": "more"}, {"existing_config_map": "settings"}],
            "exposure": {"via": "ingress", "ingress_class": "nginx", "tls": {"secret": "wildcard"}},
        }
    },
}


def test_everything_that_the_file_takes_from_others_is_declared():
    assert declared_by(load_spec(STACK, "dev")).objects == {
        ("Namespace", "", "mcp"),
        ("Secret", "mcp", "ghcr"),
        ("Secret", "mcp", "quay"),
        ("Secret", "mcp", "hub"),
        ("Secret", "mcp", "second"),
        ("Secret", "mcp", "even-more"),
        ("Secret", "mcp", "certificate"),
        ("ConfigMap", "mcp", "levels"),
        ("ConfigMap", "mcp", "more-levels"),
        ("ConfigMap", "mcp", "files"),
        ("PersistentVolumeClaim", "mcp", "data"),
        ("Secret", "mcp", "tokens"),
        ("Secret", "mcp", "clock-token"),
        ("Secret", "mcp", "more"),
        ("ConfigMap", "mcp", "settings"),
        ("Gateway", "gateways", "public"),
        ("Secret", "mcp", "wildcard"),
    }


def test_what_stores_take_from_others_is_declared():
    login = {"existing": "login", "key": "token", "namespace": "vault"}
    vault = {
        "server": "https://vault.example.com",
        "auth": {"token": login},
        "ca": {"existing_config_map": "ca", "key": "a", "namespace": "b"},
    }
    account = {"service": "SecretsManager", "region": "eu-central-1", "auth": {"service_account": {"name": "reader"}}}
    certificate = {"project": "a", "ca": {"existing": "ca", "key": "a"}, "auth": {"aws_iam": {"identity_id": {"config": "id"}}}}
    stores = {
        "vault": {"vault": vault, "cluster": True},
        "aws": {"aws": account},
        "own": {"infisical_operator": certificate},
        "near": {"existing": {"kind": "SecretStore", "name": "near"}},
        "far": {"existing": {"kind": "ClusterSecretStore", "name": "far"}},
    }
    templates = {"sources": [{"existing_secret": "templates", "keys": ["a"]}, {"existing_config_map": "more", "keys": ["a"]}]}
    target = {"name": "theirs", "creation": "Merge", "template": templates}
    secrets = {
        "one": {"store": "near", "remote": {"key": "a"}, "target": target},
        "two": {"store": "near", "remote": {"key": "a"}, "target": {"template": {"labels": {"a": "b"}}}},
    }
    spec = load_spec({"gateway": {"enabled": False}, "secret_stores": stores, "secrets": secrets}, "dev", offered=True)
    assert declared_by(spec).objects == {
        ("Secret", "vault", "login"),
        ("ConfigMap", "b", "ca"),
        ("ServiceAccount", "mcp-dev", "reader"),
        ("Secret", "mcp-dev", "ca"),
        ("SecretStore", "mcp-dev", "near"),
        ("ClusterSecretStore", "", "far"),
        ("Secret", "mcp-dev", "templates"),
        ("ConfigMap", "mcp-dev", "more"),
        ("Secret", "mcp-dev", "theirs"),
    }


def test_a_namespace_that_we_create_is_not_declared():
    own = {
        "proxy": STACK["proxy"],
        "gateway": {"enabled": False},
        "servers": {"clock": {"image": {"repository": "clock", "tag": "1.0.0"}}},
    }
    assert {kind for kind, _, _ in declared_by(load_spec(own, "dev")).objects} == {"Secret"}


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ("k8s.core.v1.Secret.get('tokens', 'mcp/tokens')", ("Secret", "mcp", "tokens")),
        ("k8s.core.v1.Namespace.get('mcp', 'mcp')", ("Namespace", "", "mcp")),
    ],
)
def test_what_a_program_looks_up_is_there(project, program, found):
    assert looked_up_by(render(project(program), "dev")).objects == {found}
