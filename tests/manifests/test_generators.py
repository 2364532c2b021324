"""Values that nobody keeps: passwords and tokens of registries; copies in other stores; times to read at."""

import pytest

from mcp_stack.manifests import manifests_for
from mcp_stack.preview.checks import External
from mcp_stack.preview.checks.cluster import Cluster
from mcp_stack.preview.checks.secrets import secrets as secret_findings
from mcp_stack.preview.declared import declared_by
from mcp_stack.preview.rendered import KubeObject
from tests.manifests.test_stores import judged
from tests.spec.stores import ACCOUNT, MAKING, C, store

LOGIN = {
    "secret_stores.registry": {"ecr": {"region": "eu-central-1", "auth": {"service_account": ACCOUNT}}},
    "secrets.login": {
        "store": "registry",
        "refresh": {"interval": "6h"},
        "target": {"name": "ecr-login", "registry": "123456789012.dkr.ecr.eu-central-1.amazonaws.com"},
    },
    "image.pull_secrets": ["ecr-login"],
}
DRAWN = {
    "secret_stores.drawn": {"password": {"length": 32, "symbols": 0, "keys": ["admin", "app"]}},
    "secrets.drawn": {"store": "drawn", "refresh": {"policy": "CreatedOnce"}},
    "servers.web.files": {"/run/drawn": {"secret": "drawn/*"}},
}
COPY = {
    "secret_stores.vault": store("vault"),
    "secrets.token": {"config": "token", "push": {"store": "vault", "key": "mcp/token", "property": "value"}},
}


def findings(rendered):
    cluster = Cluster([KubeObject(one) for one in rendered], declared_by(rendered.spec))
    return [str(one) for one in secret_findings(cluster)]


@pytest.mark.parity("stack.external-secret")
def test_images_are_pulled_with_a_token_of_the_registry(render):
    rendered = render(LOGIN)
    made = rendered.one("ECRAuthorizationToken", "test-shared.registry")
    assert made["apiVersion"] == "generators.external-secrets.io/v1alpha1"
    assert "pulumi.com/waitFor" not in made["metadata"]["annotations"], "a generator has no status"
    assert made["spec"] == {
        "region": "eu-central-1",
        "scope": "private",
        "auth": {"jwt": {"serviceAccountRef": {"name": "account"}}},
    }
    asked = rendered.one("ExternalSecret", "test-shared.login")
    assert asked["metadata"]["annotations"]["pulumi.com/waitFor"] == "condition=Ready"
    reference = {"apiVersion": made["apiVersion"], "kind": "ECRAuthorizationToken", "name": "test-shared.registry"}
    assert asked["spec"]["dataFrom"] == [{"sourceRef": {"generatorRef": reference}}]
    assert "secretStoreRef" not in asked["spec"]
    assert asked["spec"]["target"]["name"] == "ecr-login"
    template = asked["spec"]["target"]["template"]
    assert template["type"] == "kubernetes.io/dockerconfigjson"
    assert template["data"] == {
        ".dockerconfigjson": '{"auths": {"123456789012.dkr.ecr.eu-central-1.amazonaws.com": {"username": {{ .username | toJson }}, '
        '"password": {{ .password | toJson }}, "auth": "{{ printf "%s:%s" .username .password | b64enc }}"}}}'
    }
    assert {"name": "ecr-login"} in rendered.pod("test-web")["imagePullSecrets"]
    assert judged([made, asked]) == {}
    assert findings(rendered) == []


def test_passwords_are_drawn_once(render):
    rendered = render(DRAWN)
    made = rendered.one("Password", "test-shared.drawn")
    assert made["spec"] == {
        "length": 32,
        "symbols": 0,
        "noUpper": False,
        "allowRepeat": False,
        "secretKeys": ["admin", "app"],
        "encoding": "raw",
    }
    asked = rendered.one("ExternalSecret", "test-shared.drawn")["spec"]
    assert asked["refreshPolicy"] == "CreatedOnce"
    assert "refreshInterval" not in asked
    assert findings(rendered) == []


@pytest.mark.parametrize(("backend", "method"), MAKING)
def test_every_generator_is_one_that_its_schema_knows(render, backend, method):
    changes = {
        "secret_stores.one": store(backend, method),
        "secrets.one": {"store": "one", "refresh": {"interval": "30m"}},
        "servers.web.files": {"/run/one": {"secret": "one/*"}},
        "servers.web.restart": "reloader",
    }
    rendered = render(changes)
    kind = rendered.spec.store_object("one")[0]
    made = rendered.one(kind, "test-shared.one")
    assert judged([made]) == {}
    assert findings(rendered) == []
    credentials = rendered.spec.config_keys() - {"token"}
    assert credentials == ({C["config"]} if method in ("keys", "key", "service_principal") else set())


@pytest.mark.parity("stack.external-secret")
def test_a_value_of_the_stack_file_is_copied_into_a_store(render):
    rendered = render(COPY)
    made = rendered.one("PushSecret", "test-shared.token")
    assert made["apiVersion"] == "external-secrets.io/v1alpha1"
    assert made["metadata"]["annotations"]["pulumi.com/waitFor"] == "condition=Ready"
    assert made["spec"] == {
        "updatePolicy": "Replace",
        "deletionPolicy": "None",
        "refreshInterval": "3600s",
        "secretStoreRefs": [{"kind": "SecretStore", "name": "test-shared.vault"}],
        "selector": {"secret": {"name": "test-shared.token"}},
        "data": [{"match": {"secretKey": "value", "remoteRef": {"remoteKey": "mcp/token", "property": "value"}}}],
    }
    assert judged([made]) == {}
    assert findings(rendered) == []


def test_one_of_a_set_and_somebody_elses_value_are_copied_too(render):
    push = {"store": "vault", "key": "one", "property": "one"}
    rendered = render(
        {
            **COPY,
            **DRAWN,
            "secrets.drawn": {**DRAWN["secrets.drawn"], "push": {**push, "of": "admin"}},
            "servers.web.secrets": {"theirs": {"existing": "theirs", "key": "k", "push": {**push, "key": "two"}}},
        }
    )
    drawn, theirs = (rendered.one("PushSecret", name)["spec"] for name in ("test-shared.drawn", "test-web.theirs"))
    assert (drawn["selector"], drawn["data"][0]["match"]["secretKey"]) == ({"secret": {"name": "test-shared.drawn"}}, "admin")
    assert (theirs["selector"], theirs["data"][0]["match"]["secretKey"]) == ({"secret": {"name": "theirs"}}, "k")


def test_values_are_read_again_at_some_times_alone(render):
    windows = {"kind": "deny", "windows": [{"schedule": "0 8 * * mon-fri", "duration": "10h"}]}
    found = render(
        {
            "secret_stores.one": store("fake"),
            "secrets.one": {"store": "one", "remote": {"key": "one"}, "refresh": {"sync_windows": windows}},
            "servers.web.files": {"/run/one": {"secret": "one"}},
            "servers.web.restart": "reloader",
        }
    ).one("ExternalSecret", "test-shared.one")
    assert found["spec"]["syncWindows"] == {
        "kind": "deny",
        "windows": [{"schedule": "0 8 * * mon-fri", "duration": "36000s"}],
    }


@pytest.mark.parametrize(
    ("kind", "edit", "message"),
    [
        ("ExternalSecret", lambda spec: spec["dataFrom"][0]["sourceRef"]["generatorRef"].update(name="x"), "Password mcp-test/x"),
        ("PushSecret", lambda spec: spec["secretStoreRefs"][0].update(name="x"), "SecretStore mcp-test/x"),
        ("PushSecret", lambda spec: spec["selector"]["secret"].update(name="x"), "Secret mcp-test/x"),
        ("PushSecret", lambda spec: spec["data"][0]["match"].update(secretKey="x"), "has no key 'x'; it has: value"),
    ],
)
def test_what_an_object_names_has_to_be_there(render, kind, edit, message):
    rendered = render({**DRAWN, **COPY})
    objects = [KubeObject(one) for one in manifests_for(rendered.spec)]
    edit(next(one for one in objects if one.kind == kind).plain["spec"])
    (found,) = secret_findings(Cluster(objects, declared_by(rendered.spec)))
    assert message in found.message


def test_a_copy_by_labels_is_not_looked_for(render):
    rendered = render(COPY)
    objects = [KubeObject(one) for one in manifests_for(rendered.spec)]
    push = next(one for one in objects if one.kind == "PushSecret")
    push.plain["spec"]["selector"] = {"secret": {"selector": {"matchLabels": {"a": "b"}}}}
    assert list(secret_findings(Cluster(objects, External()))) == []
