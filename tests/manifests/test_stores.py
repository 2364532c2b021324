"""Stores of every backend as External Secrets and Infisical's operator take them."""

import pytest

from tests.judges.schemas import CRDS, VERSIONS, schema_faults, unjudged
from tests.spec.stores import BODIES, EVERY, GENERATED, PEM, C, store

READ = {"servers.web.env": {"T": {"secret": "kept"}}, "servers.web.restart": "reloader"}


def stack(made, secret=None, **beside):
    """Changes of the stack by which a server reads a secret of the store `made`."""
    declared = {"store": "one", "remote": {"key": "KEY"}} if secret is None else {"store": "one", **secret}
    return {"secret_stores": {"one": made}, "secrets.kept": declared, **READ, **beside}


def judged(objects):
    """Faults of objects that only the controllers' own definitions know."""
    if any(unjudged(one) for one in objects):
        pytest.skip(f"no definitions: name their directory in ${CRDS}")
    return {one["kind"]: found for one in objects if (found := schema_faults(one, VERSIONS[-1]))}


@pytest.mark.parity("stack.secret-backends")
@pytest.mark.parametrize(("backend", "method"), EVERY)
def test_every_store_is_valid_against_its_definition(render, backend, method):
    objects = render(stack(store(backend, method)))
    groups = ("external-secrets.io", "secrets.infisical.com")
    kept = [one for one in objects if one["apiVersion"].startswith(groups)]
    assert {one["kind"] for one in kept} in (
        {"SecretStore", "ExternalSecret"},
        {"ExternalSecret"},
        {"InfisicalConnection", "InfisicalAuth", "InfisicalStaticSecret"},
    )
    assert judged(kept) == {}


@pytest.mark.parity("stack.secret-backends")
@pytest.mark.parametrize("made", [*(store(backend) for backend in BODIES if backend not in GENERATED), None])
def test_who_reads_a_secret_sees_no_difference(render, made):
    """A store of any kind, or an encrypted key of the stack file: the same Secret, the same key of it."""
    changes = stack(made) if made else {"secrets.kept": {"config": "kept"}, **{key: READ[key] for key in ("servers.web.env",)}}
    (variable,) = render(changes).container("test-web")["env"]
    assert variable["valueFrom"] == {"secretKeyRef": {"name": "test-shared.kept", "key": "value"}}


@pytest.mark.parity("stack.secret-store", "stack.secret-store-auth")
def test_a_store_of_infisical_names_project_environment_and_folder(render):
    universal = {
        "client_id": {"existing": "infisical-credentials", "key": "clientId"},
        "client_secret": {"existing": "infisical-credentials", "key": "clientSecret"},
    }
    made = {"infisical": {"api": "https://infisical.example.com", "project": "my-project", "auth": {"universal": universal}}}
    found = render(stack({**made, "refresh_seconds": 3600})).one("SecretStore", "test-shared.one")
    assert found["apiVersion"] == "external-secrets.io/v1"
    assert found["metadata"]["namespace"] == "mcp-test"
    assert found["spec"] == {
        "refreshInterval": 3600,
        "provider": {
            "infisical": {
                "hostAPI": "https://infisical.example.com",
                "secretsScope": {
                    "projectSlug": "my-project",
                    "environmentSlug": "test",
                    "secretsPath": "/",
                    "recursive": False,
                    "expandSecretReferences": True,
                },
                "auth": {
                    "universalAuthCredentials": {
                        "clientId": {"name": "infisical-credentials", "key": "clientId"},
                        "clientSecret": {"name": "infisical-credentials", "key": "clientSecret"},
                    }
                },
            }
        },
    }


def test_a_cluster_wide_store_serves_named_namespaces_and_collides_with_no_other_stack(render):
    made = {**store("infisical", "token"), "cluster": True, "namespaces": ["tools"]}
    objects = render(stack(made))
    found = objects.one("ClusterSecretStore", "mcp-test.test-shared.one")
    assert "namespace" not in found["metadata"]
    assert found["spec"]["conditions"] == [{"namespaces": ["mcp-test", "tools"]}]
    token = found["spec"]["provider"]["infisical"]["auth"]["tokenAuthCredentials"]["accessToken"]
    assert token == {"name": "test-shared.store.one", "key": "credential", "namespace": "mcp-test"}
    assert objects.one("ExternalSecret", "test-shared.kept")["spec"]["secretStoreRef"] == {
        "kind": "ClusterSecretStore",
        "name": "mcp-test.test-shared.one",
    }
    assert judged([found]) == {}


def test_a_store_of_somebody_else_is_named_and_not_made(render):
    objects = render(stack(store("existing")))
    assert not [one for one in objects if one["kind"].endswith("SecretStore")]
    reference = objects.one("ExternalSecret", "test-shared.kept")["spec"]["secretStoreRef"]
    assert reference == {"kind": "ClusterSecretStore", "name": "company"}


def test_credentials_from_the_stack_file_are_one_secret_for_each_store(render):
    made = render(stack(store("infisical")), value_of=lambda key: f"value of {key}").one("Secret", "test-shared.store.one")
    assert made["stringData"] == {"credential": "value of credential"}


@pytest.mark.parametrize(
    ("authority", "expected"),
    [
        ({"bundle": PEM}, {"caBundle": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUIKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="}),
        ({"existing_secret": "a", "key": "b"}, {"caProvider": {"type": "Secret", "name": "a", "key": "b"}}),
        ({"existing_config_map": "a", "key": "b"}, {"caProvider": {"type": "ConfigMap", "name": "a", "key": "b"}}),
    ],
)
@pytest.mark.parametrize("backend", ["infisical", "vault"])
def test_certificates_are_given_or_referred_to(render, backend, authority, expected):
    body = store(backend)[backend]
    found = render(stack({backend: {**body, "ca": authority}})).one("SecretStore", "test-shared.one")["spec"]["provider"][backend]
    assert {key: value for key, value in found.items() if key.startswith("ca")} == expected


AWS = {
    "service": "ParameterStore",
    "region": "eu-central-1",
    "role": "arn:aws:iam::123456789012:role/mcp",
    "external_id": "acme",
    "prefix": "/mcp/",
    "session_tags": {"team": "platform"},
    "transitive_tag_keys": ["team"],
}


def test_a_store_of_aws_assumes_its_role_with_its_tags(render):
    objects = render(stack({"aws": AWS, "retry": {"max": 3, "interval_seconds": 10}, "controller": "blue"}))
    spec = objects.one("SecretStore", "test-shared.one")["spec"]
    assert spec == {
        "controller": "blue",
        "retrySettings": {"maxRetries": 3, "retryInterval": "10s"},
        "provider": {
            "aws": {
                "service": "ParameterStore",
                "region": "eu-central-1",
                "role": "arn:aws:iam::123456789012:role/mcp",
                "externalID": "acme",
                "prefix": "/mcp/",
                "sessionTags": [{"key": "team", "value": "platform"}],
                "transitiveTagKeys": ["team"],
            }
        },
    }
    assert judged([objects.one("SecretStore", "test-shared.one")]) == {}


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        (
            {"service_principal": {"tenant_id": "t", "client_id": C, "client_certificate": C}},
            {"authType": "ServicePrincipal", "tenantId": "t"},
        ),
        ({"managed_identity": {"identity_id": "i"}}, {"authType": "ManagedIdentity", "identityId": "i"}),
        (
            {"workload_identity": {"service_account": {"name": "a", "audiences": ["b"]}, "tenant_id": "t"}},
            {"authType": "WorkloadIdentity", "serviceAccountRef": {"name": "a", "audiences": ["b"]}, "tenantId": "t"},
        ),
    ],
)
def test_azure_is_told_which_kind_of_identity_it_is(render, auth, expected):
    made = render(stack({"azure": {**BODIES["azure"], "auth": auth}})).one("SecretStore", "test-shared.one")
    found = made["spec"]["provider"]["azurekv"]
    found.pop("authSecretRef", None)
    assert found == {"vaultUrl": "https://acme.vault.azure.net", "environmentType": "PublicCloud", **expected}
    assert judged([made]) == {}


OPTIONAL = {
    "vault": {"role_id_from": C, "secret_id": C, "path": "mine"},
    "tls": {"certificate": C, "key": C},
}


def test_vault_in_full(render):
    body = {**BODIES["vault"], "path": "kv", "namespace": "team", "tls": OPTIONAL["tls"], "auth": {"app_role": OPTIONAL["vault"]}}
    made = render(stack({"vault": body})).one("SecretStore", "test-shared.one")
    reference = {"name": "test-shared.store.one", "key": "credential"}
    assert made["spec"]["provider"]["vault"] == {
        "server": "https://vault.example.com",
        "path": "kv",
        "version": "v2",
        "namespace": "team",
        "tls": {"certSecretRef": reference, "keySecretRef": reference},
        "auth": {"appRole": {"path": "mine", "roleRef": reference, "secretRef": reference}},
    }
    assert judged([made]) == {}


@pytest.mark.parametrize("kind", ["SecretStore", "ExternalSecret"])
def test_the_judge_sees_a_planted_mistake(render, kind):
    (made,) = [one for one in render(stack(store("fake"))) if one["kind"] == kind]
    assert judged([made]) == {}
    made["spec"]["refreshIntervall"] = "1m"
    assert list(judged([made])) == [kind]
