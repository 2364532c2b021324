"""Secrets from stores: what stand-ins of the controllers (tests/e2e/stores) make of our objects, and what `up` makes of theirs."""

import base64
import json

import boto3
import pytest

from tests.e2e.cli import Cli
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.project import KEY, Copy
from tests.e2e.provider import serving
from tests.e2e.stores import infisical
from tests.e2e.stores.running import controlling
from tests.e2e.waiting import until
from tests.judges.stacks import ROOT

STACK = "stores"
NAMESPACE, SOURCE = "mcp-stores", "mcp-stores-source"
REGION = "eu-central-1"
INTERVAL_SECONDS = 2
REFRESH_SECONDS = 20
"""The interval, the half second of the stand-ins, and a slow machine."""

TIMEOUT_SECONDS = 10
"""How long `pulumi up` waits for a store here."""


@pytest.fixture(scope="module")
def aws(endpoint):
    """Clients of the services, with what the stack reads in them."""
    options = {"endpoint_url": endpoint, "region_name": REGION, "aws_access_key_id": "a", "aws_secret_access_key": "b"}
    manager, parameters = boto3.client("secretsmanager", **options), boto3.client("ssm", **options)
    manager.create_secret(Name="mcp/token", SecretString="first")
    manager.create_secret(Name="mcp/sentry", SecretString=json.dumps({"token": "of-sentry", "other": "x"}))
    manager.create_secret(Name="mcp/database", SecretString=json.dumps({"username": "u", "password": "p", "host": "db"}))
    parameters.put_parameter(Name="/mcp/orders/log-level", Value="debug", Type="SecureString")
    parameters.put_parameter(Name="/mcp/orders/region", Value="eu", Type="String")
    yield manager
    manager.close()
    parameters.close()


@pytest.fixture(scope="module")
def project_of_infisical():
    with infisical.serving("acme") as found:
        found.values = {("stores", "/mcp/TOKEN"): "of-infisical", ("stores", "/mcp/deep/KEY"): "below", ("stores", "/TOP"): "above"}
        yield found


@pytest.fixture(scope="module")
def source(api):
    """Another namespace whose Secrets the account `reader` may read."""
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SOURCE}},
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "shared", "namespace": SOURCE},
            "stringData": {"a": "of-a", "b": "2"},
        },
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": {"name": "reader", "namespace": SOURCE},
            "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}],
        },
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "reader", "namespace": SOURCE},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
            "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": NAMESPACE}],
        },
    ]
    for one in objects:
        api.apply(one, "e2e")
    yield
    api.delete(f"/api/v1/namespaces/{SOURCE}")


def stack(address):
    """A store of every backend that the stand-ins read, and secrets of every form."""
    universal = {"universal": {"client_id": {"config": "client-id"}, "client_secret": {"config": "client-secret"}}}
    keys = {"access_key_id": {"config": "access-key"}, "secret_access_key": {"config": "secret-key"}}
    root = {"existing_config_map": "kube-root-ca.crt", "key": "ca.crt"}
    refresh = {"refresh": {"interval": f"{INTERVAL_SECONDS}s"}}
    secrets = {
        "manager": {"store": "manager", "remote": {"key": "token"}, **refresh},
        "member": {"store": "manager", "remote": {"key": "sentry", "property": "token"}},
        "database": {
            "store": "manager",
            "data_from": [{"extract": {"key": "database"}}],
            "target": {"template": {"data": {"url": "postgres://{{ .username }}:{{ .password }}@{{ .host }}/orders"}}},
        },
        "settings": {
            "store": "parameters",
            "data_from": [
                {"find": {"path": "/mcp/orders", "name": "."}, "rewrite": [{"regexp": {"source": ".*/(.+)", "target": "$1"}}]}
            ],
        },
        "infisical": {"store": "infisical", "remote": {"key": "TOKEN"}, **refresh},
        "named": {"store": "infisical", "data": {"one": {"key": "/TOP"}, "two": {"key": "deep/KEY"}}},
        "operator": {"store": "operator", "remote": {"key": "TOKEN"}, **refresh},
        "once": {"store": "operator", "data_from": [{"find": {}}]},
        "near": {"store": "near", "remote": {"key": "shared", "property": "a"}},
        "fake": {"store": "fake", "data": {"decoded": {"key": "one", "decoding": "Base64"}}},
        "wide": {"store": "wide", "remote": {"key": "one"}, "refresh": {"policy": "CreatedOnce"}},
    }
    sets = {"database", "settings", "named", "once", "fake"}
    files = {f"/run/{name}": {"secret": f"{name}/*"} for name in sorted(sets)}
    files |= {f"/run/values/{name}": {"secret": name} for name in secrets if name not in sets}
    return {
        "namespace": {"name": NAMESPACE},
        "annotations": {"pulumi.com/timeoutSeconds": str(TIMEOUT_SECONDS)},
        "gateway": {"enabled": False, "trust_network": True},
        "secret_stores": {
            "manager": {
                "aws": {
                    "service": "SecretsManager",
                    "region": REGION,
                    "prefix": "mcp/",
                    "role": "arn:aws:iam::123456789012:role/mcp",
                }
            },
            "parameters": {"aws": {"service": "ParameterStore", "region": REGION, "auth": {"keys": keys}}},
            "infisical": {"infisical": {"api": address, "project": "acme", "path": "/mcp", "auth": universal}},
            "operator": {"infisical_operator": {"address": address, "project": "acme", "path": "/mcp", "auth": universal}},
            "near": {
                "kubernetes": {"remote_namespace": SOURCE, "server": {"ca": root}, "auth": {"service_account": {"name": "reader"}}}
            },
            "fake": {"fake": {"data": [{"key": "one", "value": base64.b64encode(b"plain").decode()}]}},
            "wide": {"cluster": True, "fake": {"data": [{"key": "one", "value": "of-the-cluster"}]}},
        },
        "secrets": secrets,
        "servers": {
            "reader": {"image": {"repository": "ghcr.io/acme/reader", "tag": "1.0.0"}, "files": files, "restart": "reloader"}
        },
    }


@pytest.fixture(scope="module")
def project(project_of_infisical, tmp_path_factory):
    copy = Copy(ROOT, "staging", tmp_path_factory.mktemp("stores") / "project")
    document = {"pulumi:disable-default-providers": ["kubernetes"], KEY: stack(project_of_infisical.address)}
    return copy.as_stack(STACK, document)


@pytest.fixture(scope="module")
def cli(project, project_of_infisical, api, definitions, aws, source, endpoint, pulumi_home, hosts):
    """The project, before its first `up`, where controllers look after its namespace."""
    with serving(api, waits=True) as (_, port), controlling(api, NAMESPACE, endpoint):
        found = Cli(project.directory, engine_environment(pulumi_home, Bucket(endpoint, "state-stores"), port), hosts)
        found.must("stack", "init", STACK)
        credentials = {
            "client-id": project_of_infisical.client_id, "client-secret": project_of_infisical.client_secret,
            "access-key": "a", "secret-key": "b",
        }  # fmt: skip
        found.secrets(STACK, credentials)
        yield found
        found.destroy(STACK)


@pytest.fixture(scope="module")
def up(cli):
    return cli.up(STACK)


def values(api, secret):
    """What a Secret of the stack holds."""
    found = api.get(f"/api/v1/namespaces/{NAMESPACE}/secrets/{STACK}-shared.{secret}")
    return None if found is None else {key: base64.b64decode(value).decode() for key, value in found["data"].items()}


@pytest.mark.parity("stack.secret-backends", "stack.external-secret")
def test_every_backend_brings_what_the_stack_file_asks_for(up, api):
    assert {name: values(api, name) for name in stack("")["secrets"]} == {
        "manager": {"value": "first"},
        "member": {"value": "of-sentry"},
        "database": {"url": "postgres://u:p@db/orders"},
        "settings": {"log-level": "debug", "region": "eu"},
        "infisical": {"value": "of-infisical"},
        "named": {"one": "above", "two": "below"},
        "operator": {"value": "of-infisical"},
        "once": {"TOKEN": "of-infisical"},
        "near": {"value": "of-a"},
        "fake": {"decoded": "plain"},
        "wide": {"value": "of-the-cluster"},
    }


@pytest.mark.parity("stack.secret-rotation")
def test_a_new_value_is_in_its_secret_within_the_refresh_time(up, api, aws, project_of_infisical):
    aws.put_secret_value(SecretId="mcp/token", SecretString="second")
    project_of_infisical.values["stores", "/mcp/TOKEN"] = "rotated"
    expected = {"manager": "second", "infisical": "rotated", "operator": "rotated"}
    until(
        lambda: {name: values(api, name)["value"] for name in expected} == expected,
        INTERVAL_SECONDS + REFRESH_SECONDS,
        "the new values",
    )
    assert values(api, "wide") == {"value": "of-the-cluster"}


def late(store):
    """A server that reads a value which its store does not have yet."""
    return {
        "image": {"repository": "ghcr.io/acme/late", "tag": "1.0.0"},
        "env": {"LATE": {"secret": "late"}},
        "restart": "reloader",
        "secrets": {"late": {"store": store, "remote": {"key": f"LATE_{store}"}}},
    }


@pytest.mark.parity("stack.secret-consume")
def test_a_value_that_is_missing_fails_up_with_the_stores_message_and_starts_no_pod(
    cli, up, api, project, aws, project_of_infisical
):
    """What reads it has its pods made by the first `up` after the value has come."""
    original, stores = project.data, ("infisical", "manager", "operator")
    project.write({**original, "servers": {**original["servers"], **{f"late-{store}": late(store) for store in stores}}})

    def made():
        paths = {store: f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{STACK}-late-{store}" for store in stores}
        return {store for store, path in paths.items() if api.get(path) is not None}

    done = cli.run("up", "--yes", "--skip-preview", "-s", STACK)
    assert done.returncode != 0
    assert "(key: LATE_infisical), err: Secret does not exist" in done.stdout
    assert "(key: LATE_manager), err: Secret does not exist" in done.stdout
    assert done.stdout.count("timed out waiting for the condition") >= len(stores)
    assert made() == set()
    operators = api.get(
        api.path("secrets.infisical.com/v1beta1", "InfisicalStaticSecret", NAMESPACE, f"{STACK}-late-operator.late")
    )
    assert 'map has no entry for key "LATE_operator"' in operators["status"]["conditions"][0]["message"]
    for store in stores:
        project_of_infisical.values["stores", f"/mcp/LATE_{store}"] = "here"
    aws.create_secret(Name="mcp/LATE_manager", SecretString="here")
    cli.up(STACK)
    assert made() == set(stores)
