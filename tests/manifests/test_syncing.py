"""What is asked of a store, and what of it reaches a pod."""

import pytest

from mcp_stack.manifests.stores import operator_store
from mcp_stack.spec import load_spec
from tests.manifests.conftest import STACK
from tests.manifests.test_stores import judged, stack
from tests.spec.stores import C, store

FAKE, OWN = store("fake"), store("infisical_operator")


def asked(render, made, secret, **beside):
    return render(stack(made, secret, **beside)).one(
        "InfisicalStaticSecret" if made is OWN else "ExternalSecret", "test-shared.kept"
    )


@pytest.mark.parity("stack.external-secret")
def test_one_value_becomes_the_value_of_a_secret(render):
    found = asked(render, FAKE, {"remote": {"key": "db", "property": "password", "version": "3", "decoding": "Base64"}})
    assert found["apiVersion"] == "external-secrets.io/v1"
    assert found["metadata"]["annotations"] == {"owner": "platform", "pulumi.com/waitFor": "condition=Ready"}
    remote = {"key": "db", "property": "password", "version": "3", "decodingStrategy": "Base64", "metadataPolicy": "None"}
    assert found["spec"] == {
        "secretStoreRef": {"kind": "SecretStore", "name": "test-shared.one"},
        "refreshPolicy": "Periodic",
        "refreshInterval": "60s",
        "target": {"name": "test-shared.kept", "creationPolicy": "Owner", "deletionPolicy": "Retain"},
        "data": [{"secretKey": "value", "remoteRef": remote}],
    }
    assert judged([found]) == {}


WHOLE = {
    "data": {"EXTRA": {"key": "extra"}},
    "data_from": [
        {"find": {"name": "^APP_", "path": "/mcp", "tags": {"a": "b"}}, "rewrite": [{"regexp": {"source": "^APP_", "target": ""}}]},
        {"extract": {"key": "all", "conversion": "Unicode"}, "rewrite": [{"transform": {"template": "{{ .value | upper }}"}}]},
        {"extract": {"key": "more"}, "rewrite": [{"merge": {"into": "MORE", "strategy": "JSON", "priority": ["a"]}}]},
    ],
    "refresh": {"interval": "1.5m"},
    "target": {
        "name": "app-credentials",
        "deletion": "Delete",
        "template": {
            "type": "acme.com/app",
            "data": {"URL": "https://{{ .EXTRA }}"},
            "sources": [
                {"existing_config_map": "templates", "keys": ["app.conf"], "keys_and_values": True},
                {"existing_secret": "templates", "keys": ["app.conf"], "target": "Annotations"},
                {"literal": "team: {{ .TEAM }}", "target": "Labels"},
            ],
            "merge_policy": "Merge",
            "labels": {"team": "a"},
            "annotations": {"note": "b"},
        },
    },
}


@pytest.mark.parity("stack.external-secret")
def test_a_whole_set_is_found_rewritten_and_made_into_something_else(render):
    found = asked(render, FAKE, WHOLE, **{"servers.web.env": {"T": {"secret": "kept/URL"}}})
    spec = found["spec"]
    assert spec["refreshInterval"] == "90s"
    assert [next(iter(one)) for one in spec["dataFrom"]] == ["find", "extract", "extract"]
    assert spec["dataFrom"][0]["find"]["name"] == {"regexp": "^APP_"}
    assert [one["rewrite"] for one in spec["dataFrom"]] == [
        [{"regexp": {"source": "^APP_", "target": ""}}],
        [{"transform": {"template": "{{ .value | upper }}"}}],
        [
            {
                "merge": {
                    "into": "MORE",
                    "strategy": "JSON",
                    "priority": ["a"],
                    "priorityPolicy": "Strict",
                    "conflictPolicy": "Error",
                }
            }
        ],
    ]
    assert spec["target"]["name"] == "app-credentials"
    items = [{"key": "app.conf", "templateAs": "KeysAndValues"}]
    assert spec["target"]["template"] == {
        "engineVersion": "v2",
        "mergePolicy": "Merge",
        "type": "acme.com/app",
        "data": {"URL": "https://{{ .EXTRA }}"},
        "templateFrom": [
            {"target": "Data", "configMap": {"name": "templates", "items": items}},
            {"target": "Annotations", "secret": {"name": "templates", "items": [{**items[0], "templateAs": "Values"}]}},
            {"target": "Labels", "literal": "team: {{ .TEAM }}"},
        ],
        "metadata": {"labels": {"team": "a"}, "annotations": {"note": "b"}},
    }
    assert judged([found]) == {}


def test_what_is_read_once_has_no_interval(render):
    found = asked(render, FAKE, {"remote": {"key": "a"}, "refresh": {"policy": "OnChange"}})
    assert found["spec"]["refreshPolicy"] == "OnChange"
    assert "refreshInterval" not in found["spec"]


@pytest.mark.parity("stack.secret-consume")
def test_a_set_is_read_by_key_as_variables_and_as_a_directory(render):
    beside = {
        "servers.web.env": {"T": {"secret": "kept/PASSWORD"}},
        "servers.web.env_from": [{"secret": "kept", "prefix": "APP_"}],
        "servers.web.files": {
            "/run/app": {"secret": "kept/*"},
            "/run/app/extra": {"content": "x"},
            "/run/b/p": {"secret": "kept/A.b"},
        },
    }
    made = render(stack(FAKE, {"data_from": [{"find": {}}]}, **beside))
    container = made.container("test-web")
    assert container["env"][0]["valueFrom"] == {"secretKeyRef": {"name": "test-shared.kept", "key": "PASSWORD"}}
    assert container["envFrom"] == [{"prefix": "APP_", "secretRef": {"name": "test-shared.kept"}}]
    sources = {
        mount["mountPath"]: volume["projected"]["sources"]
        for volume in made.pod("test-web")["volumes"]
        for mount in container["volumeMounts"]
        if mount["name"] == volume["name"] and "projected" in volume
    }
    assert list(sources) == ["/run/app", "/run/b"]
    assert sources["/run/app"][0] == {"secret": {"name": "test-shared.kept"}}
    assert sources["/run/app"][1]["configMap"]["items"][0]["path"] == "extra"
    assert sources["/run/b"] == [{"secret": {"name": "test-shared.kept", "items": [{"key": "A.b", "path": "p"}]}}]


def test_a_servers_own_secret_carries_its_labels_and_the_gateways_come_with_it(render):
    made = {"store": "one", "remote": {"key": "a"}}
    far = {**STACK["servers"]["far"], "env": {"TOKEN": {"secret": "own"}}, "secrets": {"own": made}}
    web = {"servers.web.secrets": {"mine": made}, "servers.web.env": {"T": {"secret": "mine"}}, "servers.web.restart": "reloader"}
    objects = render({"secret_stores": {"one": FAKE}, "servers.far": far, **web, "gateway.restart": "reloader"})
    assert objects.one("ExternalSecret", "test-web.mine")["metadata"]["labels"]["app.kubernetes.io/name"] == "web"
    assert objects.one("ExternalSecret", "test-far.own")["spec"]["target"]["name"] == "test-far.own"
    names = [one["metadata"]["name"] for one in objects]
    assert names.index("test-shared.one") < names.index("test-far.own") < names.index("test-gateway")


@pytest.mark.parity("stack.secret-backends")
def test_infisicals_operator_takes_one_key_of_a_folder(render):
    objects = render(stack(OWN, {"remote": {"key": "/db/PASSWORD"}}))
    found = objects.one("InfisicalStaticSecret", "test-shared.kept")
    assert found["metadata"]["annotations"]["pulumi.com/waitFor"] == "condition=secrets.infisical.com/LastReconcileStatus"
    assert found["spec"] == {
        "infisicalAuthRef": {"name": "test-shared.one", "namespace": "mcp-test"},
        "syncOptions": {"refreshInterval": "60s"},
        "sources": [{"projectSlug": "acme", "environmentSlug": "test", "secretPath": "/db"}],
        "targets": [
            {
                "name": "test-shared.kept",
                "namespace": "mcp-test",
                "kind": "Secret",
                "creationPolicy": "Owner",
                "template": {"engineVersion": "v1", "data": {"value": "{{ .PASSWORD.Value }}"}},
            }
        ],
    }
    auth = objects.one("InfisicalAuth", "test-shared.one")["spec"]
    reference = {"name": "test-shared.store.one", "key": "credential", "namespace": "mcp-test"}
    assert auth == {
        "infisicalConnectionRef": {"name": "test-shared.one", "namespace": "mcp-test"},
        "method": "universal",
        "universal": {"clientIdRef": reference, "clientSecretRef": reference},
    }
    assert judged([found, *(one for one in objects if one["kind"] in ("InfisicalAuth", "InfisicalConnection"))]) == {}


def test_infisicals_operator_in_full(render):
    body = {
        **OWN["infisical_operator"],
        "ca": {"existing": "a", "key": "b"},
        "path": "/mcp",
        "recursive": True,
        "tags": ["t"],
        "instant_updates": True,
        "auth": {"kubernetes": {"identity_id": C, "service_account": {"name": "a", "audiences": ["b"]}}},
    }
    target = {"template": {"type": "t", "labels": {"a": "b"}}, "creation": "Orphan"}
    secret = {"data": {"A": {"key": "sub/A-b"}}, "target": target}
    objects = render(stack({"infisical_operator": body}, secret, **{"servers.web.env": {"T": {"secret": "kept/A"}}}))
    spec = objects.one("InfisicalStaticSecret", "test-shared.kept")["spec"]
    assert spec["syncOptions"] == {"refreshInterval": "60s", "instantUpdates": True}
    (source,), (made,) = spec["sources"], spec["targets"]
    assert (source["secretPath"], source["recursive"], source["tagSlugs"]) == ("/mcp/sub", True, ["t"])
    assert made["template"]["data"] == {"A": '{{ (index . "A-b").Value }}'}
    assert (made["secretType"], made["creationPolicy"]) == ("t", "Orphan")
    assert made["metadata"] == {"labels": {"a": "b"}, "annotations": {}}
    connection = objects.one("InfisicalConnection", "test-shared.one")["spec"]
    assert connection["tls"] == {"caCertificate": {"name": "a", "key": "b", "namespace": "mcp-test"}}
    auth = objects.one("InfisicalAuth", "test-shared.one")["spec"]["kubernetes"]
    assert auth["serviceAccountRef"] == {"name": "a", "namespace": "mcp-test"}
    assert auth["serviceAccountTokenAudiences"] == ["b"]
    assert judged([one for one in objects if one["apiVersion"].startswith("secrets.infisical.com")]) == {}


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        ({"data_from": [{"find": {"path": "/all"}}]}, None),
        (
            {"data_from": [{"find": {}}], "target": {"template": {"data": {"KEY": "{{ .A.Value }}"}}}},
            {"engineVersion": "v1", "data": {"KEY": "{{ .A.Value }}"}},
        ),
    ],
)
def test_infisicals_operator_takes_a_whole_folder_or_makes_something_of_it(render, secret, expected):
    found = asked(render, OWN, secret, **{"servers.web.env": {"T": {"secret": "kept/KEY"}}})
    assert found["spec"]["targets"][0].get("template") == expected
    assert found["spec"]["sources"][0]["secretPath"] == ("/" if expected else "/all")
    assert judged([found]) == {}


def test_the_operators_objects_are_for_its_stores_alone():
    spec = load_spec({**STACK, "secret_stores": {"one": FAKE}}, "test", offered=True)
    with pytest.raises(ValueError, match="'one' is not one of Infisical's operator"):
        operator_store(spec, "one")
